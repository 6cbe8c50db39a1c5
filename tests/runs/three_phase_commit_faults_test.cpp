// The promises of three-phase commit, under one more fault at every place of every cured scenario,
// and in bad weather with crashes but without message loss. Also, explorations find the effects of
// a crash for good and of a partition.
#include <catch2/catch.hpp>

#include "runs/explore.h"
#include "tests/runs/coverage.h"

namespace txsim::tests {

// Requests are repeated, so one lost or late message makes no node look crashed.
Coverage three_phase_commit_coverage() {
  Coverage coverage{.protocol = find_protocol("three-phase-commit"),
                    .title = "3PC",
                    .downs = {milliseconds(1), milliseconds(2500)},
                    .delays = {seconds(2)},
                    .copies = {milliseconds(1), seconds(2)},
                    .seeds = 200,
                    .least = {.scenarios = 9,
                              .crashes = 9'000,
                              .losses = 200,
                              .delays = 200,
                              .copies = 400,
                              .storms = 3'000}};
  // A network without loss and nodes without pauses. Choices, each on and off: repeated orders at
  // an idempotent receiver; updates that travel with Prepare.
  coverage.choices = {{{"faults.loss=0", "faults.pause_every=never", "faults.partition_every=never",
                        "faults.crash_every=2s", "three-phase-commit.decision_timeout=400ms",
                        "three-phase-commit.precommit_timeout=400ms"}},
                      {{},
                       {"idempotent-receiver.enabled=on", "faults.duplication=5%",
                        "workload.retries=2", "workload.repeats=1", "workload.repeat_after=300ms"}},
                      {{}, {"three-phase-commit.with_prepare=on"}}};
  return coverage;
}

TEST_CASE("3PC: a crash of any node after any event breaks no promise") {
  hold_in_crashes(three_phase_commit_coverage());
}

TEST_CASE("3PC: the loss of any one message breaks no promise") {
  hold_in_losses(three_phase_commit_coverage());
}

TEST_CASE("3PC: a delay of two seconds of any one message breaks no promise") {
  hold_in_delays(three_phase_commit_coverage());
}

TEST_CASE("3PC: any one message arriving twice breaks no promise") {
  hold_in_copies(three_phase_commit_coverage());
}

TEST_CASE("3PC: keeps its promises in bad weather without partitions") {
  hold_in_bad_weather(three_phase_commit_coverage());
}

TEST_CASE("3PC: with a mechanism switched off some fault breaks a promise") {
  const std::string folder = "scenarios/order/three-phase-commit/";
  find_broken({"three-phase-commit.precommit=off", "three-phase-commit.terminate=off",
               "three-phase-commit.force_prepare=off", "three-phase-commit.force_precommit=off",
               "three-phase-commit.force_commit=off", "three-phase-commit.force_decision=off"},
              {{folder + "commit.ini", {}},
               {folder + "commit.ini", {"three-phase-commit.decision_timeout=400ms"}},
               {"scenarios/matrix/three-phase-commit/one-participant.ini", {}}});
}

namespace {

ExploreResult explored_3pc(const std::string& file, const FaultBudget& budget,
                           const Settings& settings = {}) {
  ExploreSettings wanted;
  wanted.budget = budget;
  wanted.reductions = Reductions::all();
  return explore(load(file, settings), wanted);
}

constexpr const char* kOneOrder = "scenarios/matrix/three-phase-commit/done.ini";

}  // namespace

TEST_CASE(
    "3PC: in an exploration, a crash for good blocks no participant, but blocks its 2PC twin") {
  const FaultBudget one{.crash_stops = 1};
  const ExploreResult result = explored_3pc(kOneOrder, one);
  CHECK(result.search.end == SearchEnd::Exhausted);
  CHECK_FALSE(result.counterexample);
  const ExploreResult twin = explored_3pc(kOneOrder, one, {"scenario.protocol=two-phase-commit"});
  REQUIRE(twin.counterexample);
  CHECK(twin.counterexample->schedule.violated == "non-blocking");
}

TEST_CASE(
    "3PC: in an exploration, two crashes for good, or one and a restart, block no participant") {
  for (const FaultBudget& budget :
       {FaultBudget{.crash_stops = 2}, FaultBudget{.crashes = 1, .crash_stops = 1}}) {
    if (TXSIM_SANITIZED && budget.crashes > 0) continue;
    const ExploreResult result = explored_3pc(kOneOrder, budget);
    CHECK(result.search.end == SearchEnd::Exhausted);
    CHECK_FALSE(result.counterexample);
  }
}

TEST_CASE("3PC: in an exploration, a crash and a lost message break no promise") {
  const ExploreResult result =
      explored_3pc(kOneOrder, {.crashes = 1, .losses = TXSIM_SANITIZED ? 0 : 1});
  CHECK(result.search.end == SearchEnd::Exhausted);
  CHECK_FALSE(result.counterexample);
}

TEST_CASE("3PC: in an exploration, a partition violates agreement, but not in its 2PC twin") {
  const std::string file = "scenarios/order/three-phase-commit/partition-splits.ini";
  const ExploreResult split = explored_3pc(file, {});
  REQUIRE(split.counterexample);
  CHECK(split.counterexample->schedule.violated == "agreement");
  const ExploreResult twin =
      explored_3pc("scenarios/order/two-phase-commit/partition-blocks.ini", {});
  CHECK(twin.search.end == SearchEnd::Exhausted);
  CHECK_FALSE(twin.counterexample);
}

}  // namespace txsim::tests
