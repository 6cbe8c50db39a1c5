// The costs of a choreographed saga without failures, from the formulas in saga_choreography.h, for
// 1 to 8 steps at participants.
#include <catch2/catch.hpp>

#include "protocols/saga_choreography/saga_choreography.h"
#include "tests/protocols/cost_world.h"

namespace txsim {
namespace {

using testing::SmallWorld;

void check(const testing::CostShape& shape, const testing::Cost& expected) {
  testing::CostWorld world(shape);
  SmallWorld& small = world.small;
  small.with_broker = true;
  SagaChoreographySettings settings;
  settings.parallel = shape.parallel;
  const auto make = [&](std::shared_ptr<const Plan> plan, NodeId self) {
    return std::make_shared<SagaChoreographyService>(plan, self, small.receiver, small.store,
                                                     small.choreography, settings);
  };
  world.check(make,
              {"StepDone", "StepFailed", "StepCompensated", "SagaCancelled", "SagaDone",
               "PublishAck", "EventAck", "Subscribe"},
              expected);
}

}  // namespace

TEST_CASE("choreographed saga: s sequential steps cost 4s + 4 messages") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s},
          {.messages = 4 * n + 4, .coordinator = 2, .participants = n, .broker = n + 1});
  }
}

TEST_CASE("choreographed saga: s parallel steps cost 6s + 2 messages") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .parallel = true},
          {.messages = 6 * n + 2, .coordinator = n + 1, .participants = n, .broker = n + 1});
  }
}

TEST_CASE("choreographed saga: if the last of s steps is refused, it costs 8s messages") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .last_refuses = true},
          {.messages = 8 * n, .coordinator = 2, .participants = 2 * n - 1, .broker = 2 * n});
  }
}

TEST_CASE(
    "choreographed saga: an event for b bystanders costs 2b + 2 messages and b + 1 forced writes") {
  for (int b = 1; b <= 3; ++b) {
    const auto n = static_cast<std::uint64_t>(b);
    check({.steps = 2, .bystanders = b},
          {.messages = 12 + 2 * n + 2, .coordinator = 2, .participants = 2 + n, .broker = 4});
  }
}

}  // namespace txsim
