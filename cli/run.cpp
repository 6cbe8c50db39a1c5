// txsim run: runs scenarios and reports what happened.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/ci.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/library.h"
#include "cli/numbers.h"
#include "cli/run_files.h"
#include "cli/terminal.h"
#include "cli/verify.h"
#include "reports/json.h"
#include "reports/names.h"
#include "reports/text.h"
#include "reports/timeline.h"
#include "scenarios/language.h"
#include "sim/assert.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

// The longest trace that is kept for a report as text.
constexpr std::uint64_t kMostEventsShown = 2'000'000;

struct RunArguments {
  std::vector<std::string> paths;
  std::string seed;
  std::vector<std::string> settings;
  RunFiles files;
  CiReport ci;
  std::string timeline = "60";
  ColorChoice color = ColorChoice::Auto;
  bool json = false;
  bool quiet = false;
  bool digest = false;
  bool verify = false;
};

class Run {
 public:
  explicit Run(RunArguments arguments) : arguments_(std::move(arguments)) {}

  int go() {
    check_arguments();
    const std::vector<std::string> files = find_scenarios(arguments_.paths);
    arguments_.files.check(files);
    arguments_.ci.check(files);
    for (const std::string& file : files) {
      name_width_ = std::max(name_width_, columns(printable(file)));
    }
    const bool one =  // not a folder
        arguments_.paths.size() == 1 && files.front() == find_in_library(arguments_.paths.front());
    for (const std::string& file : files) run_file(file, one);
    write([&] { arguments_.files.finish(); });
    write([&] { arguments_.ci.finish(); });
    if (arguments_.json) print((one ? json_objects() : json_array(json_)) + "\n");
    const bool summary = !one && !arguments_.json && !arguments_.quiet && !arguments_.digest &&
                         !is_standard_output_taken();
    if (summary) print(text_summary(tally_, settings_.paint));
    if (arguments_.verify) {
      print_error(fmt::format("{} run: verified {}: the second run is the same, event by event",
                              program_name(), verified_));
    }
    if (tally_.unreadable > 0 || failed_to_write_) return kBadInput;
    return tally_.not_as_expected > 0 ? kNotMet : kAllMet;
  }

 private:
  bool is_standard_output_taken() const {
    return arguments_.ci.takes_standard_output() || arguments_.files.takes_standard_output();
  }
  std::string json_objects() const { return json_.empty() ? "" : json_.front(); }

  void check_arguments() {
    settings_.paint = Paint(use_color(arguments_.color));
    settings_.width = terminal_width();
    settings_.timeline_lines = timeline_lines(arguments_.timeline);
    if (!arguments_.seed.empty()) {
      whole("--seed", arguments_.seed, "a whole number from 0 to 18446744073709551615");
      arguments_.settings.push_back("scenario.seed=" + arguments_.seed);
    }
    if (arguments_.json && (arguments_.quiet || arguments_.digest)) {
      throw InputError("--json prints everything: it cannot be combined with --quiet or --digest");
    }
    if (arguments_.ci.takes_standard_output() && arguments_.files.takes_standard_output()) {
      throw InputError("--junit and another file cannot both go to standard output");
    }
  }

  void run_file(const std::string& file, bool one) {
    const ParsedScenario parsed = parse_scenario(file, read_file, arguments_.settings);
    tell_problems(parsed.errors, parsed.hints);
    if (!parsed.scenario) {
      ++tally_.unreadable;
      arguments_.ci.add_unreadable(file, parsed.errors);
      return;
    }
    try {
      const RunResult result = run_and_keep(parsed.scenario, one);
      if (arguments_.verify) check_again(result);
      tell(result, file, one);
    } catch (const std::logic_error& error) {
      throw Defect(fmt::format("{}\n  while running {} with seed {}", error.what(), file,
                               parsed.scenario->seed));
    }
  }

  // Runs without a trace, which gives the length, and once more with a trace if one is needed.
  RunResult run_and_keep(const std::shared_ptr<const Scenario>& scenario, bool one) const {
    RunOptions options;
    options.keep_transactions = scenario->workload.orders <= kMostOrdersListed;
    RunResult result = run_scenario(scenario, options);
    const bool shown = !arguments_.json && !arguments_.digest &&
                       (arguments_.quiet ? !result.all_met : one) && !is_standard_output_taken();
    if (arguments_.files.any()) check_length(result);
    if (!arguments_.files.any() && (!shown || result.statistics.events > kMostEventsShown)) {
      return result;
    }
    options.keep_trace = true;
    RunResult traced = run_scenario(scenario, options);
    TXSIM_ASSERT(traced.digest == result.digest, "two runs of one scenario differ");
    return traced;
  }

  static void check_length(const RunResult& result) {
    if (result.statistics.events <= kMostEventsKept) return;
    throw InputError(
        fmt::format("{}: the trace would have {} events, at most {} are kept: lower the number of "
                    "orders or the horizon",
                    result.scenario->name, result.statistics.events, kMostEventsKept));
  }

  void check_again(const RunResult& result) {
    check_length(result);
    verify(result.scenario, result.digest);
    ++verified_;
  }

  void tell(const RunResult& result, const std::string& file, bool one) {
    ++(result.all_met ? tally_.as_expected : tally_.not_as_expected);
    const Report report = report_on(result, again(file));
    write([&] { arguments_.files.write(report); });
    arguments_.ci.add(report);
    if (is_standard_output_taken()) return;
    if (arguments_.digest) {
      print(fmt::format("digest {} {}\n", printable(file), digest_text(result.digest)));
    } else if (arguments_.json) {
      json_.push_back(json_report(report));
    } else if (arguments_.quiet) {
      print(text_failures(report, settings_));
    } else if (one) {
      print(text_report(report, settings_));
    } else {
      print(text_line(result, name_width_, line_width(), settings_.paint));
    }
  }

  std::string again(const std::string& file) const {
    std::string line = program_name() + " run " + shell_word(file);
    for (const std::string& setting : arguments_.settings) {
      const bool is_seed = !arguments_.seed.empty() && &setting == &arguments_.settings.back();
      line += is_seed ? " --seed " + arguments_.seed : " --set " + shell_word(setting);
    }
    return line;
  }

  // The report is printed even if a file cannot be written.
  template <class Write>
  void write(Write&& write_file) {
    try {
      write_file();
    } catch (const InputError& error) {
      print_error(fmt::format("{} run: {}", program_name(), error.what()));
      failed_to_write_ = true;
    }
  }

  RunArguments arguments_;
  TextSettings settings_;
  std::size_t name_width_ = 0;
  Tally tally_;
  std::uint64_t verified_ = 0;
  std::vector<std::string> json_;
  bool failed_to_write_ = false;
};

}  // namespace

void add_run(CLI::App& app, Job& job) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* run = app.add_subcommand("run", "Run scenarios and report what happened");
  run->add_option("FILE", arguments->paths, "Scenario files, or folders of them")
      ->type_name("")
      ->required();
  run->add_option("--seed", arguments->seed, "Use this seed instead of the scenario's")
      ->type_name("N");
  run->add_option("--set", arguments->settings, "Set a scenario key; may be given several times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->take_all();
  run->add_option("--timeline", arguments->timeline, "How much of the timeline to print (60)")
      ->type_name("LINES|all|none");
  arguments->files.add_options(*run);
  arguments->ci.add_option(*run);
  run->add_flag("--json", arguments->json, "Print the result as JSON");
  run->add_flag("--quiet", arguments->quiet, "Print only what is not as expected");
  run->add_flag("--digest", arguments->digest, "Print only the digest of each run");
  run->add_flag("--verify", arguments->verify, "Run everything twice and compare event by event");
  add_color(*run, arguments->color);
  run->footer(
      "Examples:\n"
      "  txsim run scenarios/order/two-phase-commit/commit.ini\n"
      "  txsim run FILE --seed 7 --set network.delay=5ms\n"
      "  txsim run FILE --svg picture.svg\n"
      "  txsim run FILE --trace trace.jsonl --mermaid diagram.mmd\n"
      "  txsim run scenarios/order/tcc --dot machines.dot --quiet\n"
      "  txsim run scenarios\n\n"
      "Exit status: 0 every expectation is met, 1 some are not, 2 bad usage or scenario,\n"
      "3 a defect of txsim itself.");
  run->callback([arguments, &job] { job = [arguments] { return Run(*arguments).go(); }; });
}

}  // namespace txsim
