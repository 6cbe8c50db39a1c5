// The explorer copies only the changed parts of a world and updates only their fingerprints. For
// some successors it computes the fingerprint without the world. These tests make each such world
// again, with a full copy and a full fingerprint.
#include <catch2/catch.hpp>

#include <string>
#include <type_traits>
#include <vector>

#include "runs/world_model.h"
#include "tests/runs/fault_walk.h"

namespace {

using namespace txsim;

struct Anew {
  std::uint64_t digest = 0;
  std::uint64_t fingerprint = 0;
};

Anew make_anew(const WorldModel& model, const WorldModel::State& parent, Visited::Step step) {
  WorldModel::State copy = parent;
  copy.world.forget_versions();
  WorldModel::State child = copy;
  model.make_child(copy, step, child);
  child.world.forget_versions();
  return {child.world.digest(), model.fingerprint(child)};
}

// Walks through this number of states. It takes the choices in turn and restarts at an end. Returns
// the number of compared worlds.
std::uint64_t walk(const WorldModel& model, int states) {
  WorldModel::State state = model.initial();
  WorldModel::State scratch = state;
  std::uint64_t compared = 0;
  for (int i = 0; i < states; ++i) {
    std::vector<Visited::Step> steps;
    model.expand(state, scratch, [&](const WorldModel::State& next, Turn, Visited::Step step) {
      const Anew anew = make_anew(model, state, step);
      REQUIRE(next.world.digest() == anew.digest);
      REQUIRE(model.fingerprint(next) == anew.fingerprint);
      steps.push_back(step);
      ++compared;
    });
    if (steps.empty()) {
      state = model.initial();
    } else {
      model.go_on(state, steps[static_cast<std::size_t>(i * 7) % steps.size()]);
    }
  }
  return compared;
}

// The information that a search gets about a successor.
struct Told {
  Visited::Step step = 0;
  Turn turn = Turn::Will;
  std::uint64_t fingerprint = 0;
  bool is_violated = false;
  bool is_predicted = false;

  friend bool operator==(const Told& a, const Told& b) {
    return a.step == b.step && a.turn == b.turn && a.fingerprint == b.fingerprint &&
           a.is_violated == b.is_violated;
  }
};

std::vector<Told> told_of(const WorldModel& model, const WorldModel::State& state) {
  std::vector<Told> told;
  WorldModel::State used = state;
  WorldModel::State scratch = state;
  model.use_up(used, scratch, [&](auto&& next, Turn turn, Visited::Step step) {
    if constexpr (std::is_convertible_v<decltype(next), const Predicted&>) {
      told.push_back({step, turn, next.fingerprint, next.is_violated, true});
    } else {
      told.push_back({step, turn, model.fingerprint(next), model.is_violated(next), false});
    }
  });
  return told;
}

std::vector<Told> made_of(const WorldModel& model, const WorldModel::State& state) {
  std::vector<Told> made;
  WorldModel::State scratch = state;
  model.expand(state, scratch, [&](const WorldModel::State& next, Turn turn, Visited::Step step) {
    made.push_back({step, turn, model.fingerprint(next), model.is_violated(next), false});
  });
  return made;
}

// Walks through this number of states and takes the choices in turn. Returns the number of
// predicted states.
std::uint64_t walk_predicted(const WorldModel& model, int states, int turn) {
  WorldModel::State state = model.initial();
  std::uint64_t predicted = 0;
  for (int i = 0; i < states; ++i) {
    const std::vector<Told> told = told_of(model, state);
    REQUIRE(told == made_of(model, state));
    for (const Told& one : told) predicted += one.is_predicted ? 1 : 0;
    if (told.empty()) {
      state = model.initial();
    } else {
      model.go_on(state, told[static_cast<std::size_t>(i * turn) % told.size()].step);
    }
  }
  return predicted;
}

}  // namespace

TEST_CASE("explore: a state equals its prediction") {
  const FaultBudget budget{.crashes = 1, .losses = 2, .duplicates = 2, .timeouts = 1};
  for (const char* name :
       {"order/two-phase-commit/commit", "order/tcc/all-confirm",
        "order/saga-orchestration/all-done", "order/saga-choreography/all-done"}) {
    for (const Reductions& reductions : {Reductions{}, Reductions{.order = true, .timers = true}}) {
      CAPTURE(name, reductions.order);
      const WorldModel model(tests::load(std::string("scenarios/") + name + ".ini"), budget, ~0U,
                             reductions);
      std::uint64_t predicted = 0;
      for (const int turn : {3, 7, 11}) {
        predicted += walk_predicted(model, TXSIM_SANITIZED ? 30 : 80, turn);
      }
      CHECK(predicted > 20);
    }
  }
}

TEST_CASE(
    "explore: nothing is predicted if a planned fault may observe it, or if links keep order") {
  const FaultBudget budget{.losses = 2, .duplicates = 2};
  const char* const file = "scenarios/order/two-phase-commit/commit.ini";
  CHECK(walk_predicted(WorldModel(tests::load(file), budget, ~0U), 40, 7) > 0);
  const auto ordered = tests::load(file, {"network.order=fifo"});
  CHECK(walk_predicted(WorldModel(ordered, budget, ~0U), 40, 7) == 0);
  const auto planned =
      tests::load("scenarios/order/two-phase-commit/coordinator-crashes-before-it-decides.ini");
  CHECK(walk_predicted(WorldModel(planned, budget, ~0U), 40, 7) == 0);
}

TEST_CASE("explore: a partial copy of a world equals a full copy") {
  const FaultBudget budget{.crashes = 2, .losses = 1, .duplicates = 1, .timeouts = 1};
  for (const char* name :
       {"order/two-phase-commit/commit", "order/tcc/all-confirm",
        "order/saga-orchestration/all-done", "order/saga-choreography/all-done"}) {
    CAPTURE(name);
    const WorldModel model(tests::load(std::string("scenarios/") + name + ".ini"), budget, ~0U);
    CHECK(walk(model, TXSIM_SANITIZED ? 30 : 150) > (TXSIM_SANITIZED ? 30 : 200));
  }
}

TEST_CASE("explore: a copied world continues independently") {
  const WorldModel model(tests::load("scenarios/order/two-phase-commit/commit.ini"), {.crashes = 1},
                         ~0U);
  WorldModel::State one = model.initial();
  const WorldModel::State before = one;
  WorldModel::State other = one;
  const std::uint64_t at_first = model.fingerprint(before);
  model.go_on(one, 0);
  const std::uint64_t after = model.fingerprint(one);
  CHECK(after != at_first);
  CHECK(model.fingerprint(other) == at_first);
  model.go_on(other, 0);
  CHECK(model.fingerprint(other) == after);
  CHECK(one.world.version() != other.world.version());
  other = before;
  CHECK(other.world.version() == before.world.version());
  CHECK(model.fingerprint(other) == at_first);
}
