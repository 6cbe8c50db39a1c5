// What a choreographed saga costs when nothing fails, as the formulas in saga_choreography.h say,
// for 1 to 8 steps elsewhere.
#include <catch2/catch.hpp>

#include "protocols/saga_choreography.h"
#include "tests/protocols/small_world.h"

namespace txsim {
namespace {

using testing::SmallWorld;

struct Shape {
  int steps = 1;  // at participants, one each, between the origin's two
  bool last_refuses = false;
  bool parallel = false;
  int bystanders = 0;  // services that are told when all is done
};

struct Cost {
  std::uint64_t messages = 0;  // of the protocol
  std::uint64_t origin = 0;    // forced writes
  std::uint64_t participants = 0;
  std::uint64_t broker = 0;
};

Cost cost_of(const Shape& shape) {
  SmallWorld small;
  small.with_broker = true;
  small.plan.steps_in_parallel = shape.parallel;
  const NodeId shop = small.service("order");
  const auto orders = small.resource("orders", shop, 0, true);
  std::vector<Step> steps = {small.step(Action::Create, orders, 0)};
  for (int i = 1; i <= shape.steps; ++i) {
    const NodeId node = small.service("p" + std::to_string(i));
    const bool refuses = shape.last_refuses && i == shape.steps;
    const auto stock = small.resource("stock", node, refuses ? 0 : 10);
    steps.push_back(small.step(Action::Take, stock, 1));
  }
  steps.push_back(small.step(Action::Complete, orders, 0));
  const std::uint16_t kind = small.kind(steps);
  for (int i = 0; i < shape.bystanders; ++i) {
    small.plan.kinds[kind].tells.push_back(small.service("b" + std::to_string(i)));
  }
  small.workload.orders = 1;
  SagaChoreographySettings settings;
  settings.parallel = shape.parallel;
  World world = small.build([&](std::shared_ptr<const Plan> plan, NodeId self) {
    return std::make_shared<SagaChoreographyService>(plan, self, small.entrance, small.store,
                                                     small.choreography, settings);
  });
  world.run(Time{seconds(60).ns});
  Cost cost;
  for (const char* type : {"StepDone", "StepFailed", "StepCompensated", "SagaCancelled", "SagaDone",
                           "PublishAck", "EventAck", "Subscribe"}) {
    cost.messages += testing::sent(world, type);
  }
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Forced) continue;
    if (record.node == small.broker) {
      ++cost.broker;
    } else {
      ++(record.node == shop ? cost.origin : cost.participants);
    }
  }
  return cost;
}

void check(const Shape& shape, const Cost& expected) {
  CAPTURE(shape.steps, shape.parallel, shape.bystanders);
  const Cost cost = cost_of(shape);
  CHECK(cost.messages == expected.messages);
  CHECK(cost.origin == expected.origin);
  CHECK(cost.participants == expected.participants);
  CHECK(cost.broker == expected.broker);
}

}  // namespace

TEST_CASE("choreographed saga: s steps in turn cost 4s + 4 messages") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s}, {.messages = 4 * n + 4, .origin = 2, .participants = n, .broker = n + 1});
  }
}

TEST_CASE("choreographed saga: s steps at once cost 6s + 2 messages") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .parallel = true},
          {.messages = 6 * n + 2, .origin = n + 1, .participants = n, .broker = n + 1});
  }
}

TEST_CASE("choreographed saga: refused by the last of s steps it costs 8s messages") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .last_refuses = true},
          {.messages = 8 * n, .origin = 2, .participants = 2 * n - 1, .broker = 2 * n});
  }
}

TEST_CASE("choreographed saga: telling b services costs 2b + 2 messages and b + 1 forced writes") {
  for (int b = 1; b <= 3; ++b) {
    const auto n = static_cast<std::uint64_t>(b);
    check({.steps = 2, .bystanders = b},
          {.messages = 12 + 2 * n + 2, .origin = 2, .participants = 2 + n, .broker = 4});
  }
}

}  // namespace txsim
