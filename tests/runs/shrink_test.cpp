// Shrinking removes what is not needed, keeps the same invariant violated, and needs no seed.
#include "runs/shrink.h"

#include <catch2/catch.hpp>

#include "runs/explore.h"
#include "runs/shrink_schedule.h"
#include "runs/turning_point.h"
#include "tests/runs/fault_walk.h"

namespace {

using namespace txsim;

constexpr const char* kWeather = "tests/runs/weather.ini";
constexpr const char* kNotForced = "scenarios/order/two-phase-commit/decision-not-forced.ini";

Draft draft_of(const std::string& file, const std::vector<std::string>& settings = {}) {
  const ReadDraft read = read_draft(file, tests::read_text, settings);
  INFO((read.errors.empty() ? "" : text(read.errors.front())));
  REQUIRE(read.draft);
  return *read.draft;
}

ShrinkSettings few_seeds() {
  ShrinkSettings settings;
  settings.seeds = 10;
  return settings;
}

ShrinkResult shrunk(const std::string& file, const std::vector<std::string>& settings = {}) {
  return shrink(draft_of(file, settings), few_seeds());
}

bool violates(const RunResult& run, const std::string& invariant) {
  for (const Judgement& judgement : run.verdicts.judgements) {
    if (judgement.invariant == invariant) return judgement.verdict == Verdict::Violated;
  }
  return false;
}

// Properties of every result.
void check_result(const ShrinkResult& result) {
  REQUIRE_FALSE(result.invariant.empty());
  CHECK(result.is_least);
  const ParsedScenario parsed = parse(result.draft);
  REQUIRE(parsed.scenario);
  for (const std::uint64_t seed : {1, 2, 77}) {
    auto scenario = std::make_shared<Scenario>(*parsed.scenario);
    scenario->seed = seed;
    const RunResult run = run_scenario(scenario);
    CHECK(violates(run, result.invariant));
    CHECK(run.all_met);
    CHECK(run.digest == result.run.digest);
  }
  CHECK_FALSE(result.draws);
  CHECK(result.is_independent_of_seed());
}

bool has_line(const ShrinkResult& result, const std::string& line) {
  return text(result.draft).find(line) != std::string::npos;
}

}  // namespace

TEST_CASE("shrink: faults, orders, steps, delays and settings that are not needed are removed") {
  ShrinkSettings settings = few_seeds();
  settings.invariant = "agreement";
  const ShrinkResult result =
      shrink(draft_of(kNotForced, {"workload.orders=3", "workload.arrivals=random every 200ms",
                                   "network.delay=1ms to 3ms", "disk.delay=exponential 1ms",
                                   "two-phase-commit.resend_after=250ms", "faults.pause_every=8s",
                                   "faults.loss=1%", "faults.fault=pause point at 20s for 10ms",
                                   "faults.fault=crash order when order sends Commit 3rd for 3s"}),
             settings);
  check_result(result);
  CHECK(result.before.transactions == 3);
  CHECK(result.before.faults > 3);
  CHECK(result.after.faults == 1);
  CHECK(result.after.transactions == 1);
  CHECK(result.after.steps == 2);
  CHECK(has_line(result, "fault = crash order when order sends Commit 1st for 3s\n"));
  CHECK(has_line(result, "force_decision = off\n"));
  CHECK(has_line(result, "that = agreement is violated\n"));
  for (const char* gone : {"delay", "resend_after", "loss", "pause", "[workload]", "create orders",
                           "records = orders", "seed ="}) {
    CAPTURE(gone);
    CHECK_FALSE(has_line(result, gone));
  }
}

TEST_CASE("shrink: violating seeds of a sweep shrink to at most 3 faults under every protocol") {
  struct Found {
    const char* protocol;
    const char* setting;
    int seed;
  };
  const Found all[] = {{"two-phase-commit", "two-phase-commit.hold_locks=off", 1},
                       {"two-phase-commit", "two-phase-commit.resend=off", 9},
                       {"tcc", "tcc.empty_cancel=off", 1},
                       {"saga-orchestration", "saga-orchestration.progress_log=off", 1},
                       {"saga-choreography", "saga-choreography.inbox=off", 1},
                       {"uncoordinated", "uncoordinated.call_timeout=1s", 1}};
  const std::size_t some = TXSIM_SANITIZED ? 2 : std::size(all);
  for (std::size_t i = 0; i < some; ++i) {
    const Found& found = all[i];
    CAPTURE(found.protocol, found.setting);
    const ShrinkResult result =
        shrunk(kWeather, {std::string("scenario.protocol=") + found.protocol, found.setting,
                          "scenario.seed=" + std::to_string(found.seed)});
    check_result(result);
    CHECK(result.before.faults > 10);
    CHECK(result.after.faults <= 3);
    CHECK(result.after.transactions <= 2);
    CHECK(result.after.participants <= 3);
    CHECK(result.after.steps <= 3);
  }
}

TEST_CASE("shrink: if one late message matters, only that message is slowed") {
  const ShrinkResult result =
      shrunk("scenarios/order/order.ini",
             {"scenario.protocol=tcc", "tcc.suspension=off", "network.delay=exponential 60ms",
              "tcc.try_timeout=100ms", "tcc.retries=0", "workload.orders=3", "scenario.seed=2"});
  check_result(result);
  CHECK(result.invariant == "no-hanging");
  CHECK(result.after.faults == 1);
  CHECK(has_line(result, "fault = slow Try order -> product 1st by 200ms\n"));
  CHECK_FALSE(has_line(result, "delay ="));
}

TEST_CASE("shrink: a shrunk scenario does not shrink further") {
  const ShrinkResult once = shrunk(kNotForced);
  const ShrinkResult again = shrink(once.draft, few_seeds());
  CHECK(again.invariant == once.invariant);
  CHECK(again.before == again.after);
  CHECK(text(again.draft) == text(once.draft));
}

TEST_CASE("shrink: the named invariant stays violated") {
  ShrinkSettings settings = few_seeds();
  settings.invariant = "durability";
  const ShrinkResult result = shrink(draft_of(kNotForced), settings);
  check_result(result);
  CHECK(result.invariant == "durability");
}

TEST_CASE("shrink: without a violation there is nothing to shrink") {
  CHECK(shrunk("scenarios/order/two-phase-commit/commit.ini").invariant.empty());
  ShrinkSettings settings = few_seeds();
  settings.invariant = "no-hanging";
  CHECK(shrink(draft_of(kNotForced), settings).invariant.empty());
}

TEST_CASE("shrink: a bound on runs stops it with its best result, and is reported") {
  ShrinkSettings settings = few_seeds();
  settings.tries = 6;
  const ShrinkResult result = shrink(draft_of(kNotForced), settings);
  CHECK(result.tries == 6);
  CHECK_FALSE(result.is_least);
  CHECK(violates(result.run, result.invariant));
}

TEST_CASE("shrink: a schedule that the explorer found becomes a scenario") {
  const std::string file = "scenarios/order/two-phase-commit/commit.ini";
  const std::vector<std::string> settings = {"two-phase-commit.force_decision=off"};
  ExploreSettings bounds;
  bounds.budget.crashes = 1;
  bounds.invariants = {"agreement"};
  const ExploreResult explored = explore(tests::load(file, settings), bounds);
  REQUIRE(explored.counterexample);
  TimedSchedule timed = time_schedule(draft_of(file, settings), explored.counterexample->schedule);
  CHECK_FALSE(timed.replay.differs);
  REQUIRE(timed.draft);
  const ShrinkResult result = shrink(*timed.draft, few_seeds());
  check_result(result);
  CHECK(result.invariant == "agreement");
  CHECK(result.after.faults <= 2);

  Schedule other = explored.counterexample->schedule;
  other.steps[3].label = "point sings";
  timed = time_schedule(draft_of(file, settings), other);
  CHECK(timed.replay.differs);
  CHECK(timed.replay.difference.step == 4);
}

TEST_CASE(
    "turning point: the crash that makes the coordinator forget, and the settings that help") {
  const ShrinkResult result = shrunk(kNotForced);
  const TurningPoint point = find_turning_point(result.run, result.invariant, 20'000);
  CHECK(point.kind == TurningPoint::Kind::Step);
  REQUIRE(point.fault);
  CHECK(*point.fault == 0);
  CHECK_FALSE(point.is_bounded);
  CHECK(point.states > 1);
  CHECK(result.run.trace[point.last_event - 1].kind == EventKind::Crashed);

  const std::vector<SavingChange> changes = try_single_changes(result.draft, result.invariant);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].kind == SavingChange::Kind::NoFault);
  CHECK(changes[1].what == "two-phase-commit.force_decision");
  for (const SavingChange& change : changes) {
    CHECK(change.helps);
    CHECK(change.violated.empty());
  }
}

TEST_CASE(
    "turning point: a bound that was reached is reported, and so is a run that could never end "
    "well") {
  const ShrinkResult result = shrunk(kNotForced);
  CHECK(find_turning_point(result.run, result.invariant, 3).is_bounded);
  const ShrinkResult refused = shrunk("scenarios/order/uncoordinated/points-fail.ini");
  REQUIRE_FALSE(refused.invariant.empty());
  CHECK(refused.after.faults == 0);
  const TurningPoint point = find_turning_point(refused.run, refused.invariant, 20'000);
  CHECK(point.kind == TurningPoint::Kind::Start);
  CHECK(try_single_changes(refused.draft, refused.invariant).empty());
}
