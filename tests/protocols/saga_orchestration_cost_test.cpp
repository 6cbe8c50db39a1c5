// What an orchestrated saga costs when nothing fails, and when its last step is refused, as the
// formulas in saga_orchestration.h say, for 1 to 8 steps elsewhere.
#include <catch2/catch.hpp>

#include "protocols/saga_orchestration.h"
#include "tests/protocols/small_world.h"

namespace txsim {
namespace {

using testing::SmallWorld;

struct Shape {
  int steps = 1;             // at participants, one each, between the orchestrator's two
  int gives = 0;             // of those: the first so many give
  bool own_between = false;  // another step of the orchestrator's own in the middle
  int readers = 0;           // more participants, that only read
  bool last_refuses = false;
  bool own_steps = true;
  bool parallel = false;
};

struct Cost {
  std::uint64_t messages = 0;  // of the protocol
  std::uint64_t orchestrator = 0;
  std::uint64_t participants = 0;
};

Cost cost_of(const Shape& shape) {
  SmallWorld small;
  const NodeId shop = small.service("order");
  const auto orders = small.resource("orders", shop, 0, true);
  const auto gifts = small.resource("gifts", shop, 10);
  std::vector<Step> steps;
  if (shape.own_steps) steps.push_back(small.step(Action::Create, orders, 0));
  for (int i = 1; i <= shape.steps + shape.readers; ++i) {
    const NodeId node = small.service("p" + std::to_string(i));
    const bool refuses = shape.last_refuses && i == shape.steps;
    const auto stock = small.resource("stock", node, refuses ? 0 : 10);
    const bool reads = i > shape.steps;
    const Action action = reads ? Action::Read : i <= shape.gives ? Action::Give : Action::Take;
    steps.push_back(small.step(action, stock, reads ? 0 : 1));
    if (shape.own_between && i == 1) steps.push_back(small.step(Action::Take, gifts, 1));
  }
  if (shape.own_steps) steps.push_back(small.step(Action::Complete, orders, 0));
  small.kind(steps);
  small.plan.kinds.back().begins_at = shop;
  small.workload.orders = 1;
  SagaOrchestrationSettings settings;
  settings.parallel = shape.parallel;
  small.plan.steps_in_parallel = shape.parallel;
  World world = small.build([&](std::shared_ptr<const Plan> plan, NodeId self) {
    return std::make_shared<SagaOrchestrationService>(plan, self, small.entrance, small.store,
                                                      settings);
  });
  world.run(Time{seconds(60).ns});
  Cost cost;
  for (const char* type : {"Action", "ActionDone", "ActionRefused", "Compensate", "Compensated",
                           "CompensationRefused", "Release", "Released"}) {
    cost.messages += testing::sent(world, type);
  }
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Forced) continue;
    ++(record.node == shop ? cost.orchestrator : cost.participants);
  }
  return cost;
}

void check(const Shape& shape, const Cost& expected) {
  CAPTURE(shape.steps, shape.parallel);
  const Cost cost = cost_of(shape);
  CHECK(cost.messages == expected.messages);
  CHECK(cost.orchestrator == expected.orchestrator);
  CHECK(cost.participants == expected.participants);
}

}  // namespace

TEST_CASE("orchestrated saga: s steps cost 2s messages, s forced writes, s + 1 in the log") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    for (const bool parallel : {false, true}) {
      check({.steps = s, .parallel = parallel}, {2 * n, n + 1, n});
    }
    check({.steps = s, .own_between = true}, {2 * n, n + 1, n});
  }
}

TEST_CASE("orchestrated saga: g steps that give cost 2g messages and g forced writes more") {
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

TEST_CASE("orchestrated saga: refused at its last step it costs 4s - 2 messages") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .last_refuses = true}, {4 * n - 2, n + 2, 2 * n - 1});
    check({.steps = s, .last_refuses = true, .own_steps = false}, {4 * n - 2, n + 1, 2 * n - 1});
  }
}

}  // namespace txsim
