// What TCC costs when nothing fails, as the formulas in tcc.h say, for 1 to 8 steps elsewhere.
#include <catch2/catch.hpp>

#include "protocols/tcc.h"
#include "tests/protocols/small_world.h"

namespace txsim {
namespace {

using testing::SmallWorld;

struct Shape {
  int steps = 1;             // at participants, one each, between the coordinator's two
  bool own_between = false;  // another step of the coordinator's own in the middle
  int readers = 0;           // more participants, that only read
  bool last_refuses = false;
  bool parallel = false;
};

struct Cost {
  std::uint64_t messages = 0;  // of the protocol
  std::uint64_t coordinator = 0;
  std::uint64_t participants = 0;
};

Cost cost_of(const Shape& shape) {
  SmallWorld small;
  const NodeId shop = small.service("order");
  const auto orders = small.resource("orders", shop, 0, true);
  const auto gifts = small.resource("gifts", shop, 10);
  std::vector<Step> steps = {small.step(Action::Create, orders, 0)};
  for (int i = 1; i <= shape.steps + shape.readers; ++i) {
    const NodeId node = small.service("p" + std::to_string(i));
    const bool refuses = shape.last_refuses && i == shape.steps;
    const auto stock = small.resource("stock", node, refuses ? 0 : 10);
    const bool reads = i > shape.steps;
    steps.push_back(small.step(reads ? Action::Read : Action::Take, stock, reads ? 0 : 1));
    if (shape.own_between && i == 1) steps.push_back(small.step(Action::Take, gifts, 1));
  }
  steps.push_back(small.step(Action::Complete, orders, 0));
  small.kind(steps);
  small.workload.orders = 1;
  TccSettings settings;
  settings.parallel = shape.parallel;
  World world = small.build([&](std::shared_ptr<const Plan> plan, NodeId self) {
    return std::make_shared<TccService>(plan, self, small.entrance, small.store, settings);
  });
  world.run(Time{seconds(60).ns});
  Cost cost;
  for (const char* type : {"Try", "Tried", "TryRefused", "Confirm", "Confirmed", "Cancel",
                           "Cancelled", "StatusQuery", "Status"}) {
    cost.messages += testing::sent(world, type);
  }
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Forced) continue;
    ++(record.node == shop ? cost.coordinator : cost.participants);
  }
  return cost;
}

void check(const Shape& shape, const Cost& expected) {
  CAPTURE(shape.steps, shape.parallel);
  const Cost cost = cost_of(shape);
  CHECK(cost.messages == expected.messages);
  CHECK(cost.coordinator == expected.coordinator);
  CHECK(cost.participants == expected.participants);
}

}  // namespace

TEST_CASE("TCC: s steps cost 4s messages, 2s forced writes and 3 at the coordinator") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    for (const bool parallel : {false, true}) {
      check({.steps = s, .parallel = parallel}, {4 * n, 3, 2 * n});
    }
  }
}

TEST_CASE("TCC: a step of the coordinator's own between others costs one more forced write") {
  for (int s = 2; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .own_between = true}, {4 * n, 4, 2 * n});
  }
}

TEST_CASE("TCC: a step that only reads costs two messages") {
  for (int s = 1; s <= 4; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .readers = s}, {4 * n + 2 * n, 3, 2 * n});
  }
}

TEST_CASE("TCC: cancelled at its last step it costs 4s - 2 messages and 2s - 1 forced writes") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .last_refuses = true}, {4 * n - 2, 2, 2 * n - 1});
  }
}

}  // namespace txsim
