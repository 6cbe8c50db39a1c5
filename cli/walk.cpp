// txsim walk: one more fault at each moment of a run, one run each, and what comes of it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/library.h"
#include "cli/numbers.h"
#include "cli/progress.h"
#include "reports/names.h"
#include "reports/walk_page.h"
#include "reports/walk_text.h"
#include "scenarios/values.h"
#include "scenarios/words.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

struct WalkArguments {
  std::string file;
  std::string crash;
  std::string pause;
  std::string partition;
  std::string drop;
  std::string lasts;  // --for
  std::string from;
  std::string to;
  std::string runs;
  std::string seed;
  std::vector<std::string> settings;
  std::string jobs;
  std::string html;
  ColorChoice color = ColorChoice::Auto;
  bool json = false;
};

constexpr const char* kUsualDuration = "2s";
// Of all runs together, unless --runs says otherwise: a few minutes.
constexpr std::uint64_t kMostEventsInAll = 1'000'000'000;

// What the user chose.
struct ChosenFault {
  const char* option = nullptr;
  const char* verb = nullptr;
  const char* form = nullptr;
  std::string words;
};

template <class Parse>
auto parsed(const char* option, const std::string& text, Parse parse) {
  try {
    return parse(text);
  } catch (const BadValue& bad) {
    throw InputError(fmt::format("{}: {}", option, bad.what()));
  }
}

class WalkCommand {
 public:
  explicit WalkCommand(WalkArguments arguments) : arguments_(std::move(arguments)) {}

  int go() {
    check_arguments();
    const std::vector<std::string> files = find_scenarios({arguments_.file});
    if (files.size() != 1) throw InputError("walk takes one scenario at a time");
    if (!arguments_.html.empty()) check_no_input(arguments_.html, files);
    file_ = files.front();
    scenario_ = read_scenario(file_, arguments_.settings);
    if (scenario_ == nullptr) return kBadInput;
    wanted_.faults = read_faults();
    bound_events();
    const WalkPlan plan = plan_walk(scenario_, wanted_);
    if (plan.places.empty()) throw InputError(why_empty(plan));
    Progress progress("runs", plan.places.size(), 0);
    const WalkResult result = walk(plan, jobs_, [&](std::uint64_t done, std::uint64_t violated) {
      progress.advance(done, violated);
    });
    tell({&plan, &result, first_faults(plan, result), again(), run_one()});
    return result.is_as_expected() ? kAllMet : kNotMet;
  }

 private:
  void check_arguments() {
    read_choice();
    if (!arguments_.runs.empty()) {
      wanted_.most_runs = whole("--runs", arguments_.runs, "a number of runs");
    }
    if (wanted_.most_runs == 0) throw InputError("--runs: at least one run is needed");
    if (!arguments_.from.empty()) wanted_.from = parsed("--from", arguments_.from, parse_time);
    if (!arguments_.to.empty()) wanted_.to = parsed("--to", arguments_.to, parse_time);
    if (wanted_.to < wanted_.from) {
      throw InputError(fmt::format("--to: {} is before --from {}", arguments_.to, arguments_.from));
    }
    jobs_ = arguments_.jobs.empty() ? std::max(1U, std::thread::hardware_concurrency())
                                    : number_of_jobs(arguments_.jobs);
    if (!arguments_.seed.empty()) {
      whole("--seed", arguments_.seed, "a whole number from 0 to 18446744073709551615");
      arguments_.settings.push_back("scenario.seed=" + arguments_.seed);
    }
    if (arguments_.html == "-" && arguments_.json) {
      throw InputError("--json and --html cannot both go to standard output");
    }
    if (!arguments_.html.empty()) check_writable(arguments_.html);
  }

  // Exactly one kind of fault.
  void read_choice() {
    const ChosenFault kinds[] = {
        {"--crash", "crash", "NODES such as order, participant or any", arguments_.crash},
        {"--pause", "pause", "NODES such as order, participant or any", arguments_.pause},
        {"--partition", "partition", "'NODES | NODES', 'NODES | rest' or 'NODES -> NODES'",
         arguments_.partition},
        {"--drop", "drop", "'MESSAGE NODES -> NODES', where each may be any", arguments_.drop}};
    std::vector<std::string> given;
    for (const ChosenFault& kind : kinds) {
      if (trimmed(kind.words).empty()) continue;
      given.emplace_back(kind.option);
      chosen_ = kind;
    }
    constexpr const char* kAdvice = "name one of --crash, --pause, --partition and --drop";
    if (given.empty()) throw InputError(fmt::format("which fault? {}", kAdvice));
    if (given.size() > 1) {
      throw InputError(fmt::format("{} are two kinds of faults: {}, and walk once for each",
                                   fmt::join(given, " and "), kAdvice));
    }
    if (is_loss() && !arguments_.lasts.empty()) {
      throw InputError("--for: a lost message does not come back; leave it out with --drop");
    }
    const std::string& lasts = arguments_.lasts.empty() ? kUsualDuration : arguments_.lasts;
    duration_ = parsed("--for", lasts, parse_duration_or_never).duration;
    if (!duration_ && chosen_.option == std::string_view("--pause")) {
      throw InputError("--for never: a pause has an end; --crash NODES --for never has none");
    }
    if (duration_ && duration_->ns == 0) {
      throw InputError("--for: a fault lasts longer than 0; write --for 100ms, or --for never");
    }
  }

  bool is_loss() const { return chosen_.option == std::string_view("--drop"); }

  // ---- The faults, by the scenario language

  std::vector<Fault> read_faults() const {
    const bool is_of_nodes =
        chosen_.verb == std::string_view("crash") || chosen_.verb == std::string_view("pause");
    if (!is_of_nodes) return {read_fault(chosen_.words)};
    std::string words(trimmed(chosen_.words));
    if (words.starts_with("any ")) words = trimmed(words.substr(4));
    if (words == "it") throw InputError(fmt::format("{} it: name the nodes", chosen_.option));
    std::vector<NodeId> nodes;
    if (words == "any") {
      for (NodeId node = 0; node < scenario_->plan.nodes.size(); ++node) {
        if (node != scenario_->client) nodes.push_back(node);
      }
      words = scenario_->plan.nodes.front();
    }
    const Fault fault = read_fault(words);
    if (nodes.empty()) nodes = fault.nodes;
    std::vector<Fault> faults(nodes.size(), fault);
    for (std::size_t i = 0; i < nodes.size(); ++i) faults[i].nodes = {nodes[i]};
    return faults;
  }

  // The language's sentence with these words, as a fault of the scenario.
  Fault read_fault(const std::string& words) const {
    std::string sentence = fmt::format("{} {}", chosen_.verb, words);
    if (!is_loss()) sentence += " at 0ms";
    if (!is_loss() && duration_) sentence += " for " + text(*duration_);
    std::vector<std::string> settings = arguments_.settings;
    settings.push_back("faults.fault=" + sentence);
    const ParsedScenario read = parse_scenario(file_, read_file, settings);
    if (read.scenario == nullptr) throw InputError(why_wrong(read.errors));
    return read.scenario->faults.back();
  }

  // The error about the sentence, without its form, which the user has not written.
  std::string why_wrong(const std::vector<ScenarioError>& errors) const {
    std::string why = errors.front().message;
    constexpr std::string_view kKey = "fault: ";
    if (why.starts_with(kKey)) why.erase(0, kKey.size());
    why.erase(std::min(why.find("; write: "), why.size()));
    return fmt::format("{} {}: {}; write {}", chosen_.option, txsim::quoted(chosen_.words), why,
                       chosen_.form);
  }

  // ---- Bounds

  // Each run of the walk is about as long as the undisturbed one. That is done without its trace
  // first, because a long one would not fit.
  void bound_events() {
    const std::uint64_t events = run_scenario(scenario_).statistics.events;
    if (arguments_.runs.empty()) {
      wanted_.most_runs =
          std::clamp<std::uint64_t>(kMostEventsInAll / (events + 1), 1, wanted_.most_runs);
    }
    if (events <= kMostEventsWalked) return;
    throw InputError(fmt::format(
        "{}: the run has {} events, and a walk takes runs of at most {}: lower the number of "
        "orders (--set workload.orders=100) or the horizon (--set scenario.horizon=10s)",
        file_, events, kMostEventsWalked));
  }

  std::string why_empty(const WalkPlan& plan) const {
    const Trace& trace = plan.undisturbed.trace;
    if (!arguments_.from.empty() || !arguments_.to.empty()) {
      return fmt::format("{} between --from and --to; the events of the run are at {} to {}",
                         is_loss() ? "no such message is sent" : "nothing happens",
                         text(trace.front().time), text(trace.back().time));
    }
    return fmt::format(
        "{} {}: no such message is sent in the undisturbed run; {} run {} shows what is sent",
        chosen_.option, txsim::quoted(chosen_.words), program_name(), shell_word(file_));
  }

  // ---- What is told

  static std::vector<std::string> first_faults(const WalkPlan& plan, const WalkResult& result) {
    std::vector<std::string> sentences;
    for (const WalkRow& row : result.rows) {
      sentences.push_back(
          fault_text(plan.fault_at(row.first), *plan.scenario, plan.undisturbed.spec->dictionary));
    }
    return sentences;
  }

  void tell(const WalkReport& report) const {
    if (!arguments_.html.empty()) write_file(arguments_.html, walk_page(report));
    if (arguments_.html == "-") return;
    const Paint paint(use_color(arguments_.color));
    print(arguments_.json ? json_walk(report) : text_walk(report, paint));
    if (!arguments_.html.empty() && !arguments_.json) {
      print(fmt::format("written to {}\n", shell_word(arguments_.html)));
    }
  }

  std::string settings_text(bool with_faults) const {
    std::string words;
    for (const std::string& setting : arguments_.settings) {
      const bool is_seed = !arguments_.seed.empty() && &setting == &arguments_.settings.back();
      const bool is_fault = trimmed(setting.substr(0, setting.find('='))) == "faults.fault";
      if (is_fault && !with_faults) continue;
      words += is_seed ? " --seed " + arguments_.seed : " --set " + shell_word(setting);
    }
    return words;
  }

  std::string again() const {
    std::string line = fmt::format("{} walk {} {} {}", program_name(), shell_word(arguments_.file),
                                   chosen_.option, shell_word(chosen_.words));
    const auto add = [&](const char* option, const std::string& value) {
      if (!value.empty()) line += fmt::format(" {} {}", option, shell_word(value));
    };
    add("--for", arguments_.lasts);
    add("--from", arguments_.from);
    add("--to", arguments_.to);
    add("--runs", arguments_.runs);
    return line + settings_text(true);
  }

  // --set replaces all faults of the file, so the scenario's own faults are repeated.
  std::string run_one() const {
    std::string line = fmt::format("{} run {}{}", program_name(), shell_word(arguments_.file),
                                   settings_text(false));
    for (const std::string& fault : scenario_->fault_texts) {
      line += " --set " + shell_word("faults.fault=" + fault);
    }
    return line + " --set ";
  }

  WalkArguments arguments_;
  ChosenFault chosen_;
  std::optional<Duration> duration_;  // none: never back
  WalkWanted wanted_;
  unsigned jobs_ = 1;
  std::string file_;
  std::shared_ptr<const Scenario> scenario_;
};

}  // namespace

void add_walk(CLI::App& app, Job& job) {
  auto arguments = std::make_shared<WalkArguments>();
  CLI::App* command = app.add_subcommand(
      "walk", "Place a fault at each moment of a run, one run each, and show what comes of it");
  command->add_option("FILE", arguments->file, "The scenario")->type_name("")->required();
  const auto value = [&](const char* name, std::string& into, const char* form, const char* help) {
    command->add_option(name, into, help)->type_name(form);
  };
  value("--crash", arguments->crash, "NODES",
        "Crash these nodes, one walk for each: names, a role, or any");
  value("--pause", arguments->pause, "NODES", "Pause these nodes, one walk for each");
  value("--partition", arguments->partition, "'NODES | NODES'",
        "Cut these nodes off from each other");
  value("--drop", arguments->drop, "'MESSAGE NODES -> NODES'",
        "Lose each such message, one run each; MESSAGE and NODES may be any");
  value("--for", arguments->lasts, "DURATION|never", "How long the fault lasts (2s)");
  value("--from", arguments->from, "TIME", "Only moments from then on");
  value("--to", arguments->to, "TIME", "Only moments up to then");
  value("--runs", arguments->runs, "N",
        "At most so many runs, evenly spread (10000; fewer if they are long)");
  value("--seed", arguments->seed, "N", "Use this seed instead of the scenario's");
  command
      ->add_option("--set", arguments->settings, "Set a scenario key; may be given several times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->take_all();
  value("--jobs", arguments->jobs, "N", "Number of runs at a time (one for each processor)");
  value("--html", arguments->html, "FILE", "Write an HTML page with the diagram (- for stdout)");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  add_color(*command, arguments->color);
  command->footer(
      "Examples:\n"
      "  txsim walk FILE --crash order --for 2s\n"
      "  txsim walk FILE --crash any --for never --html walk.html\n"
      "  txsim walk FILE --drop 'any order -> any' --from 10ms --to 2s\n"
      "  txsim walk FILE --partition 'order | rest' --for 5s\n\n"
      "Exit status: 0 no run violates an invariant, except as the scenario expects; 1 one does;\n"
      "2 bad usage or scenario, 3 a defect of txsim itself.");
  command->callback(
      [arguments, &job] { job = [arguments] { return WalkCommand(*arguments).go(); }; });
}

}  // namespace txsim
