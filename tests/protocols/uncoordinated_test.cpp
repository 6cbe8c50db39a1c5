#include "protocols/uncoordinated/uncoordinated.h"

#include <catch2/catch.hpp>

#include "tests/protocols/small_world.h"

namespace txsim {
namespace {

using testing::amount;
using testing::Asked;
using testing::count;
using testing::facts;
using testing::message;
using testing::order;
using testing::sent;
using testing::SmallWorld;

using Lines = std::vector<std::string>;

// Three services. An order creates its record, takes 2 of 10 in stock, takes 3 of 7 points and
// completes its record.
struct Shop {
  SmallWorld world;
  UncoordinatedSettings settings;
  NodeId shop = world.service("order");
  NodeId product = world.service("product");
  NodeId point = world.service("point");
  std::uint16_t orders = world.resource("orders", shop, 0, true);
  std::uint16_t stock = world.resource("stock", product, 10);
  std::uint16_t points = world.resource("points", point, 7);

  Shop() {
    world.kind({world.step(Action::Create, orders, 1), world.step(Action::Take, stock, 2),
                world.step(Action::Take, points, 3), world.step(Action::Complete, orders, 1)});
  }
  World run() {
    World built = world.build([&](std::shared_ptr<const Plan> plan, NodeId self) {
      return std::make_shared<UncoordinatedService>(plan, self, world.receiver, world.store,
                                                    settings);
    });
    built.run(Time{seconds(100).ns});
    return built;
  }
};

}  // namespace

TEST_CASE(
    "uncoordinated: services are called in sequence, with two messages and one force for each "
    "call") {
  Shop shop;
  const World world = shop.run();
  CHECK(sent(world, "Call") == 2);
  CHECK(sent(world, "Called") == 2);
  CHECK(world.statistics().nodes[shop.product].forces == 1);
  CHECK(world.statistics().nodes[shop.point].forces == 1);
  CHECK(facts(world,
              {FactKind::PhaseEntered, FactKind::Applied, FactKind::Finished, FactKind::Told}) ==
        Lines{"phase 1 1", "phase 1 2", "applied 1 0", "applied 1 -2", "applied 1 -3",
              "applied 1 1", "finished 1 1", "phase 1 6", "told 1 1"});
}

TEST_CASE("uncoordinated: the stock stays taken when the points fail") {
  Shop shop;
  shop.world.plan.resources[shop.points].initial = 1;
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Told}) == Lines{"told 1 2"});
  CHECK(amount(world, shop.world.plan, shop.stock) == 8);
  CHECK(amount(world, shop.world.plan, shop.orders) == 0);
}

TEST_CASE("uncoordinated: a call whose answer is lost takes effect and is reported as failed") {
  Shop shop;
  shop.world.when(FaultKind::Drop, message("Called"), 2, std::nullopt);
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Told}) == Lines{"told 1 2"});
  CHECK(amount(world, shop.world.plan, shop.points) == 4);
}

TEST_CASE("uncoordinated: an answer that arrives after the caller's timeout changes nothing") {
  Shop shop;
  shop.world.when(FaultKind::Slow, message("Called"), 1, std::nullopt, seconds(3));
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Told}) == Lines{"told 1 2"});
  CHECK(sent(world, "Call") == 1);
}

TEST_CASE("uncoordinated: a call delivered twice takes effect twice") {
  Shop shop;
  shop.world.when(FaultKind::Duplicate, message("Call"), 1, std::nullopt, milliseconds(1));
  const World world = shop.run();
  CHECK(amount(world, shop.world.plan, shop.stock) == 6);
}

TEST_CASE("uncoordinated: an unreachable service ends the work at once") {
  Shop shop;
  Fault refuse;
  refuse.kind = FaultKind::Refuse;
  refuse.nodes = {shop.point};
  refuse.duration = seconds(1);
  shop.world.faults.push_back(refuse);
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Told}) == Lines{"told 1 2"});
  CHECK(world.now() < Time{seconds(2).ns});
  CHECK(amount(world, shop.world.plan, shop.stock) == 8);
}

TEST_CASE("uncoordinated: a crash of the caller leaves its transactions half done") {
  Shop shop;
  shop.world.when(FaultKind::Crash, message("Called"), 1, milliseconds(100));
  shop.world.faults.back().nodes = {shop.shop};
  const World world = shop.run();
  CHECK(amount(world, shop.world.plan, shop.stock) == 8);
  CHECK(facts(world, {FactKind::Told, FactKind::GaveUp}) == Lines{"gave-up 1 0"});
}

}  // namespace txsim
