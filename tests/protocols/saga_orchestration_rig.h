// The order domain as an orchestrated saga, in a world made by hand, for its tests.
#pragma once

#include <string_view>

#include "protocols/saga_orchestration.h"
#include "tests/protocols/small_world.h"

namespace txsim::testing::saga {

inline constexpr NodeId kShop = 0;
inline constexpr NodeId kProduct = 1;
inline constexpr NodeId kPoint = 2;

// The order domain: create; take 2 of stock; take 500 of points; complete.
struct Shop {
  SmallWorld small;
  SagaOrchestrationSettings settings;
  std::uint16_t orders = 0;
  std::uint16_t stock = 0;
  std::uint16_t points = 0;

  explicit Shop(std::int64_t points_there = 1000) {
    small.service("order");
    small.service("product");
    small.service("point");
    orders = small.resource("orders", kShop, 0, true);
    stock = small.resource("stock", kProduct, 100);
    points = small.resource("balance", kPoint, points_there);
    small.kind({small.step(Action::Create, orders, 0), small.step(Action::Take, stock, 2),
                small.step(Action::Take, points, 500), small.step(Action::Complete, orders, 0)});
    small.workload.orders = 1;
    small.disk = Delay::constant(milliseconds(2));
  }
  World run(Duration until = seconds(60)) {
    small.plan.steps_in_parallel = settings.parallel;
    World world = small.build([this](std::shared_ptr<const Plan> plan, NodeId self) {
      return std::make_shared<SagaOrchestrationService>(plan, self, small.entrance, small.store,
                                                        settings);
    });
    world.run(Time{until.ns});
    return world;
  }
  void lose(std::string_view type, std::uint64_t nth) {
    small.when(FaultKind::Drop, message(type), nth, std::nullopt);
  }
  void refuse(NodeId node, Duration at, Duration duration) {
    Fault fault;
    fault.kind = FaultKind::Refuse;
    fault.placed = PlacedBy::Time;
    fault.at = Time{at.ns};
    fault.nodes = {node};
    fault.duration = duration;
    small.faults.push_back(fault);
  }
};

inline std::size_t count(const World& world, FactKind fact, NodeId node) {
  return testing::count(world, {.fact = fact, .node = node});
}

inline bool told(const World& world, Reply reply) {
  return testing::count(world,
                        {.fact = FactKind::Told, .value = static_cast<std::int64_t>(reply)}) == 1;
}

inline bool decided(const World& world, Outcome outcome) {
  const auto value = static_cast<std::int64_t>(outcome);
  return testing::count(world, {.fact = FactKind::Decided, .value = value}) ==
         testing::count(world, {.fact = FactKind::Decided});
}

inline void crash_when_durable(Shop& shop, std::string_view record, NodeId node,
                               std::uint64_t nth = 1) {
  Fault fault;
  fault.kind = FaultKind::Crash;
  fault.placed = PlacedBy::Event;
  fault.when.kind = EventKind::Durable;
  fault.when.what = word(record);
  fault.when.nodes = {node};
  fault.nth = nth;
  fault.nodes = {node};
  fault.duration = milliseconds(100);
  shop.small.faults.push_back(fault);
}

}  // namespace txsim::testing::saga
