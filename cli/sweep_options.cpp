// txsim sweep and txsim compare: their options.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "cli/command.h"
#include "cli/sweep.h"
#include "protocols/registry.h"
#include "scenarios/glossary.h"
#include "scenarios/scenario.h"
#include "scenarios/words.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

constexpr std::string_view kProtocolKey = "scenario.protocol";

std::vector<std::string> compared_protocols() {
  std::vector<std::string> names;
  for (const auto& protocol : protocols()) {
    if (protocol->is_compared) names.emplace_back(protocol->name());
  }
  return names;
}

std::vector<std::string> read_protocols(const std::string& list) {
  const std::vector<std::string> all = protocol_names();
  if (list.empty()) return compared_protocols();
  if (list == "all") return all;
  std::vector<std::string> names;
  std::string_view rest = list;
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string name(trimmed(rest.substr(0, comma)));
    if (std::find(all.begin(), all.end(), name) == all.end()) {
      throw InputError(fmt::format("--protocols: there is no protocol '{}'{}", name,
                                   did_you_mean_protocol(name)));
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      throw InputError(fmt::format("--protocols: {} is named twice", name));
    }
    names.push_back(name);
    if (comma == std::string_view::npos) return names;
    rest.remove_prefix(comma + 1);
  }
}

// The protocol is the first key that varies, so that the protocols meet each draw one after
// another.
SweepArguments compared(SweepArguments arguments, const std::string& protocols) {
  for (const auto* list : {&arguments.settings, &arguments.varied}) {
    for (const std::string& setting : *list) {
      if (trimmed(std::string_view(setting).substr(0, setting.find('='))) != kProtocolKey) continue;
      throw InputError(fmt::format("'{}': use --protocols to choose the protocols", setting));
    }
  }
  const std::vector<std::string> names = read_protocols(protocols);
  arguments.varied.insert(arguments.varied.begin(),
                          fmt::format("{}={}", kProtocolKey, fmt::join(names, ",")));
  arguments.advice = program_name() +
                     " compare: leave that protocol out (--protocols), or use words that every "
                     "protocol has: phases, roles, facts";
  return arguments;
}

}  // namespace

void add_sweep_options(CLI::App& command, SweepArguments& a) {
  command.add_option("FILE", a.paths, "Scenario files, or folders of them")
      ->type_name("")
      ->required();
  command
      .add_option("--seeds", a.seeds,
                  "Seeds, one run for each (1..1000; a single one if nothing is random)")
      ->type_name("A..B");
  const auto add_list = [&](const char* name, std::vector<std::string>& list, const char* help) {
    return command.add_option(name, list, help)->allow_extra_args(false)->take_all();
  };
  add_list("--set", a.settings, "Set a scenario key; may be given several times")
      ->type_name("KEY=VALUE");
  add_list("--vary", a.varied, "Run with each of these values; may be given several times")
      ->type_name("KEY=VALUE,...");
  command
      .add_option("--out", a.out,
                  "Write the results (a line for each run) and the summary to this folder")
      ->type_name("DIR");
  command.add_option("--jobs", a.jobs, "Number of threads (one for each processor)")
      ->type_name("N");
  command.add_option("--stop-at", a.stop_at, "Stop once K runs violate an invariant")
      ->type_name("K");
  command.add_option("--time", a.time, "Stop after this time, such as 60s")->type_name("DURATION");
  command
      .add_option("--shard", a.shard,
                  "Make only every N-th run, from the I-th on, such as 0/4;\n"
                  "auto: as Slurm, Open MPI, Kubernetes (auto/N) or the CI server says")
      ->type_name("I/N");
  command.add_option("--verify", a.verify, "Share of the runs to run again and compare (5%)")
      ->type_name("SHARE");
  command.add_flag("--resume", a.resume, "Continue from the results in the folder");
  a.ci.add_option(command);
  command.add_flag("--json", a.json, "Print the summary as JSON");
  add_color(command, a.color);
}

void add_sweep(CLI::App& app, Job& job) {
  auto arguments = std::make_shared<SweepArguments>();
  CLI::App* sweep =
      app.add_subcommand("sweep", "Run scenarios with many seeds and print a summary");
  add_sweep_options(*sweep, *arguments);
  sweep->footer(
      "Examples:\n"
      "  txsim sweep scenarios/order/two-phase-commit/storm.ini --seeds 1..10000\n"
      "  txsim sweep FILE --vary faults.loss=0%,1%,5% --vary "
      "scenario.protocol=tcc,two-phase-commit\n"
      "  txsim sweep FILE --seeds 1..1000000 --out results --resume\n\n"
      "Ctrl-C ends the sweep and keeps the runs that are done. Exit status: 0 no invariant was\n"
      "violated and each expected share and percentile is met, 1 otherwise or if a signal ended "
      "it,\n"
      "2 bad usage or scenario, 3 a defect of txsim itself, or out of memory.");
  sweep->callback([arguments, &job] { job = [arguments] { return run_sweep(*arguments); }; });
}

void add_compare(CLI::App& app, Job& job) {
  auto arguments = std::make_shared<SweepArguments>();
  auto protocols = std::make_shared<std::string>();
  CLI::App* compare =
      app.add_subcommand("compare", "Run the same workload under each protocol, side by side");
  compare
      ->add_option(
          "--protocols", *protocols,
          fmt::format("Protocols to compare ({}), or all", fmt::join(compared_protocols(), ",")))
      ->type_name("PROTOCOL,...");
  add_sweep_options(*compare, *arguments);
  compare->footer(
      "Examples:\n"
      "  txsim compare scenarios/compare/contention.ini\n"
      "  txsim compare FILE --protocols two-phase-commit,tcc --seeds 1..10000\n"
      "  txsim compare FILE --vary faults.loss=0%,1%,5% --out results\n\n"
      "Orders arrive, and nodes crash, pause and are cut off, at the same moments under each "
      "protocol.\n"
      "The exit status is that of txsim sweep.");
  compare->callback([arguments, protocols, &job] {
    job = [arguments, protocols] { return run_sweep(compared(*arguments, *protocols)); };
  });
}

}  // namespace txsim
