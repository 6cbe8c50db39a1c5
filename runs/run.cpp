#include "runs/run.h"

#include <algorithm>

#include "runs/cut_off.h"
#include "runs/expectations.h"
#include "scenarios/language.h"

namespace txsim {
namespace {

bool needs_transactions(const Scenario& scenario) {
  return std::any_of(
      scenario.expectations.begin(), scenario.expectations.end(),
      [](const Expectation& expected) { return expected.kind == Expectation::Kind::Percentile; });
}

}  // namespace

std::unique_ptr<Observer> make_judge_for(const Scenario& scenario, bool keep_transactions) {
  JudgeSettings settings;
  settings.longest_lock_wait = scenario.longest_lock_wait;
  settings.keep_transactions = keep_transactions || needs_transactions(scenario);
  return make_judge(std::make_shared<const Plan>(scenario.plan), settings);
}

EndOfRun end_of_run(const World& world, Time horizon) {
  const Statistics& statistics = world.statistics();
  EndOfRun end;
  end.time = world.now();
  end.disturbed = world.is_disturbed();
  end.idle = !world.has_pending(kEndOfTime);
  end.messages_duplicated = statistics.duplicated > 0;
  end.faults_met = statistics.lost + statistics.refused + statistics.duplicated +
                       statistics.slowed + statistics.failures >
                   0;
  end.unreachable = world.unreachable();
  if (end.idle) return end;
  end.time = std::max(end.time, horizon);
  for (const Choice& pending : world.enabled()) {
    const bool is_message =
        pending.kind == Choice::Kind::Message || pending.kind == Choice::Kind::Refusal;
    if (is_message) ++end.messages;
    if (pending.kind == Choice::Kind::Timer) ++end.timers;
  }
  return end;
}

RunResult finish_run(std::shared_ptr<const Scenario> scenario, const World& world) {
  const EndOfRun end = end_of_run(world, Time{scenario->horizon.ns});
  RunResult result;
  result.verdicts = judge_end(world, end);
  result.statistics = world.statistics();
  result.digest = world.digest();
  result.end = world.now();
  result.idle = end.idle;
  result.messages_under_way = end.messages;
  result.timers_under_way = end.timers;
  result.trace = world.trace();
  result.faults_met = world.faults_met();
  result.scenario = std::move(scenario);
  result.expectations = hold_expectations(result);
  result.all_met = std::all_of(result.expectations.begin(), result.expectations.end(),
                               [](const Met& met) { return met.met; });
  return result;
}

RunResult run_scenario(std::shared_ptr<const Scenario> scenario, const RunOptions& options) {
  const auto spec = build_world(*scenario, options.keep_trace);
  World world(spec, make_judge_for(*scenario, options.keep_transactions));
  world.run(Time{scenario->horizon.ns});
  RunResult result = finish_run(std::move(scenario), world);
  result.spec = spec;
  return result;
}

}  // namespace txsim
