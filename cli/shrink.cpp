// txsim shrink: the least scenario that still violates the invariant that a run, or a recorded
// schedule, violates.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/library.h"
#include "cli/numbers.h"
#include "cli/progress.h"
#include "reports/names.h"
#include "reports/shrink_text.h"
#include "runs/shrink.h"
#include "runs/shrink_schedule.h"
#include "scenarios/words.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

// The most states searched after a step for one that ends well.
constexpr std::uint64_t kMostStates = 10'000;

// The longest run that is shrunk: thousands of runs may be as long, and a trace is kept.
constexpr std::uint64_t kMostEvents = 5'000'000;

struct ShrinkArguments {
  std::string file;
  std::string seed;
  std::string invariant;
  std::string tries = "20000";
  std::string out;
  std::vector<std::string> settings;
  ColorChoice color = ColorChoice::Auto;
  bool json = false;
};

class ShrinkCommand {
 public:
  explicit ShrinkCommand(ShrinkArguments arguments) : arguments_(std::move(arguments)) {}

  int go() {
    check_arguments();
    const std::optional<Draft> draft = read();
    if (!draft) return status_;
    const ShrinkResult result = shrunk(*draft);
    if (result.invariant.empty()) return tell_nothing(result);
    return tell(result);
  }

 private:
  void check_arguments() {
    settings_.tries = whole("--tries", arguments_.tries, "a number of runs");
    if (settings_.tries == 0) throw InputError("--tries: at least one run is needed");
    std::vector<std::string> known;
    for (const InvariantInfo& info : invariants()) known.emplace_back(info.name);
    const std::string& name = arguments_.invariant;
    if (!name.empty() && std::find(known.begin(), known.end(), name) == known.end()) {
      throw InputError(fmt::format("--invariant: there is no invariant '{}'{}", name,
                                   did_you_mean(name, known)));
    }
    settings_.invariant = name;
    if (!arguments_.seed.empty()) {
      whole("--seed", arguments_.seed, "a whole number from 0 to 18446744073709551615");
    }
    if (!arguments_.out.empty()) check_writable(arguments_.out);
  }

  // Nothing: `status_` says why.
  std::optional<Draft> read() {
    const FileText file = read_file(arguments_.file);
    if (file.text && file.text->starts_with("txsim schedule ")) return read_schedule(*file.text);
    const std::vector<std::string> files = find_scenarios({arguments_.file});
    if (files.size() != 1) throw InputError("shrink takes one scenario at a time");
    check_no_input(files);
    std::vector<std::string> settings = arguments_.settings;
    if (!arguments_.seed.empty()) settings.push_back("scenario.seed=" + arguments_.seed);
    return read_scenario(files.front(), settings);
  }

  std::optional<Draft> read_scenario(const std::string& path,
                                     const std::vector<std::string>& settings) {
    const ReadDraft read = read_draft(path, read_file, settings);
    tell_problems(read.errors, read.hints);
    status_ = kBadInput;
    if (read.draft) from_ = fmt::format("{}, seed {}", path, read.scenario->seed);
    return read.draft;
  }

  std::optional<Draft> read_schedule(const std::string& text) {
    const ParsedSchedule parsed = parse_schedule(text);
    status_ = kBadInput;
    if (!parsed.error.empty()) {
      print_error(fmt::format("{}:{}: {}", arguments_.file, parsed.line, parsed.error));
      return std::nullopt;
    }
    Schedule schedule = parsed.schedule;
    if (!arguments_.seed.empty() || !arguments_.settings.empty()) {
      throw InputError("--seed and --set are for scenarios: a schedule has its own");
    }
    if (!settings_.invariant.empty()) schedule.violated = settings_.invariant;
    if (schedule.violated.empty()) throw InputError("the schedule violates nothing");
    settings_.invariant = schedule.violated;
    check_no_input({arguments_.file, schedule.scenario});
    const std::optional<Draft> draft = read_scenario(schedule.scenario, schedule.settings);
    if (!draft) return std::nullopt;
    from_ = arguments_.file;
    TimedSchedule timed = time_schedule(*draft, schedule);
    if (timed.replay.differs) {
      print_error(fmt::format(
          "{0} shrink: choice {1} of {2} is not possible any more ({3}); {0} replay {4} shows it",
          program_name(), timed.replay.difference.step, schedule.steps.size(),
          timed.replay.difference.label, shell_word(arguments_.file)));
      status_ = kReplayDiffers;
    } else if (!timed.draft) {
      print_error(fmt::format(
          "{0} shrink: no delays were found under which this schedule violates {1}: timers would "
          "have to fire in an order that their lengths do not allow; {0} replay {2} shows it",
          program_name(), schedule.violated, shell_word(arguments_.file)));
      status_ = kNotMet;
    }
    return timed.draft;
  }

  void check_no_input(const std::vector<std::string>& files) const {
    if (!arguments_.out.empty()) txsim::check_no_input(arguments_.out, files);
  }

  ShrinkResult shrunk(const Draft& draft) {
    const std::uint64_t events = run_scenario(parse(draft).scenario).statistics.events;
    if (events > kMostEvents) {
      throw InputError(fmt::format(
          "the run has {} events, more than {}: lower the number of orders or the horizon", events,
          kMostEvents));
    }
    ProgressLine line(WithoutTerminal::Nothing);
    settings_.progress = [&](const ShrinkProgress& progress) {
      const ProgressLine::Clock::time_point now = ProgressLine::Clock::now();
      if (!line.is_due(now)) return;
      line.show(fmt::format("{} runs tried; left: {} faults, {} transactions", progress.tries,
                            progress.faults, progress.transactions),
                now);
    };
    return shrink(draft, settings_);
  }

  int tell_nothing(const ShrinkResult& result) const {
    std::vector<std::string> violated;
    for (const Judgement& judgement : result.run.verdicts.judgements) {
      if (judgement.verdict == Verdict::Violated) violated.emplace_back(judgement.invariant);
    }
    const std::string what =
        settings_.invariant.empty() ? "nothing is" : settings_.invariant + " is not";
    std::string hint = program_name() + " sweep finds seeds that violate something";
    if (!violated.empty()) hint = fmt::format("violated: {}", fmt::join(violated, ", "));
    print_error(fmt::format("{} shrink: {} violated by {}: there is nothing to shrink; {}",
                            program_name(), what, from_, hint));
    return kNotMet;
  }

  int tell(const ShrinkResult& result) {
    ShrinkReport report;
    report.result = &result;
    report.turning_point = find_turning_point(result.run, result.invariant, kMostStates);
    report.changes = try_single_changes(result.draft, result.invariant);
    report.from = from_;
    Draft draft = result.draft;
    draft.story = story_of(report);
    const std::string scenario = text(draft);
    const bool to_standard_output = arguments_.out == "-";
    if (!arguments_.out.empty()) {
      OutputFile file(arguments_.out);
      file.write(scenario);
      file.finish();
    }
    if (to_standard_output) return kAllMet;
    if (arguments_.json) {
      print(json_shrink(report, scenario));
      return kAllMet;
    }
    const Paint paint(use_color(arguments_.color));
    print(text_shrink(report, paint, prose_width()));
    if (arguments_.out.empty()) {
      draft.story.clear();  // printed above
      print("\n" + paint(Tone::Strong, "The scenario") + " (--out FILE writes it)\n\n" +
            text(draft));
    } else {
      print(fmt::format("\nwritten to {0}; {1} run {0} runs it\n", shell_word(arguments_.out),
                        program_name()));
    }
    return kAllMet;
  }

  ShrinkArguments arguments_;
  ShrinkSettings settings_;
  std::string from_;
  int status_ = kBadInput;
};

}  // namespace

void add_shrink(CLI::App& app, Job& job) {
  auto arguments = std::make_shared<ShrinkArguments>();
  CLI::App* command = app.add_subcommand(
      "shrink", "Reduce a violating run to what the violation needs, and explain it");
  command
      ->add_option("FILE", arguments->file,
                   "A scenario, or a schedule written by txsim explore --out")
      ->type_name("")
      ->required();
  command->add_option("--seed", arguments->seed, "The seed of the violating run")->type_name("N");
  command
      ->add_option("--set", arguments->settings, "Set a scenario key; may be given several times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->take_all();
  command
      ->add_option("--invariant", arguments->invariant,
                   "The invariant that must stay violated (the first violated one)")
      ->type_name("INVARIANT");
  command->add_option("--tries", arguments->tries, "Try at most N runs (20000)")->type_name("N");
  command->add_option("--out", arguments->out, "Write the scenario to FILE (- for stdout)")
      ->type_name("FILE");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  add_color(*command, arguments->color);
  command->footer(
      "Examples:\n"
      "  txsim shrink FILE --seed 4711\n"
      "  txsim shrink FILE --seed 4711 --out least.ini; txsim run least.ini --svg least.svg\n"
      "  txsim explore FILE --crashes 1 --out found.txt; txsim shrink found.txt\n\n"
      "Exit status: 0 shrunk, 1 nothing is violated, 2 bad usage or scenario,\n"
      "3 a defect of txsim itself, 4 the schedule is not possible any more.");
  command->callback(
      [arguments, &job] { job = [arguments] { return ShrinkCommand(*arguments).go(); }; });
}

}  // namespace txsim
