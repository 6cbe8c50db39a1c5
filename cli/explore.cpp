// txsim explore: every order of events and every placement of a few faults; txsim replay:
// one of these runs again.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "cli/ci.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/interruption.h"
#include "cli/library.h"
#include "cli/numbers.h"
#include "cli/progress.h"
#include "cli/run_files.h"
#include "cli/search_file.h"
#include "cli/search_watch.h"
#include "cli/version.h"
#include "reports/explore_text.h"
#include "reports/names.h"
#include "reports/search_progress.h"
#include "reports/text.h"
#include "runs/explore.h"
#include "runs/rehearsal.h"
#include "runs/states_of_orders.h"
#include "scenarios/words.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

struct ExploreArguments {
  std::string file;
  std::string crashes = "0";
  std::string crash_stops = "0";
  std::string losses = "0";
  std::string duplicates = "0";
  std::string timeouts = "0";
  std::string depth;
  std::string memory = "4GiB";
  std::string time;
  std::string jobs;
  std::string out;
  std::string save;
  std::string resume;
  CiReport ci;
  std::vector<std::string> invariants;
  std::vector<std::string> settings;
  ColorChoice color = ColorChoice::Auto;
  bool json = false;
  bool clock = false;
  bool progress = false;
  std::vector<std::string> reduce;
};

// "order", "timers", "symmetry"; "all".
Reductions reductions_of(const std::vector<std::string>& names) {
  std::vector<std::string> known = {"all"};
  for (const ReductionInfo& info : kReductions) known.emplace_back(info.name);
  Reductions reductions;
  for (const std::string& name : names) {
    if (name == "all") return Reductions::all();
    const auto found = std::find_if(kReductions.begin(), kReductions.end(),
                                    [&](const ReductionInfo& info) { return info.name == name; });
    if (found == kReductions.end()) {
      throw InputError(fmt::format("--reduce: there is no reduction '{}'{}; there are: {}", name,
                                   did_you_mean(name, known), fmt::join(known, ", ")));
    }
    reductions.*found->on = true;
  }
  return reductions;
}

class Explore {
 public:
  explicit Explore(ExploreArguments arguments) : arguments_(std::move(arguments)) {}

  int go() {
    read_settings();
    const std::vector<std::string> files = find_scenarios({arguments_.file});
    if (files.size() != 1) throw InputError("explore takes one scenario at a time");
    const auto scenario = read_scenario(files.front(), arguments_.settings);
    if (!scenario) return kBadInput;
    check_scenario(*scenario);
    check_files(files);
    warn_of_chance(*scenario);
    const SearchIdentity identity = identity_of(*scenario);
    if (!arguments_.resume.empty()) resume(scenario, identity);
    const Interruption interruption;
    ExploreResult result = watched(scenario);
    if (!result.lost.empty()) {
      throw InputError(
          fmt::format("{}: --clock: {}; explore it without --clock", scenario->name, result.lost));
    }
    if (result.counterexample) result.counterexample->schedule.settings = arguments_.settings;
    ExploreReport report{&result,        scenario.get(),      settings_,
                         elapsed_ms_,    arguments_.settings, again({}),
                         arguments_.out, arguments_.time,     {}};
    std::string unsaved;
    try {
      if (result.stopped) save(identity, *result.stopped, report);
    } catch (const InputError& error) {
      unsaved = error.what();
    }
    arguments_.ci.add(report);
    arguments_.ci.finish();
    show(report);
    if (!unsaved.empty()) throw InputError(unsaved + "; the search is lost");
    return result.passes() ? kAllMet : kNotMet;
  }

 private:
  // The command that repeats the exploration, as far as that does not depend on the machine: with
  // these bounds on depth and memory instead of its own, if any are given.
  struct Bounds {
    std::string depth;
    std::string memory;
  };
  std::string again(const Bounds& bounds) const {
    std::string line = program_name() + " explore " + shell_word(arguments_.file);
    const auto add = [&](const char* option, const std::string& value, const char* usual) {
      if (value != usual) line += fmt::format(" {} {}", option, shell_word(value));
    };
    add("--crashes", arguments_.crashes, "0");
    add("--crash-stops", arguments_.crash_stops, "0");
    add("--losses", arguments_.losses, "0");
    add("--duplicates", arguments_.duplicates, "0");
    add("--timeouts", arguments_.timeouts, "0");
    if (arguments_.clock) line += " --clock";
    add("--depth", bounds.depth.empty() ? arguments_.depth : bounds.depth, "");
    add("--memory", bounds.memory.empty() ? arguments_.memory : bounds.memory, "4GiB");
    for (const std::string& name : arguments_.invariants) add("--invariant", name, "");
    if (!arguments_.reduce.empty()) {
      add("--reduce", fmt::format("{}", fmt::join(arguments_.reduce, ",")), "");
    }
    for (const std::string& setting : arguments_.settings) add("--set", setting, "");
    return line;
  }

  void read_settings() {
    settings_.budget = {small_number("--crashes", arguments_.crashes),
                        small_number("--losses", arguments_.losses),
                        small_number("--duplicates", arguments_.duplicates),
                        small_number("--timeouts", arguments_.timeouts),
                        small_number("--crash-stops", arguments_.crash_stops)};
    SearchBounds& bounds = settings_.bounds;
    if (!arguments_.depth.empty()) {
      const std::uint64_t depth = whole("--depth", arguments_.depth, "a number of choices");
      bounds.depth = static_cast<std::uint32_t>(std::min<std::uint64_t>(depth, 1U << 30));
    }
    bounds.memory = bytes_of("--memory", arguments_.memory);
    bounds.jobs = std::max(1U, std::thread::hardware_concurrency());
    if (!arguments_.jobs.empty()) bounds.jobs = number_of_jobs(arguments_.jobs);
    if (!arguments_.time.empty()) time_ = time_of("--time", arguments_.time);
    settings_.keeps_stopped = !arguments_.save.empty();
    if (arguments_.ci.takes_standard_output() && arguments_.json) {
      throw InputError("--junit and --json cannot both go to standard output");
    }
    settings_.reductions = reductions_of(arguments_.reduce);
    std::vector<std::string> known;
    for (const InvariantInfo& info : invariants()) known.emplace_back(info.name);
    for (const std::string& name : arguments_.invariants) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      throw InputError(fmt::format("--invariant: there is no invariant '{}'{}", name,
                                   did_you_mean(name, known)));
    }
    settings_.invariants = arguments_.invariants;
    settings_.timing = arguments_.clock ? Timing::Clock : Timing::Untimed;
    settings_.checks_by_clock = !arguments_.clock;
    check_clock();
  }

  // What is not there by the clock.
  void check_clock() const {
    if (!arguments_.clock) return;
    if (settings_.budget.timeouts > 0) {
      throw InputError(
          "--timeouts: by the clock no timer fires too early; leave out --timeouts or --clock");
    }
    if (settings_.reductions.any()) {
      throw InputError(
          "--reduce: there are no reductions by the clock; leave out --reduce or --clock");
    }
    if (!arguments_.save.empty() || !arguments_.resume.empty()) {
      throw InputError(
          "--save and --resume: a search by the clock cannot be saved; leave them out");
    }
  }

  void check_scenario(const Scenario& scenario) const {
    if (!arguments_.clock) return;
    const std::string why = why_not_by_clock(scenario);
    if (why.empty()) return;
    throw InputError(fmt::format("{}: --clock does not know {}; explore it without --clock",
                                 scenario.name, why));
  }

  void check_files(const std::vector<std::string>& scenarios) const {
    arguments_.ci.check(scenarios);
    if (arguments_.save == "-") {
      throw InputError("--save: the search is no text for standard output: name a file");
    }
    for (const std::string& file : {arguments_.out, arguments_.save}) {
      if (file.empty()) continue;
      check_writable(file);
      check_no_input(file, scenarios);
    }
  }

  SearchIdentity identity_of(const Scenario& scenario) const {
    SearchIdentity identity;
    identity.version = kVersion;
    identity.scenario_digest = scenario.digest;
    identity.seed = scenario.seed;
    identity.budget = settings_.budget;
    for (const ReductionInfo& info : kReductions) {
      if (settings_.reductions.*info.on) identity.reductions += std::string(info.name) + " ";
    }
    identity.invariants = settings_.invariants.empty()
                              ? counted_by_default(scenario, settings_.budget)
                              : settings_.invariants;
    std::sort(identity.invariants.begin(), identity.invariants.end());
    identity.again = again({});
    return identity;
  }

  void resume(const std::shared_ptr<const Scenario>& scenario, const SearchIdentity& identity) {
    SavedSearch saved = load_search(arguments_.resume, identity);
    if (!can_go_on(scenario, settings_, *saved.search)) {
      throw InputError(arguments_.resume +
                       ": the same choices lead to other states now; without --resume the search "
                       "begins anew");
    }
    settings_.from = std::move(saved.search);
    elapsed_ms_ = saved.elapsed_ms;
  }

  ExploreResult watched(const std::shared_ptr<const Scenario>& scenario) {
    // By the clock, orders that come one after another do not multiply.
    if (!settings_.from && arguments_.depth.empty() && !arguments_.clock) {
      const std::string warning =
          size_warning(states_of_orders(*scenario, settings_), settings_.bounds);
      if (!warning.empty()) print_error(program_name() + " explore: " + warning);
    }
    SearchWatcher watcher(time_,
                          arguments_.progress ? WithoutTerminal::Lines : WithoutTerminal::Nothing);
    settings_.bounds.watch = [&](const SearchProgress& progress) { return watcher.look(progress); };
    ExploreResult result = explore(scenario, settings_);
    settings_.bounds.watch = nullptr;
    elapsed_ms_ += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(watcher.elapsed()).count());
    return result;
  }

  // A bound that is met again at once would help nobody: it is doubled.
  void save(const SearchIdentity& identity, const StoppedSearch& search, ExploreReport& report) {
    save_search(arguments_.save, identity, search, elapsed_ms_);
    const SearchBounds& bounds = settings_.bounds;
    Bounds next;
    const SearchEnd end = report.result->search.end;
    if (end == SearchEnd::DepthReached) next.depth = std::to_string(bounds.depth * 2);
    if (end == SearchEnd::MemoryFull) next.memory = fmt::format("{}MiB", (bounds.memory >> 19) + 1);
    const std::string file = shell_word(arguments_.save);
    report.resume = fmt::format("{} --save {} --resume {}", again(next), file, file);
  }

  void show(const ExploreReport& report) const {
    const ExploreResult& result = *report.result;
    const bool is_bare = arguments_.json || arguments_.ci.takes_standard_output();
    if (!arguments_.ci.takes_standard_output()) {
      const Paint paint(use_color(arguments_.color));
      print(arguments_.json ? json_exploration(report) : text_exploration(report, paint));
    }
    if (result.counterexample) write_schedule(*result.counterexample, is_bare);
    const bool is_cut =
        result.search.end != SearchEnd::Exhausted && result.search.end != SearchEnd::Violated;
    if (!is_cut || is_bare || arguments_.clock || !arguments_.save.empty()) return;
    print(
        "\n--save FILE writes a search that is stopped to a file; --resume FILE goes on from it\n");
  }

  static void warn_of_chance(const Scenario& scenario) {
    if (!scenario.random_faults.any()) return;
    print_error(program_name() +
                " explore: the scenario's random faults are left out; --crashes, --crash-stops, "
                "--losses and --duplicates say how many faults there may be");
  }

  void write_schedule(const Counterexample& found, bool is_bare) const {
    if (arguments_.out.empty()) {
      if (!is_bare) {
        print(fmt::format("\n--out FILE writes the run to a file; {} replay FILE shows it\n",
                          program_name()));
      }
      return;
    }
    OutputFile file(arguments_.out);
    file.write(schedule_text(found.schedule));
    file.finish();
    if (is_bare) return;
    print(fmt::format("\nwritten to {0}; {1} replay {0} shows the run\n",
                      shell_word(arguments_.out), program_name()));
  }

  ExploreArguments arguments_;
  ExploreSettings settings_;
  std::optional<std::chrono::nanoseconds> time_;
  std::uint64_t elapsed_ms_ = 0;  // of all parts of the search
};

struct ReplayArguments {
  std::string file;
  RunFiles files;
  std::string timeline = "60";
  ColorChoice color = ColorChoice::Auto;
  bool goes_on = false;
  bool quiet = false;
};

class ReplayOfFile {
 public:
  explicit ReplayOfFile(ReplayArguments arguments) : arguments_(std::move(arguments)) {}

  int go() {
    timeline_lines(arguments_.timeline);  // reports an error before the run rather than after
    const FileText read = read_file(arguments_.file);
    if (!read.text) {
      throw InputError(fmt::format("{}: {}", arguments_.file, read.error));
    }
    const ParsedSchedule parsed = parse_schedule(*read.text);
    if (!parsed.error.empty()) {
      print_error(fmt::format("{}:{}: {}", arguments_.file, parsed.line, parsed.error));
      return kBadInput;
    }
    const Schedule& schedule = parsed.schedule;
    arguments_.files.check({schedule.scenario});
    const auto scenario = read_scenario(schedule.scenario, schedule.settings);
    if (!scenario) return kBadInput;
    const WorldModel model(scenario, schedule.budget, ~std::uint32_t{0}, {}, schedule.timing);
    Rehearsal rehearsal(model);
    const Replay replayed = replay(schedule, rehearsal);
    if (arguments_.goes_on && schedule.timing == Timing::Clock) {
      throw InputError(
          arguments_.file +
          ": --continue: by the clock all delays of the run are chosen together; leave it out");
    }
    if (arguments_.goes_on) rehearsal.world().run(Time{scenario->horizon.ns});
    show(model, rehearsal);
    return tell(replayed, schedule);
  }

 private:
  void show(const WorldModel& model, Rehearsal& rehearsal) {
    RunResult run = finish_run(model.scenario(), model.spec(true), rehearsal.world());
    Report report{&run, {}, program_name() + " replay " + shell_word(arguments_.file)};
    for (const Fault& fault : run.faults_met) {
      report.faults_met.push_back(fault_text(fault, *run.scenario, run.spec->dictionary));
    }
    arguments_.files.write(report);
    arguments_.files.finish();
    if (arguments_.files.takes_standard_output()) return;
    TextSettings settings;
    settings.paint = Paint(use_color(arguments_.color));
    settings.width = terminal_width();
    settings.timeline_lines = timeline_lines(arguments_.timeline);
    print(arguments_.quiet ? text_failures(report, settings) : text_report(report, settings));
  }

  static int tell(const Replay& replayed, const Schedule& schedule) {
    if (!replayed.differs) {
      print_error(fmt::format("{} replay: {} choices and {} events, the same as recorded",
                              program_name(), replayed.steps, replayed.events));
      return kAllMet;
    }
    const Difference& difference = replayed.difference;
    const auto shown = [](const std::string& text) { return text.empty() ? "nothing" : text; };
    print_error(
        fmt::format("{} replay: differs in choice {} of {} ({})\n  recorded: {}\n  now: {}\n"
                    "  by txsim {}; another version may have recorded it",
                    program_name(), difference.step, schedule.steps.size(), difference.label,
                    shown(difference.recorded), shown(difference.now), kVersion));
    return kReplayDiffers;
  }

  ReplayArguments arguments_;
};

}  // namespace

void add_explore(CLI::App& app, Job& job) {
  auto arguments = std::make_shared<ExploreArguments>();
  CLI::App* command =
      app.add_subcommand("explore", "Try every order of events, with a few faults at every place");
  command->add_option("FILE", arguments->file, "A scenario")->type_name("")->required();
  const auto number = [&](const char* name, std::string& into, const char* help) {
    command->add_option(name, into, help)->type_name("N");
  };
  number("--crashes", arguments->crashes, "Crashes of any node, each with a restart (0)");
  number("--crash-stops", arguments->crash_stops, "Crashes of any node that never restarts (0)");
  number("--losses", arguments->losses, "Messages lost (0)");
  number("--duplicates", arguments->duplicates, "Messages that arrive twice (0)");
  number("--timeouts", arguments->timeouts,
         "Timers that fire too early, while a message or a write is under way (0)");
  number("--depth", arguments->depth, "Stop at runs of N choices (no bound)");
  command
      ->add_option("--memory", arguments->memory, "Stop before the search takes more memory (4GiB)")
      ->type_name("SIZE");
  command->add_option("--time", arguments->time, "Stop after this time, such as 60s (no bound)")
      ->type_name("DURATION");
  number("--jobs", arguments->jobs, "Number of threads (one for each processor)");
  command
      ->add_option("--invariant", arguments->invariants,
                   "Check only this invariant; may be given several times")
      ->type_name("INVARIANT")
      ->allow_extra_args(false)
      ->take_all();
  command
      ->add_option("--reduce", arguments->reduce, "Skip runs that cannot change the verdict (none)")
      ->type_name("order|timers|symmetry|all,...")
      ->delimiter(',');
  command
      ->add_option("--set", arguments->settings, "Set a scenario key; may be given several times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->take_all();
  command
      ->add_option("--out", arguments->out,
                   "Write the violating run to FILE, for txsim replay and txsim shrink")
      ->type_name("FILE");
  command->add_flag(
      "--clock", arguments->clock,
      "Try the orders that some real timing allows; without it, durations are unknown");
  command
      ->add_option("--save", arguments->save,
                   "Write a search that a bound or a signal has stopped to FILE")
      ->type_name("FILE");
  command->add_option("--resume", arguments->resume, "Go on from a file that --save wrote")
      ->type_name("FILE");
  arguments->ci.add_option(*command);
  command->add_flag("--progress", arguments->progress,
                    "Tell of progress even where standard error is no terminal");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  add_color(*command, arguments->color);
  command->footer(
      "Examples:\n"
      "  txsim explore scenarios/order/two-phase-commit/commit.ini "
      "--crashes 1 --losses 1\n"
      "  txsim explore FILE --crashes 1 --out found.txt; txsim "
      "replay found.txt --svg found.svg\n\n"
      "Exit status: 0 the search is exhausted and nothing is violated, or the expected violation\n"
      "is found; 1 otherwise, also if a bound or a signal (Ctrl-C) stopped the search; 2 bad\n"
      "usage or scenario; 3 a defect of txsim itself.");
  command->callback([arguments, &job] { job = [arguments] { return Explore(*arguments).go(); }; });
}

void add_replay(CLI::App& app, Job& job) {
  auto arguments = std::make_shared<ReplayArguments>();
  CLI::App* command =
      app.add_subcommand("replay", "Run a schedule written by explore, and compare every event");
  command->add_option("SCHEDULE", arguments->file, "A file written by txsim explore --out")
      ->type_name("")
      ->required();
  command->add_flag("--continue", arguments->goes_on,
                    "After the last choice, continue by the clock to the horizon");
  command->add_option("--timeline", arguments->timeline, "How much of the timeline to print (60)")
      ->type_name("LINES|all|none");
  arguments->files.add_options(*command);
  command->add_flag("--quiet", arguments->quiet, "Print only what is not as expected");
  add_color(*command, arguments->color);
  command->footer(
      "Exit status: 0 the run is as recorded, 4 it differs, 2 bad "
      "usage or schedule,\n"
      "3 a defect of txsim itself.");
  command->callback(
      [arguments, &job] { job = [arguments] { return ReplayOfFile(*arguments).go(); }; });
}

}  // namespace txsim
