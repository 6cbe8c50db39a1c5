#include "tests/protocols/cost_world.h"

#include <catch2/catch.hpp>

namespace txsim::testing {

CostWorld::CostWorld(const CostShape& shape) : shape_(shape) {
  coordinator_ = small.service("order");
  const auto orders = small.resource("orders", coordinator_, 0, true);
  const auto gifts = small.resource("gifts", coordinator_, 10);
  std::vector<Step> steps;
  if (shape.own_steps) steps.push_back(small.step(Action::Create, orders, 0));
  for (int i = 1; i <= shape.steps + shape.readers; ++i) {
    const NodeId node = small.service("p" + std::to_string(i));
    const bool refuses = shape.last_refuses && i == shape.steps;
    const auto stock = small.resource("stock", node, refuses ? 0 : 10);
    const bool reads = i > shape.steps;
    const Action action = reads ? Action::Read : i <= shape.gives ? Action::Give : Action::Take;
    steps.push_back(small.step(action, stock, reads ? 0 : 1));
    if (shape.own_between && i == 1) {
      steps.push_back(shape.own_reads ? small.step(Action::Read, gifts, 0)
                                      : small.step(Action::Take, gifts, 1));
    }
  }
  if (shape.own_steps) steps.push_back(small.step(Action::Complete, orders, 0));
  const std::uint16_t kind = small.kind(steps);
  small.plan.kinds[kind].begins_at = coordinator_;
  for (int i = 0; i < shape.bystanders; ++i) {
    small.plan.kinds[kind].tells.push_back(small.service("b" + std::to_string(i)));
  }
  small.plan.steps_in_parallel = shape.parallel;
  small.workload.orders = 1;
}

void CostWorld::check(const SmallWorld::Make& make_service,
                      std::initializer_list<const char*> types, const Cost& expected) {
  World world = small.build(make_service);
  world.run(Time{seconds(60).ns});
  Cost cost;
  for (const char* type : types) cost.messages += sent(world, type);
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Forced) continue;
    if (record.node == small.broker) {
      ++cost.broker;
    } else {
      ++(record.node == coordinator_ ? cost.coordinator : cost.participants);
    }
  }
  CAPTURE(shape_.steps, shape_.gives, shape_.readers, shape_.bystanders, shape_.parallel);
  CHECK(cost.messages == expected.messages);
  CHECK(cost.coordinator == expected.coordinator);
  CHECK(cost.participants == expected.participants);
  CHECK(cost.broker == expected.broker);
}

}  // namespace txsim::testing
