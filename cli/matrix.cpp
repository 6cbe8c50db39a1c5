// txsim matrix: which guarantee is violated without which mechanism under which fault.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "cli/ci.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/interruption.h"
#include "cli/library.h"
#include "cli/matrix_files.h"
#include "cli/numbers.h"
#include "cli/progress.h"
#include "cli/search_watch.h"
#include "protocols/registry.h"
#include "reports/matrix_text.h"
#include "reports/names.h"
#include "reports/search_progress.h"
#include "runs/states_of_orders.h"
#include "scenarios/glossary.h"
#include "scenarios/words.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

struct MatrixArguments {
  std::vector<std::string> files;
  std::vector<std::string> protocols;
  std::vector<std::string> switches;
  std::vector<std::string> settings;
  std::string faults = "none,crash,loss,duplicate,timeout";
  std::string crashes = "1";
  std::string losses = "1";
  std::string duplicates = "1";
  std::string timeouts = "1";
  std::string states = "50000";
  std::string depth = "100";
  std::string memory = "1GiB";
  std::string time;
  std::string jobs;
  std::string out;
  CiReport ci;
  ColorChoice color = ColorChoice::Auto;
  bool json = false;
  bool progress = false;
};

// One file with at most one setting that overrides it.
std::shared_ptr<const Scenario> require_scenario(const std::string& file,
                                                 const std::vector<std::string>& settings) {
  if (auto scenario = read_scenario(file, settings)) return scenario;
  throw InputError(fmt::format("{} cannot be read", file));
}

class MatrixCommand {
 public:
  explicit MatrixCommand(MatrixArguments arguments) : arguments_(std::move(arguments)) {}

  int go() {
    read_bounds();
    read_faults();
    read_scenarios();
    if (!arguments_.out.empty()) check_matrix_folder(arguments_.out);
    arguments_.ci.check(files_);
    warn_of_size();
    const MatrixResult result = watched();
    MatrixReport report{&plan_, &result, {}, again()};
    if (!arguments_.out.empty()) write_matrix(arguments_.out, report);
    const MatrixTally all = tally(plan_, result);
    const std::string why = why_not_whole(all);
    arguments_.ci.add(report);
    if (!why.empty()) arguments_.ci.add_incomplete(why);
    arguments_.ci.finish();
    show(report);
    if (!why.empty()) print_error(program_name() + " matrix: " + why);
    return why.empty() && is_as_it_should_be(plan_, result) ? kAllMet : kNotMet;
  }

 private:
  // The searches, each watched by the thread that makes it.
  MatrixResult watched() {
    const Interruption interruption;
    Progress progress("searches", plan_.tries.size() * plan_.faults.size(), 0,
                      arguments_.progress ? WithoutTerminal::Lines : WithoutTerminal::Nothing);
    std::mutex mutex;
    std::uint64_t done = 0;
    std::uint64_t violated = 0;
    const auto show = [&] {
      if (progress.is_due()) progress.advance(done, violated, search_name(done));
    };
    plan_.bounds.watch = [&](const SearchProgress&) {
      const std::lock_guard lock(mutex);
      show();
      return why_to_stop(time_, progress.elapsed());
    };
    MatrixResult result =
        explore_matrix(plan_, [&](std::uint64_t now_done, std::uint64_t now_violated) {
          const std::lock_guard lock(mutex);
          done = now_done;
          violated = now_violated;
          show();
        });
    plan_.bounds.watch = nullptr;
    return result;
  }

  // "tcc without tcc.retry, loss": the search that is under way when so many are done.
  std::string search_name(std::uint64_t done) const {
    const std::size_t faults = plan_.faults.size();
    if (done >= plan_.tries.size() * faults) return "";
    const std::size_t row = plan_.tries[done / faults].row;
    return fmt::format("{} {}, {}", plan_.rows[row].protocol, row_name(plan_, row),
                       plan_.faults[done % faults].name);
  }

  std::string why_not_whole(const MatrixTally& all) const {
    if (all.stopped == 0) return "";
    const std::string by =
        Interruption::has_come() ? std::string("a signal") : "--time " + arguments_.time;
    return fmt::format("incomplete: {} ended it after {} of {} searches", by,
                       all.searches - all.stopped, all.searches);
  }

  void show(const MatrixReport& report) const {
    if (arguments_.ci.takes_standard_output()) return;
    const Paint paint(use_color(arguments_.color));
    print(arguments_.json ? json_matrix(report) : text_matrix(report, paint));
    if (!arguments_.out.empty() && !arguments_.json) {
      print(fmt::format("written to {}\n", shell_word(arguments_.out + "/report.html")));
    }
  }

  // Of each scenario once: what is turned off changes little.
  void warn_of_size() const {
    ExploreSettings settings;
    settings.bounds = plan_.bounds;
    settings.reductions = Reductions::all();
    for (std::size_t i = 0; i < plan_.tries.size(); ++i) {
      const MatrixPlan::Try& tried = plan_.tries[i];
      if (tried.as_is != i) continue;
      const std::string warning =
          size_warning(states_of_orders(*tried.scenario, settings), plan_.bounds);
      if (warning.empty()) continue;
      print_error(fmt::format("{} matrix: {}: {}", program_name(), tried.scenario->name, warning));
    }
  }

  void read_bounds() {
    SearchBounds& bounds = plan_.bounds;
    bounds.states = std::max<std::uint64_t>(
        1, std::min(whole("--states", arguments_.states, "a number of states"), bounds.states));
    const std::uint64_t depth = whole("--depth", arguments_.depth, "a number of choices");
    bounds.depth = static_cast<std::uint32_t>(std::min<std::uint64_t>(depth, 1U << 30));
    bounds.memory = bytes_of("--memory", arguments_.memory);
    bounds.jobs = arguments_.jobs.empty() ? std::max(1U, std::thread::hardware_concurrency())
                                          : number_of_jobs(arguments_.jobs);
    if (!arguments_.time.empty()) time_ = time_of("--time", arguments_.time);
    if (arguments_.ci.takes_standard_output() && arguments_.json) {
      throw InputError("--junit and --json cannot both go to standard output");
    }
  }

  void read_faults() {
    const FaultBudget most{small_number("--crashes", arguments_.crashes),
                           small_number("--losses", arguments_.losses),
                           small_number("--duplicates", arguments_.duplicates),
                           small_number("--timeouts", arguments_.timeouts)};
    const std::string& text = arguments_.faults;
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      plan_.faults.push_back(fault_of(text.substr(at, end - at), most));
      at = end + 1;
    }
  }

  static MatrixFault fault_of(const std::string& name, const FaultBudget& most) {
    MatrixFault fault{name, {}};
    const std::vector<std::string> known = {"none", "crash", "loss", "duplicate", "timeout"};
    for (std::size_t at = 0; at <= name.size();) {
      const std::size_t end = std::min(name.find('+', at), name.size());
      const std::string kind = name.substr(at, end - at);
      at = end + 1;
      if (kind == "crash") {
        fault.budget.crashes = most.crashes;
      } else if (kind == "loss") {
        fault.budget.losses = most.losses;
      } else if (kind == "duplicate") {
        fault.budget.duplicates = most.duplicates;
      } else if (kind == "timeout") {
        fault.budget.timeouts = most.timeouts;
      } else if (kind != "none" || name != "none") {
        throw InputError(
            fmt::format("--faults: '{}' is not none, crash, loss, duplicate, timeout, or several "
                        "of these joined by +{}",
                        kind, did_you_mean(kind, known)));
      }
    }
    return fault;
  }

  void read_scenarios() {
    std::vector<std::string> paths = arguments_.files;
    if (paths.empty()) {
      const std::string library = library_folder();
      if (library.empty()) throw InputError("there is no library of scenarios here: name files");
      paths.push_back((std::filesystem::path(library) / "matrix").string());
    }
    files_ = find_scenarios(paths);
    std::vector<MatrixSource> sources;
    std::vector<std::shared_ptr<const Scenario>> scenarios;
    for (const std::string& file : files_) {
      scenarios.push_back(require_scenario(file, arguments_.settings));
      sources.push_back(
          {scenarios.back(), arguments_.settings, [file](const std::vector<std::string>& settings) {
             return parse_scenario(file, read_file, settings).scenario;
           }});
    }
    for (std::string& key : arguments_.switches) key = current_name(key);
    check_names(scenarios);
    add_scenarios(sources, {arguments_.protocols, arguments_.switches}, plan_);
    if (plan_.tries.empty()) {
      throw InputError(fmt::format("none of the {} scenarios uses that protocol", files_.size()));
    }
  }

  static bool is_wanted(const std::vector<std::string>& wanted, const std::string& name) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  }

  void check_names(const std::vector<std::shared_ptr<const Scenario>>& scenarios) const {
    const std::vector<std::string> protocols = protocol_names();
    for (const std::string& name : arguments_.protocols) {
      if (is_wanted(protocols, name)) continue;
      throw InputError(fmt::format("--protocol: there is no protocol '{}'{}", name,
                                   did_you_mean_protocol(name)));
    }
    std::vector<std::string> keys;
    for (const auto& scenario : scenarios) {
      for (const Mechanism& mechanism : mechanisms_of(*scenario)) keys.push_back(mechanism.key);
    }
    for (const std::string& key : arguments_.switches) {
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      throw InputError(fmt::format("--switch: '{}' is no switch of these scenarios{}", key,
                                   switch_hint(key, keys)));
    }
  }

  // The near switches, or those of this name without its section; else all, or where they are.
  static std::string switch_hint(const std::string& wrong, std::vector<std::string> keys) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    Nearest near(wrong);
    near.offer_all(keys);
    if (near.found()) return near.hint();
    std::vector<std::string> named;
    for (const std::string& key : keys) {
      if (key.ends_with("." + wrong)) named.push_back(key);
    }
    if (!named.empty()) return fmt::format(" (did you mean '{}'?)", fmt::join(named, "' or '"));
    if (keys.empty()) return ": they have none";
    constexpr std::size_t kFew = 24;
    if (keys.size() > kFew) return fmt::format("; {} keys marks each (switch)", program_name());
    return fmt::format("; they have {}", fmt::join(keys, ", "));
  }

  std::string again() const {
    std::string line = program_name() + " matrix";
    for (const std::string& file : arguments_.files) line += " " + shell_word(file);
    const auto add = [&](const char* option, const std::string& value, const char* usual) {
      if (value != usual) line += fmt::format(" {} {}", option, shell_word(value));
    };
    for (const std::string& name : arguments_.protocols) add("--protocol", name, "");
    for (const std::string& key : arguments_.switches) add("--switch", key, "");
    const MatrixArguments usual;
    add("--faults", arguments_.faults, usual.faults.c_str());
    add("--crashes", arguments_.crashes, usual.crashes.c_str());
    add("--losses", arguments_.losses, usual.losses.c_str());
    add("--duplicates", arguments_.duplicates, usual.duplicates.c_str());
    add("--timeouts", arguments_.timeouts, usual.timeouts.c_str());
    add("--states", arguments_.states, usual.states.c_str());
    add("--depth", arguments_.depth, usual.depth.c_str());
    add("--memory", arguments_.memory, usual.memory.c_str());
    for (const std::string& setting : arguments_.settings) add("--set", setting, "");
    return line;
  }

  MatrixArguments arguments_;
  std::vector<std::string> files_;
  MatrixPlan plan_;
  std::optional<std::chrono::nanoseconds> time_;
};

}  // namespace

void add_matrix(CLI::App& app, Job& job) {
  auto arguments = std::make_shared<MatrixArguments>();
  CLI::App* command = app.add_subcommand(
      "matrix", "Show which guarantee is violated without which mechanism under which fault");
  command
      ->add_option("FILE", arguments->files,
                   "Scenarios, or folders of them (those of the library's folder matrix)")
      ->type_name("");
  const auto several = [&](const char* name, std::vector<std::string>& into, const char* form,
                           const char* help) {
    command->add_option(name, into, help)->type_name(form)->allow_extra_args(false)->take_all();
  };
  const auto value = [&](const char* name, std::string& into, const char* form, const char* help) {
    command->add_option(name, into, help)->type_name(form);
  };
  several("--protocol", arguments->protocols, "PROTOCOL",
          "Only this protocol; may be given several times");
  several("--switch", arguments->switches, "SWITCH",
          "Turn off only this mechanism (tcc.retry); may be given several times");
  value("--faults", arguments->faults, "none|crash|loss|duplicate|timeout,...",
        "The columns: a fault, or several joined by + (all five)");
  value("--crashes", arguments->crashes, "N", "Crashes in the columns with crashes (1)");
  value("--losses", arguments->losses, "N", "Lost messages in the columns with losses (1)");
  value("--duplicates", arguments->duplicates, "N",
        "Messages that arrive twice, in the columns with duplicates (1)");
  value("--timeouts", arguments->timeouts, "N",
        "Timers that fire too early, in the columns with timeouts (1)");
  value("--states", arguments->states, "N", "Bound of each search, in states (50000)");
  value("--depth", arguments->depth, "N", "Bound of each search, in choices (100)");
  value("--memory", arguments->memory, "SIZE", "Bound of each search, in memory (1GiB)");
  value("--time", arguments->time, "DURATION",
        "Stop after this time, such as 60s, with the searches done (no bound)");
  value("--jobs", arguments->jobs, "N", "Number of searches at a time (one for each processor)");
  several("--set", arguments->settings, "KEY=VALUE",
          "Set a scenario key; may be given several times");
  value("--out", arguments->out, "FOLDER",
        "Write report.html, matrix.json, and each violation as a schedule for txsim replay");
  arguments->ci.add_option(*command);
  command->add_flag("--progress", arguments->progress,
                    "Tell of progress even where standard error is no terminal");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  add_color(*command, arguments->color);
  command->footer(
      "Examples:\n"
      "  txsim matrix --protocol tcc\n"
      "  txsim matrix --protocol two-phase-commit --switch two-phase-commit.resend --out DIR\n\n"
      "Exit status: 0 with all mechanisms on, every promise is proved within the bounds, and\n"
      "without each of them, something is violated; 1 otherwise, also if a bound or a signal\n"
      "(Ctrl-C) stopped a search; 2 bad usage or scenario, 3 a defect of txsim itself.");
  command->callback(
      [arguments, &job] { job = [arguments] { return MatrixCommand(*arguments).go(); }; });
}

}  // namespace txsim
