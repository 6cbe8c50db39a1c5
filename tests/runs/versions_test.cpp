// The explorer copies of a world what has changed, and works out of its fingerprint what has
// changed. Here every world that it meets is made once more, with all copied and all worked out.
#include <catch2/catch.hpp>

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

// Goes through so many states, taking each time the choice whose turn it is, and begins anew at an
// end. Counts the worlds that were compared.
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

}  // namespace

TEST_CASE("explore: worlds that are copied in part are those that are copied as a whole") {
  const FaultBudget budget{.crashes = 2, .losses = 1, .duplicates = 1, .timeouts = 1};
  for (const char* name :
       {"order/two-phase-commit/commit", "order/tcc/all-confirm",
        "order/saga-orchestration/all-done", "order/saga-choreography/all-done"}) {
    CAPTURE(name);
    const WorldModel model(tests::load(std::string("scenarios/") + name + ".ini"), budget, ~0U);
    CHECK(walk(model, TXSIM_SANITIZED ? 30 : 150) > (TXSIM_SANITIZED ? 30 : 200));
  }
}

TEST_CASE("explore: a world that is copied goes its own way") {
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
