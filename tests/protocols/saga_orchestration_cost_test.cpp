// The costs of an orchestrated saga without failures and with a refused last step, from the
// formulas in saga_orchestration.h, for 1 to 8 steps at participants.
#include <catch2/catch.hpp>

#include "protocols/saga_orchestration/saga_orchestration.h"
#include "tests/protocols/cost_world.h"

namespace txsim {
namespace {

void check(const testing::CostShape& shape, const testing::Cost& expected) {
  testing::CostWorld world(shape);
  SagaOrchestrationSettings settings;
  settings.parallel = shape.parallel;
  const auto make = [&](std::shared_ptr<const Plan> plan, NodeId self) {
    return std::make_shared<SagaOrchestrationService>(plan, self, world.small.receiver,
                                                      world.small.store, settings);
  };
  world.check(make,
              {"Action", "ActionDone", "ActionRefused", "Compensate", "Compensated",
               "CompensationRefused", "Release", "Released"},
              expected);
}

}  // namespace

TEST_CASE("orchestrated saga: s steps cost 2s messages, s forced writes, s + 1 in the log") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    for (const bool parallel : {false, true}) {
      check({.steps = s, .parallel = parallel}, {2 * n, n + 1, n});
    }
    check({.steps = s, .own_between = true}, {2 * n, n + 1, n});
    check({.steps = s, .own_between = true, .own_reads = true}, {2 * n, n + 1, n});
  }
}

TEST_CASE("orchestrated saga: g steps that give cost 2g more messages and g more forced writes") {
  for (int s = 1; s <= 8; ++s) {
    for (int g = 1; g <= s; ++g) {
      const auto n = static_cast<std::uint64_t>(s);
      const auto k = static_cast<std::uint64_t>(g);
      check({.steps = s, .gives = g}, {2 * n + 2 * k, n + 1, n + k});
    }
  }
}

TEST_CASE("orchestrated saga: a step that only reads costs two messages and one write in the log") {
  for (int s = 1; s <= 4; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .readers = s}, {4 * n, 2 * n + 1, n});
  }
}

TEST_CASE("orchestrated saga: if its last step is refused, it costs 4s - 2 messages") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .last_refuses = true}, {4 * n - 2, n + 2, 2 * n - 1});
    check({.steps = s, .own_steps = false, .last_refuses = true}, {4 * n - 2, n + 1, 2 * n - 1});
    if (s == 1) continue;  // no earlier step is to be compensated
    check({.steps = s, .own_between = true, .last_refuses = true}, {4 * n - 2, n + 3, 2 * n - 1});
  }
}

}  // namespace txsim
