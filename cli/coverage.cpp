// txsim coverage: which message met which state of a transaction, and which never did.
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
#include "cli/run_files.h"
#include "reports/explore_text.h"
#include "reports/names.h"
#include "reports/state_coverage.h"
#include "runs/explored_runs.h"

namespace txsim {
namespace {

struct CoverageArguments {
  std::vector<std::string> files;
  std::vector<std::string> settings;
  std::string seeds;
  std::string crashes = "0";
  std::string losses = "0";
  std::string duplicates = "0";
  std::string timeouts = "0";
  std::string states = "20000";
  ColorChoice color = ColorChoice::Auto;
  bool explores = false;
  bool json = false;
};

class CoverageCommand {
 public:
  explicit CoverageCommand(CoverageArguments arguments) : arguments_(std::move(arguments)) {}

  int go() {
    read_seeds();
    read_bounds();
    files_ = find_scenarios(arguments_.files);
    run_all();
    const bool has_runs = met_.runs() > 0;
    std::string explored;
    if (arguments_.explores) explored = explore_all();
    CoverageReport report;
    report.met = has_runs ? &met_ : &explored_;
    report.what = has_runs ? ran() : explored;
    report.is_complete = !has_runs && cut_ == 0;
    if (has_runs && arguments_.explores) {
      report.possible = &explored_;
      report.possible_what = explored;
    }
    const Paint paint(use_color(arguments_.color));
    print(arguments_.json ? json_coverage(report) : text_coverage(report, paint));
    return kAllMet;
  }

 private:
  void read_seeds() {
    const std::string& text = arguments_.seeds;
    if (text.empty()) return;
    constexpr const char* kForm = "a seed, or the first and the last: 1..1000";
    const bool is_one = text.find("..") == std::string::npos;
    const Seeds read = seeds_of(is_one ? text + ".." + text : text, kForm, kMostSeeds);
    first_seed_ = read.first;
    seeds_ = read.count;
  }

  void read_bounds() {
    settings_.budget = {small_number("--crashes", arguments_.crashes),
                        small_number("--losses", arguments_.losses),
                        small_number("--duplicates", arguments_.duplicates),
                        small_number("--timeouts", arguments_.timeouts)};
    const bool has_budget = settings_.budget != FaultBudget{};
    if (has_budget && !arguments_.explores) {
      throw InputError("--crashes, --losses, --duplicates and --timeouts need --explore");
    }
    settings_.bounds.states = std::max<std::uint64_t>(
        1, std::min(whole("--states", arguments_.states, "a number of states"),
                    settings_.bounds.states));
    settings_.bounds.jobs = std::max(1U, std::thread::hardware_concurrency());
  }

  std::shared_ptr<const Scenario> read(const std::string& file,
                                       const std::vector<std::string>& settings) const {
    const ParsedScenario parsed = parse_scenario(file, read_file, settings);
    tell_problems(parsed.errors, parsed.hints);
    if (parsed.scenario != nullptr) return parsed.scenario;
    throw InputError(fmt::format("{} cannot be read", file));
  }

  // With --explore and without --seeds, the scenarios are only explored.
  void run_all() {
    if (arguments_.explores && seeds_ == 0) return;
    const std::uint64_t each = std::max<std::uint64_t>(1, seeds_);
    Progress progress("runs", files_.size() * each, 0);
    RunOptions options;
    options.keep_trace = true;
    options.keep_transactions = false;
    for (const std::string& file : files_) {
      for (std::uint64_t i = 0; i < each; ++i) {
        std::vector<std::string> settings = arguments_.settings;
        if (seeds_ > 0) settings.push_back(fmt::format("scenario.seed={}", first_seed_ + i));
        const RunResult run = run_scenario(read(file, settings), options);
        if (!run.all_met) ++not_met_;
        met_.add(run);
        progress.advance(met_.runs(), not_met_);
      }
    }
  }

  std::string ran() const {
    const std::string scenarios =
        files_.size() == 1 ? printable(files_.front()) : fmt::format("{} scenarios", files_.size());
    if (seeds_ == 0)
      return "one run of " + (files_.size() == 1 ? scenarios : "each of " + scenarios);
    return fmt::format("seeds {} to {} of {}", first_seed_, first_seed_ + (seeds_ - 1), scenarios);
  }

  std::string explore_all() {
    std::uint64_t states = 0;
    for (const std::string& file : files_) {
      const SearchResult search =
          each_explored_run(read(file, arguments_.settings), settings_,
                            [&](const RunResult& run) { explored_.add(run); });
      states += search.states;
      if (search.end != SearchEnd::Exhausted) ++cut_;
    }
    std::string text = fmt::format("every order of events, with {}", budget_text(settings_.budget));
    text += fmt::format(": {} states of {}", states,
                        files_.size() == 1 ? printable(files_.front())
                                           : fmt::format("{} scenarios", files_.size()));
    if (cut_ > 0) text += fmt::format(", cut short in {} by --states {}", cut_, arguments_.states);
    return text;
  }

  static constexpr std::uint64_t kMostSeeds = 1'000'000;

  CoverageArguments arguments_;
  ExploreSettings settings_;
  std::vector<std::string> files_;
  std::uint64_t first_seed_ = 0;
  std::uint64_t seeds_ = 0;  // 0: each scenario's own
  std::uint64_t not_met_ = 0;
  std::uint64_t cut_ = 0;  // explorations that a bound cut short
  StateCoverage met_;
  StateCoverage explored_;
};

}  // namespace

void add_coverage(CLI::App& app, Job& job) {
  auto arguments = std::make_shared<CoverageArguments>();
  CLI::App* command = app.add_subcommand(
      "coverage", "Show which message met which state of a transaction, and which never did");
  command->add_option("FILE", arguments->files, "Scenarios, or folders of them")
      ->type_name("")
      ->required();
  const auto value = [&](const char* name, std::string& into, const char* form, const char* help) {
    command->add_option(name, into, help)->type_name(form);
  };
  value("--seeds", arguments->seeds, "A..B", "Run each scenario with these seeds (with its own)");
  command->add_flag("--explore", arguments->explores,
                    "Also explore, and compare the runs with all that is possible");
  value("--crashes", arguments->crashes, "N", "--explore: crashes of any node (0)");
  value("--losses", arguments->losses, "N", "--explore: messages lost (0)");
  value("--duplicates", arguments->duplicates, "N", "--explore: messages that arrive twice (0)");
  value("--timeouts", arguments->timeouts, "N", "--explore: timers that fire too early (0)");
  value("--states", arguments->states, "N", "--explore: bound of each search (20000)");
  command
      ->add_option("--set", arguments->settings, "Set a scenario key; may be given several times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->take_all();
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  add_color(*command, arguments->color);
  command->footer(
      "Examples:\n"
      "  txsim coverage scenarios/order/tcc\n"
      "  txsim coverage FILE --seeds 1..1000 --set faults.loss=5%\n"
      "  txsim coverage FILE --seeds 1..1000 --set faults.loss=5% --explore --losses 1\n\n"
      "Exit status: 0 done, 2 bad usage or scenario, 3 a defect of txsim itself.");
  command->callback(
      [arguments, &job] { job = [arguments] { return CoverageCommand(*arguments).go(); }; });
}

}  // namespace txsim
