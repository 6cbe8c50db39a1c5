#include "runs/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "runs/cut_off.h"
#include "runs/expectations.h"
#include "runs/rehearsal.h"
#include "runs/schedule.h"
#include "scenarios/language.h"
#include "scenarios/values.h"
#include "sim/assert.h"

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

std::optional<StandstillTold> standstill_of(const World& world) {
  if (!world.standstill()) return std::nullopt;
  StandstillTold told{world.standstill()->at, world.standstill()->events, {}};
  for (const Choice& choice : world.standstill()->loop) {
    told.loop.push_back(label_of({Move::Kind::Happen, choice, 0}, world.spec()));
  }
  return told;
}

std::string text(const StandstillTold& standstill) {
  std::string loop;
  for (const std::string& event : standstill.loop) loop += (loop.empty() ? "" : "; ") + event;
  return fmt::format("virtual time stands still at {}, for {} events so far: {}, again and again",
                     text(standstill.at), standstill.events, loop);
}

std::vector<std::size_t> never_struck(const RunResult& result) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < result.fates.size(); ++i) {
    if (result.fates[i].strikes == 0) places.push_back(i);
  }
  return places;
}

std::string why_never_struck(const RunResult& result, std::size_t place) {
  const Fault& fault = result.scenario->faults[place];
  const std::uint64_t matches = result.fates[place].matches;
  if (fault.placed == PlacedBy::Sequence && fault.nth > result.statistics.events) {
    return fmt::format("the run has {} events", result.statistics.events);
  }
  if (fault.placed == PlacedBy::Event && matches == 0) return "its event never came";
  if (fault.placed == PlacedBy::Event && matches < fault.nth) {
    return fmt::format("its event came {} time{}", matches, matches == 1 ? "" : "s");
  }
  if (fault.placed == PlacedBy::Event && fault.is_message_fault() && fault.nth == 0) {
    return "no such message was sent in its time";
  }
  if (fault.kind == FaultKind::Crash || fault.kind == FaultKind::Pause) {
    return "its node was down already";
  }
  return "it met nothing";
}

EndOfRun end_of_run(const World& world, Time horizon) {
  EndOfRun end = end_at(world);
  if (world.standstill()) {
    end.standstill = text(*standstill_of(world));
    return end;
  }
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

RunResult finish_run(std::shared_ptr<const Scenario> scenario,
                     std::shared_ptr<const WorldSpec> spec, const World& world) {
  TXSIM_ASSERT(spec != nullptr, "a run without the names of its world");
  const EndOfRun end = end_of_run(world, Time{scenario->horizon.ns});
  RunResult result;
  result.spec = std::move(spec);
  result.verdicts = judge_end(world, end);
  result.statistics = world.statistics();
  result.digest = world.digest();
  result.end = world.now();
  result.idle = end.idle;
  result.messages_under_way = end.messages;
  result.timers_under_way = end.timers;
  result.trace = world.trace();
  result.faults_met = world.faults_met();
  // A walk appends its own faults to those of the scenario.
  const std::size_t placed = std::min(world.strikes().size(), scenario->faults.size());
  for (std::size_t i = 0; i < placed; ++i) {
    result.fates.push_back({world.strikes()[i], world.fault_matches()[i]});
  }
  result.standstill = standstill_of(world);
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
  return finish_run(std::move(scenario), spec, world);
}

}  // namespace txsim
