#include "tests/protocols/shop.h"

#include <catch2/catch.hpp>

namespace txsim::testing {

ShopWorld::ShopWorld(std::int64_t points_there) {
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

World ShopWorld::run(const SmallWorld::Make& make_service, Duration until) {
  World world = small.build(make_service);
  world.run(Time{until.ns});
  return world;
}

void ShopWorld::lose(std::string_view type, std::uint64_t nth) {
  small.when(FaultKind::Drop, message(type), nth, std::nullopt);
}

void ShopWorld::refuse(NodeId node, Duration at, Duration duration) {
  Fault fault;
  fault.kind = FaultKind::Refuse;
  fault.placed = PlacedBy::Time;
  fault.at = Time{at.ns};
  fault.nodes = {node};
  fault.duration = duration;
  small.faults.push_back(fault);
}

void ShopWorld::crash_when_durable(std::string_view record, NodeId node, std::uint64_t nth) {
  EventPattern durable;
  durable.kind = EventKind::Durable;
  durable.what = word(record);
  durable.nodes = {node};
  small.when(FaultKind::Crash, durable, nth, milliseconds(100));
}

std::size_t count(const World& world, FactKind fact, NodeId node) {
  return count(world, Asked{.fact = fact, .node = node});
}

std::size_t told(const World& world, Reply reply) {
  return count(world, {.fact = FactKind::Told, .value = static_cast<std::int64_t>(reply)});
}

void check_memory(ShopWorld& shop, const SmallWorld::Make& make_service, std::int64_t most) {
  shop.small.plan.resources[shop.stock].initial = 100'000;
  shop.small.plan.resources[shop.points].initial = 1'000'000;
  shop.small.workload.orders = 1500;
  shop.small.workload.arrivals = Arrivals::ClosedLoop;
  shop.small.workload.clients = 4;
  const World world = shop.run(make_service, seconds(600));
  CHECK(told(world, Reply::Done) == 1500);
  std::size_t checkpoints = 0;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Checkpointed) continue;
    ++checkpoints;
    CHECK(record.value <= most);
  }
  CHECK(checkpoints >= 3);
}

}  // namespace txsim::testing
