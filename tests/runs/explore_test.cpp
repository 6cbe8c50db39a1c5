// Explorations of the library's scenarios: promises hold in every state, and violations are found.
#include "runs/explore.h"
#include "runs/rehearsal.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/runs/fault_walk.h"

namespace {

using namespace txsim;

std::shared_ptr<const Scenario> scenario(const std::string& name,
                                         const std::vector<std::string>& settings = {}) {
  return tests::load("scenarios/" + name + ".ini", settings);
}

ExploreSettings settings(const FaultBudget& budget, unsigned jobs = 1) {
  ExploreSettings settings;
  settings.budget = budget;
  settings.bounds.jobs = jobs;
  return settings;
}

constexpr FaultBudget kNoFaults{};
constexpr FaultBudget kOneOfEach{.crashes = 1, .losses = 1, .duplicates = 1};

}  // namespace

TEST_CASE("explore: two-phase commit keeps its promises under a crash, a loss and a duplicate") {
  const FaultBudget budget =
      TXSIM_SANITIZED ? FaultBudget{.losses = 1, .duplicates = 1} : kOneOfEach;
  const ExploreResult result = explore(scenario("order/two-phase-commit/commit"), settings(budget));
  CHECK(result.search.end == SearchEnd::Exhausted);
  CHECK(result.is_as_expected);
  CHECK_FALSE(result.counterexample);
  CHECK(result.search.states > (TXSIM_SANITIZED ? 2'000 : 50'000));
  CHECK(result.search.most_bytes / result.search.states <= 100);
}

TEST_CASE("explore: TCC and orchestrated sagas keep their promises under a crash") {
  for (const char* name : {"order/tcc/all-confirm", "order/saga-orchestration/all-done"}) {
    CAPTURE(name);
    const ExploreResult result = explore(scenario(name), settings({.crashes = 1}));
    CHECK(result.search.end == SearchEnd::Exhausted);
    CHECK(result.is_as_expected);
  }
}

TEST_CASE("explore: sagas with steps that only read keep their promises under a crash") {
  for (const char* name :
       {"order/saga-orchestration/reads-first", "order/saga-orchestration/reads-in-the-middle"}) {
    CAPTURE(name);
    const ExploreResult result = explore(scenario(name), settings({.crashes = 1}));
    CHECK(result.search.end == SearchEnd::Exhausted);
    CHECK(result.is_as_expected);
  }
}

TEST_CASE("explore: a choreographed saga keeps its promises in every order of events") {
  const ExploreResult result =
      explore(scenario("order/saga-choreography/all-done"), settings(kNoFaults));
  CHECK(result.search.end == SearchEnd::Exhausted);
  CHECK(result.is_as_expected);
}

TEST_CASE("explore: it reports which of the scenario's own faults it ignores") {
  const auto slow = scenario(
      "order/two-phase-commit/commit",
      {"faults.fault=slow Prepare order -> point 1st by 5s",
       "faults.fault=slow disk at point by 1s", "faults.fault=skew point by 10%",
       "faults.fault=crash point when point sends VoteYes for 20s",
       "faults.fault=drop Prepare order -> point 1st", "faults.fault=crash product at 5ms"});
  std::vector<std::string> told;
  for (const NotHonoured& fault : not_honoured(*slow)) told.push_back(fault.fault);
  CHECK(told == std::vector<std::string>{"slow Prepare order -> point 1st by 5s",
                                         "slow disk at point by 1s", "skew point by 10%",
                                         "crash point when point sends VoteYes for 20s",
                                         "crash product at 5ms"});
  CHECK(not_honoured(*scenario("order/two-phase-commit/commit")).empty());
}

TEST_CASE("explore: its results do not depend on the number of jobs") {
  const auto commit = scenario("order/two-phase-commit/commit");
  const FaultBudget budget{.losses = 1, .duplicates = 1};
  const ExploreResult alone = explore(commit, settings(budget));
  for (const unsigned jobs : {2U, 3U}) {
    const ExploreResult together = explore(commit, settings(budget, jobs));
    CHECK(together.search.states == alone.search.states);
    CHECK(together.search.transitions == alone.search.transitions);
    CHECK(together.search.ends == alone.search.ends);
    CHECK(together.search.depth == alone.search.depth);
  }
  const auto broken =
      scenario("order/two-phase-commit/commit", {"two-phase-commit.force_decision=off"});
  const ExploreResult one = explore(broken, settings({.crashes = 1}));
  const ExploreResult two = explore(broken, settings({.crashes = 1}, 2));
  REQUIRE(one.counterexample);
  REQUIRE(two.counterexample);
  CHECK(schedule_text(one.counterexample->schedule) == schedule_text(two.counterexample->schedule));
}

// A fingerprint that omits state makes these numbers smaller. One that includes extra state makes
// them larger.
TEST_CASE("explore: the number of states is exactly as listed") {
  struct Size {
    const char* name;
    FaultBudget budget;
    std::uint64_t states;
    std::uint64_t transitions;
  };
  const Size sizes[] = {
      {"order/two-phase-commit/commit", {.losses = 1, .duplicates = 1}, 2'243, 6'147},
      {"order/two-phase-commit/commit", {.crashes = 1}, 2'563, 5'799},
      {"order/two-phase-commit/lock-wait", kNoFaults, 4'650, 13'874},
      {"order/tcc/points-refused", {.losses = 1, .duplicates = 1}, 552, 1'087},
      {"order/tcc/all-confirm", {.crashes = 1}, 2'504, 3'985},
      {"order/saga-orchestration/all-done", {.losses = 1, .duplicates = 1}, 690, 1'301},
      {"order/saga-choreography/all-done", {.losses = 1}, 16'445, 43'740}};
  for (const Size& size : sizes) {
    if (TXSIM_SANITIZED && size.states > 3'000) continue;
    CAPTURE(size.name, size.budget.packed());
    const ExploreResult result = explore(scenario(size.name), settings(size.budget));
    CHECK(result.search.end == SearchEnd::Exhausted);
    CHECK(result.search.states == size.states);
    CHECK(result.search.transitions == size.transitions);
  }
  const auto in_order = scenario("order/two-phase-commit/lock-wait", {"network.order=fifo"});
  CHECK(explore(in_order, settings({.duplicates = 1})).search.states == 6'943);
}

TEST_CASE("explore: a node that the scenario spares never crashes") {
  const char* name = "order/two-phase-commit/commit";
  const ExploreResult plain = explore(scenario(name), settings(kNoFaults));
  const auto spared = scenario(name, {"faults.spare=order product point client"});
  const ExploreResult result = explore(spared, settings({.crashes = 1}));
  CHECK(result.search.end == SearchEnd::Exhausted);
  CHECK(result.search.states == plain.search.states);
  CHECK(explore(scenario(name), settings({.crashes = 1})).search.states > plain.search.states);
}

TEST_CASE("explore: a bound that stops a search is reported, and is not as expected") {
  ExploreSettings shallow = settings({.crashes = 1});
  shallow.bounds.depth = 5;
  const ExploreResult result = explore(scenario("order/two-phase-commit/commit"), shallow);
  CHECK(result.search.end == SearchEnd::DepthReached);
  CHECK(result.search.unexpanded > 0);
  CHECK_FALSE(result.is_as_expected);
}

TEST_CASE("explore: a compensation that is retried forever is a livelock, reported with its loop") {
  const ExploreResult result =
      explore(scenario("transfer/saga-orchestration/deposit-spent"), settings(kNoFaults));
  CHECK(result.search.end == SearchEnd::Exhausted);
  REQUIRE(result.counterexample);
  CHECK(result.counterexample->schedule.violated == "convergence");
  CHECK(result.counterexample->loop > 0);
  CHECK(result.counterexample->loop < result.counterexample->schedule.steps.size());
  CHECK(result.is_as_expected);
}

TEST_CASE("explore: a livelock violates every invariant that stays violated in it") {
  // A gift that another order has spent: its compensation is retried forever.
  const auto broken =
      scenario("matrix/saga-orchestration/bonus", {"saga-orchestration.semantic_lock=off"});
  for (const std::string invariant : {"convergence", "atomicity", "truthful-reply"}) {
    CAPTURE(invariant);
    ExploreSettings only = settings(kNoFaults);
    only.invariants = {invariant};
    const ExploreResult result = explore(broken, only);
    REQUIRE(result.counterexample);
    CHECK(result.counterexample->schedule.violated == invariant);
    CHECK(result.counterexample->loop > 0);
  }
}

TEST_CASE("explore: a step that is retried forever repeats its states at once") {
  // Behind its pivot a saga retries until it succeeds, here forever. An attempt that changes no
  // wait is not counted, so the loop is short.
  const ExploreResult result =
      explore(scenario("shipping/saga-orchestration/pivot",
                       {"service shipping.resource=capacity 0", "faults.fault="}),
              settings(kNoFaults));
  REQUIRE(result.counterexample);
  CHECK(result.counterexample->schedule.steps.size() < 100);
}

TEST_CASE("explore: it searches only for violations of the invariants that count") {
  const auto broken = scenario("order/uncoordinated/points-fail");
  ExploreSettings only = settings(kNoFaults);
  only.invariants = {"durability"};
  CHECK_FALSE(explore(broken, only).counterexample);
  only.invariants = {"atomicity"};
  const ExploreResult found = explore(broken, only);
  REQUIRE(found.counterexample);
  CHECK(found.counterexample->schedule.violated == "atomicity");
  CHECK(found.is_as_expected);
}

TEST_CASE(
    "explore: the violation by an unforced decision is found in a run no longer than its "
    "scenario") {
  const auto safe = scenario("order/two-phase-commit/commit");
  const auto broken =
      scenario("order/two-phase-commit/commit", {"two-phase-commit.force_decision=off"});
  const ExploreResult result = explore(broken, settings({.crashes = 1}));
  REQUIRE(result.counterexample);
  const Counterexample& found = *result.counterexample;
  CHECK(found.run.statistics.events <=
        run_scenario(scenario("order/two-phase-commit/decision-not-forced")).statistics.events);
  CHECK(explore(safe, settings({.crashes = 1})).is_as_expected);
}

TEST_CASE("schedule: a found run is written, read and replayed with the same events") {
  const auto broken =
      scenario("order/two-phase-commit/commit", {"two-phase-commit.force_decision=off"});
  const ExploreResult result = explore(broken, settings({.crashes = 1}));
  REQUIRE(result.counterexample);
  const std::string text = schedule_text(result.counterexample->schedule);
  const ParsedSchedule parsed = parse_schedule(text);
  REQUIRE(parsed.error.empty());
  CHECK(schedule_text(parsed.schedule) == text);
  const WorldModel model(broken, parsed.schedule.budget, ~std::uint32_t{0});
  Rehearsal rehearsal(model);
  const Replay same = replay(parsed.schedule, rehearsal);
  CHECK_FALSE(same.differs);
  CHECK(same.steps == parsed.schedule.steps.size());
  CHECK(rehearsal.world().digest() == result.counterexample->run.digest);
}

TEST_CASE(
    "schedule: a replay with different code differs, and its first different event is named") {
  const auto broken =
      scenario("order/two-phase-commit/commit", {"two-phase-commit.force_decision=off"});
  const ExploreResult result = explore(broken, settings({.crashes = 1}));
  REQUIRE(result.counterexample);
  const WorldModel cured(scenario("order/two-phase-commit/commit"), {.crashes = 1},
                         ~std::uint32_t{0});
  Rehearsal rehearsal(cured);
  const Replay other = replay(result.counterexample->schedule, rehearsal);
  CHECK(other.differs);
  CHECK(other.difference.step > 1);
  CHECK(other.difference.recorded != other.difference.now);
}

TEST_CASE("explore: two-phase commit blocks if its coordinator crashes for good") {
  const ExploreResult result =
      explore(scenario("order/two-phase-commit/commit"), settings({.crash_stops = 1}));
  REQUIRE(result.counterexample);
  const Schedule& found = result.counterexample->schedule;
  CHECK(found.violated == "non-blocking");
  CHECK(result.counterexample->loop > 0);
  CHECK_FALSE(result.is_as_expected);
  const auto crash = std::find_if(found.steps.begin(), found.steps.end(), [](const auto& step) {
    return step.label.find("crashes for good") != std::string::npos;
  });
  REQUIRE(crash != found.steps.end());
  CHECK(std::none_of(crash, found.steps.end(), [](const auto& step) {
    return step.label.find("restarts") != std::string::npos;
  }));
  // The schedule is written, read and replayed as the same run.
  const ParsedSchedule parsed = parse_schedule(schedule_text(found));
  REQUIRE(parsed.error.empty());
  CHECK(parsed.schedule.budget == found.budget);
  const WorldModel model(scenario("order/two-phase-commit/commit"), parsed.schedule.budget,
                         ~std::uint32_t{0});
  Rehearsal rehearsal(model);
  CHECK_FALSE(replay(parsed.schedule, rehearsal).differs);
}

TEST_CASE("explore: crashes with a restart do not block, and non-blocking does not count") {
  const auto commit = scenario("order/two-phase-commit/commit");
  const std::vector<std::string> usual = counted_by_default(*commit, {.crashes = 1});
  CHECK(std::find(usual.begin(), usual.end(), "non-blocking") == usual.end());
  ExploreSettings asked = settings({.crashes = 1});
  asked.invariants = {"non-blocking"};
  CHECK(explore(commit, asked).search.end == SearchEnd::Exhausted);
  CHECK_FALSE(explore(commit, asked).counterexample);
}

TEST_CASE("schedule: a bad file is an error with its line") {
  CHECK(parse_schedule("").error == "is empty");
  CHECK(parse_schedule("hello\n").line == 1);
  const ParsedSchedule event = parse_schedule("txsim schedule 1\nscenario a.ini\nevent x\n");
  CHECK(event.line == 3);
  CHECK(event.error == "an event before the first step");
  const ParsedSchedule budget = parse_schedule("txsim schedule 1\nscenario a.ini\ncrashes 300\n");
  CHECK(budget.error == "'300' is not a number from 0 to 255");
  CHECK(parse_schedule("txsim schedule 1\ncrashes 1\n").error == "names no scenario");
}
