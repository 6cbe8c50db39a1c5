// Reductions keep the verdicts of the search that leaves nothing out.
#include <catch2/catch.hpp>

#include "runs/explore.h"
#include "runs/rehearsal.h"
#include "scenarios/language.h"
#include "tests/runs/explored.h"
#include "tests/runs/fault_walk.h"

namespace {

using namespace txsim;
using tests::alike;
using tests::explored;
using tests::for_each_state;
using tests::verdict;

constexpr FaultBudget kNoFaults{};

Reductions only(bool Reductions::*on) {
  Reductions reductions;
  reductions.*on = true;
  return reductions;
}

// True if both orders of the two moves lead to the same state.
bool commute(const World& world, const Move& a, const Move& b) {
  World one = world;
  one.take(a);
  one.take(b);
  World other = world;
  other.take(b);
  other.take(a);
  constexpr auto kNoMore = World::Crashes::NoMore;
  return one.fingerprint(kNoMore) == other.fingerprint(kNoMore);
}

}  // namespace

TEST_CASE("reductions: each keeps the verdict on every scenario of the order domain") {
  const bool all = tests::walks_all();
  const std::uint64_t most = all ? 200'000 : TXSIM_SANITIZED ? 200 : 600;
  std::vector<FaultBudget> budgets = {kNoFaults, {.losses = 1}};
  if (all) {
    budgets = {kNoFaults, {.losses = 1, .duplicates = 1}, {.crashes = 1}, {.timeouts = 1}};
  }
  std::size_t compared = 0;
  for (const std::string& file : tests::library_files()) {
    if (file.find("/order/") == std::string::npos) continue;
    const auto scenario = tests::load(file);
    for (const FaultBudget& budget : budgets) {
      const std::string without = verdict(explored(scenario, budget, {}, most));
      if (without == "not exhausted") continue;
      CAPTURE(file, budget.packed());
      ++compared;
      CHECK(verdict(explored(scenario, budget, Reductions::all(), most)) == without);
      if (!all) continue;
      for (const ReductionInfo& info : kReductions) {
        CAPTURE(info.name);
        CHECK(verdict(explored(scenario, budget, only(info.on), most)) == without);
      }
    }
  }
  CHECK(compared > (TXSIM_SANITIZED ? 20 : 60));
}

TEST_CASE("reductions: a prioritised move commutes with every move that could precede it") {
  struct Case {
    const char* file;
    std::vector<std::string> settings;
    FaultBudget budget;
    bool leaves_records = false;  // unforced records, whose order matters at one node
  };
  const Case cases[] = {
      {"scenarios/order/two-phase-commit/commit.ini", {}, {.losses = 1, .duplicates = 1}},
      {"scenarios/order/two-phase-commit/votes-no.ini", {}, {.duplicates = 1}},
      {"scenarios/order/saga-choreography/all-done.ini", {}, {.duplicates = 1}, true},
      {"scenarios/order/saga-choreography/points-refused.ini", {}, {.losses = 1}, true},
      {"tests/runs/two_services.ini",
       {"scenario.protocol=saga-choreography"},
       {.losses = 1},
       true}};
  const std::size_t most = tests::walks_all() ? 100'000 : TXSIM_SANITIZED ? 300 : 3'000;
  for (const Case& one : cases) {
    CAPTURE(one.file);
    const WorldModel model(tests::load(one.file, one.settings), one.budget, ~std::uint32_t{0});
    std::size_t pairs = 0;
    for_each_state(model, most, [&](const WorldModel::State& state) {
      const std::vector<WorldModel::Option> all = model.options(state);
      for (const WorldModel::Option& first : all) {
        if (!model.goes_first(state, first, all)) continue;
        for (const WorldModel::Option& other : all) {
          if (other.move.choice.key == first.move.choice.key) continue;
          if (one.leaves_records && other.move.choice.node == first.move.choice.node) continue;
          ++pairs;
          if (commute(state.world, first.move, other.move)) continue;
          FAIL_CHECK(label_of(first.move, state.world.spec())
                     << " | " << label_of(other.move, state.world.spec()));
        }
      }
    });
    CHECK(pairs > 0);
  }
}

TEST_CASE(
    "reductions: a handler without effects on other nodes commutes with their moves before it") {
  const WorldModel model(tests::load("scenarios/order/two-phase-commit/commit.ini"),
                         {.duplicates = 1}, ~std::uint32_t{0}, Reductions::all());
  const WorldModel plain(model.scenario(), {.duplicates = 1}, ~std::uint32_t{0});
  std::size_t pairs = 0;
  for_each_state(plain, TXSIM_SANITIZED ? 300 : 3'000, [&](const WorldModel::State& state) {
    const std::vector<WorldModel::Option> all = plain.options(state);
    for (const WorldModel::Option& handled : all) {
      WorldModel::State after = state;
      const NodeId completing = model.perform(after, handled);
      if (completing == kNoNode) continue;
      for (const WorldModel::Option& other : all) {
        if (other.move.choice.node == completing) continue;
        ++pairs;
        CHECK(commute(state.world, handled.move, other.move));
      }
    }
  });
  CHECK(pairs > 100);
}

TEST_CASE(
    "reductions: for interchangeable participants, the same verdict with a tenth of the states") {
  const ExploreResult without = explored(alike(6), kNoFaults, {}, 1'000'000);
  const ExploreResult with = explored(alike(6), kNoFaults, Reductions::all(), 1'000'000);
  CHECK(verdict(without) == "exhausted");
  CHECK(verdict(with) == "exhausted");
  CHECK(with.search.states * 10 < without.search.states);
  CHECK(with.search.transitions * 10 < without.search.transitions);
}

TEST_CASE(
    "reductions: with two services, each protocol keeps its promises under one fault of each "
    "kind") {
  const FaultBudget each = {.crashes = 1, .losses = 1, .duplicates = 1};
  struct Case {
    const char* protocol;
    const char* deadline;  // for the choreographed saga
    FaultBudget budget;
    std::uint64_t states = 0;  // exact number; 0: any number
  };
  const Case cases[] = {{"two-phase-commit", "10s", each},
                        {"tcc", "10s", each},
                        {"saga-orchestration", "10s", each},
                        {"saga-choreography", "10s", {.crashes = 1}, 24'125},
                        {"saga-choreography", "10s", {.losses = 1, .duplicates = 1}, 8'958},
                        {"saga-choreography", "never", each}};
  for (const Case& one : cases) {
    const FaultBudget budget = TXSIM_SANITIZED ? FaultBudget{.losses = 1} : one.budget;
    CAPTURE(one.protocol, one.deadline, budget.packed());
    const auto scenario = tests::load("tests/runs/two_services.ini",
                                      {std::string("scenario.protocol=") + one.protocol,
                                       std::string("saga-choreography.deadline=") + one.deadline});
    const ExploreResult result = explored(scenario, budget, Reductions::all(), 10'000'000, 2);
    CHECK(verdict(result) == "exhausted");
    CHECK(result.is_as_expected);
    if (one.states != 0 && !TXSIM_SANITIZED) CHECK(result.search.states == one.states);
  }
}

// Checks that the reported run is a shortest one.
TEST_CASE("reductions: a reduced search still finds a shortest run") {
  const auto broken = tests::load("scenarios/order/two-phase-commit/commit.ini",
                                  {"two-phase-commit.force_decision=off"});
  const ExploreResult without = explored(broken, {.crashes = 1}, {}, 1'000'000);
  const ExploreResult with = explored(broken, {.crashes = 1}, Reductions::all(), 1'000'000);
  REQUIRE(without.counterexample);
  REQUIRE(with.counterexample);
  CHECK(with.is_shortest);
  CHECK(schedule_text(with.counterexample->schedule) ==
        schedule_text(without.counterexample->schedule));
}
