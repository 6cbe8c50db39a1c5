// The order domain as an orchestrated saga in a small world, for tests.
#pragma once

#include "protocols/saga_orchestration/saga_orchestration.h"
#include "tests/protocols/shop.h"

namespace txsim::testing::saga {

struct Shop : ShopOf<SagaOrchestrationService, SagaOrchestrationSettings> {
  using ShopOf::ShopOf;
  World run(Duration until = seconds(60)) {
    small.plan.steps_in_parallel = settings.parallel;
    return ShopOf::run(until);
  }
};

inline bool decided(const World& world, Outcome outcome) {
  const auto value = static_cast<std::int64_t>(outcome);
  return testing::count(world, {.fact = FactKind::Decided, .value = value}) ==
         testing::count(world, {.fact = FactKind::Decided});
}

}  // namespace txsim::testing::saga
