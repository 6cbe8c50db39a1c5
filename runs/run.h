// Runs one scenario: builds its world, takes the earliest step until the horizon, asks the judge,
// and compares the verdicts with the scenario's expectations.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/judge.h"
#include "checks/verdict.h"
#include "scenarios/scenario.h"
#include "sim/fault.h"
#include "sim/statistics.h"
#include "sim/time.h"
#include "sim/trace.h"
#include "sim/world_spec.h"

namespace txsim {

class World;

struct RunOptions {
  bool keep_trace = false;
  bool keep_transactions = true;
};

// Whether a fault of the plan took effect.
struct FaultFate {
  std::uint64_t strikes = 0;
  std::uint64_t matches = 0;  // events that matched the pattern it waits for
};

// Virtual time stands still: a livelock.
struct StandstillTold {
  Time at;
  std::uint64_t events = 0;       // at that instant, until it was recognised
  std::vector<std::string> loop;  // the repeating events, in words
};

// One expectation compared with the run.
struct Met {
  Expectation expectation;
  bool met = false;
  std::string seen;  // what the run gave, in the words of the expectation
};

struct RunResult {
  std::shared_ptr<const Scenario> scenario;
  std::shared_ptr<const WorldSpec> spec;  // never null; names: spec->dictionary, spec->nodes
  Verdicts verdicts;
  Statistics statistics;
  std::uint64_t digest = 0;
  Time end;           // virtual time of the last event
  bool idle = false;  // nothing was pending any more; false: the horizon cut the run off
  std::uint64_t messages_under_way = 0;  // at the cut
  std::uint64_t timers_under_way = 0;
  Trace trace;                    // if it was kept
  std::vector<Fault> faults_met;  // random faults as explicit ones
  std::vector<FaultFate> fates;   // by fault of the plan
  std::optional<StandstillTold> standstill;
  // The scenario's own expectations first, then one for each invariant that it does not name and
  // that was violated, if it counts (runs/promises.h).
  std::vector<Met> expectations;
  bool all_met = true;
};

// The parts of `run_scenario`, for tests that step the world themselves.
std::unique_ptr<Observer> make_judge_for(const Scenario& scenario, bool keep_transactions);
EndOfRun end_of_run(const World& world, Time horizon);
// The places of those faults of the plan that never struck.
std::vector<std::size_t> never_struck(const RunResult& result);
// Why it did not strike: "its event came 4 times".
std::string why_never_struck(const RunResult& result, std::size_t fault);
// `spec`: that of the world, or one that differs only in what is kept; reports take names from it.
RunResult finish_run(std::shared_ptr<const Scenario> scenario,
                     std::shared_ptr<const WorldSpec> spec, const World& world);

RunResult run_scenario(std::shared_ptr<const Scenario> scenario, const RunOptions& options = {});

}  // namespace txsim
