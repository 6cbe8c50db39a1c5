#include "protocols/local/local.h"

#include <catch2/catch.hpp>

#include "tests/protocols/small_world.h"

namespace txsim {
namespace {

using testing::amount;
using testing::Asked;
using testing::count;
using testing::facts;
using testing::first;
using testing::order;
using testing::SmallWorld;

using Lines = std::vector<std::string>;

// One service with all resources. An order takes 4 of 10 in stock and 2 of 5 points.
struct Shop {
  SmallWorld world;
  LocalSettings settings;
  NodeId shop = world.service("shop");
  std::uint16_t orders = world.resource("orders", shop, 0, true);
  std::uint16_t stock = world.resource("stock", shop, 10);
  std::uint16_t points = world.resource("points", shop, 5);

  Shop() {
    world.kind({world.step(Action::Create, orders, 1), world.step(Action::Take, stock, 4),
                world.step(Action::Take, points, 2), world.step(Action::Complete, orders, 1)});
  }
  World run(Duration until = seconds(100)) {
    World built = world.build([&](std::shared_ptr<const Plan> plan, NodeId self) {
      return std::make_shared<LocalService>(plan, self, world.receiver, world.store, settings);
    });
    built.run(Time{until.ns});
    return built;
  }
};

}  // namespace

TEST_CASE("local: all steps take effect in one transaction with one forced record") {
  Shop shop;
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Submitted, FactKind::PhaseEntered, FactKind::Decided,
                      FactKind::Applied, FactKind::Finished, FactKind::Told}) ==
        Lines{"submitted 1 1", "phase 1 1", "phase 1 2", "decided 1 1", "phase 1 4", "applied 1 0",
              "applied 1 0", "applied 1 0", "applied 1 0", "finished 1 1", "phase 1 6",
              "told 1 1"});
  CHECK(world.statistics().nodes[shop.shop].records == 1);
  CHECK(world.statistics().nodes[shop.shop].forces == 1);
  CHECK(amount(world, shop.world.plan, shop.orders) == 1);
}

TEST_CASE("local: a crash keeps the amount that a step `as read` has written") {
  Shop shop;
  Step read = shop.world.step(Action::Read, shop.stock, 0);
  read.is_kept = true;
  Step as_read = shop.world.step(Action::Take, shop.stock, 1);
  as_read.as_read = true;
  shop.world.plan.kinds[0].steps = {read, shop.world.step(Action::Take, shop.stock, 4), as_read};
  shop.world.crash(shop.shop, seconds(1), seconds(1));
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Recovered}) ==
        Lines{"recovered 0 0", "recovered 0 9", "recovered 0 5"});
}

TEST_CASE("local: a refused step undoes all steps, and the client gets the reply `failed`") {
  Shop shop;
  shop.world.workload.orders = 3;
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Rejected, FactKind::Undone, FactKind::Told}) ==
        Lines{"told 1 1", "told 2 1", "rejected 3 0", "undone 3 0", "told 3 2"});
  CHECK(amount(world, shop.world.plan, shop.stock) == 2);
  CHECK(amount(world, shop.world.plan, shop.points) == 1);
  CHECK(amount(world, shop.world.plan, shop.orders) == 2);
}

TEST_CASE("local: without the transaction, order and stock stay when the points fail") {
  Shop shop;
  shop.settings.transaction = false;
  shop.world.plan.resources[shop.points].initial = 1;
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Told}) == Lines{"told 1 2"});
  CHECK(amount(world, shop.world.plan, shop.stock) == 6);
  CHECK(amount(world, shop.world.plan, shop.points) == 1);
  CHECK(amount(world, shop.world.plan, shop.orders) == 0);
}

TEST_CASE("local: a crash before the commit record is durable leaves no step in effect") {
  Shop shop;
  shop.world.disk = Delay::constant(milliseconds(10));
  shop.world.crash(shop.shop, milliseconds(5), milliseconds(50));
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Recovered, FactKind::Told, FactKind::GaveUp}) ==
        Lines{"recovered 0 0", "recovered 0 10", "recovered 0 5", "gave-up 1 0"});
}

TEST_CASE("local: a crash right after the commit record is durable keeps and announces all steps") {
  Shop shop;
  EventPattern durable;
  durable.kind = EventKind::Durable;
  shop.world.when(FaultKind::Crash, durable, 1, milliseconds(50));
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Applied, FactKind::Finished, FactKind::Recovered}) ==
        Lines{"applied 1 0", "applied 1 0", "applied 1 0", "applied 1 0", "finished 1 1",
              "finished 1 1", "recovered 0 1", "recovered 0 6", "recovered 0 3"});
}

TEST_CASE("local: a transaction waits for a row that another one holds") {
  Shop shop;
  // Two kinds lock the same rows in opposite order. Each transaction does all its steps in one
  // instant, so they run one after the other and do not deadlock.
  SmallWorld& small = shop.world;
  small.kind({small.step(Action::Take, shop.points, 1), small.step(Action::Take, shop.stock, 1)});
  small.workload.orders = 2;
  small.workload.every = Duration{0};
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Told, FactKind::LockWaited}) == Lines{"told 1 1", "told 2 1"});
  CHECK(amount(world, small.plan, shop.stock) == 5);
}

TEST_CASE("local: an order known from the log after a crash is not executed again") {
  Shop shop;
  shop.world.receiver.enabled = true;
  shop.world.receiver.lock = false;
  shop.world.workload.repeats = 1;
  shop.world.workload.repeat_after = milliseconds(500);
  shop.world.crash(shop.shop, milliseconds(100), milliseconds(50));
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Told, FactKind::Recognised}) ==
        Lines{"told 1 1", "recognised 1.1 1", "told 1.1 1"});
  CHECK(amount(world, shop.world.plan, shop.stock) == 6);
}

}  // namespace txsim
