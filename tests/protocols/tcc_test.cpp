// TCC in small worlds: each role's actions in each state and after a crash.
#include "protocols/tcc/tcc.h"

#include <catch2/catch.hpp>

#include "tests/protocols/shop.h"

namespace txsim {
namespace {

using namespace testing;

using Shop = testing::ShopOf<TccService, TccSettings>;

}  // namespace

TEST_CASE("TCC: all participants reserve, then all confirm, then the client gets the reply") {
  Shop shop;
  const World world = shop.run();
  CHECK(testing::facts(
            world, {FactKind::Reserved, FactKind::Confirmed, FactKind::Decided, FactKind::Told}) ==
        std::vector<std::string>{"reserved 1 0", "reserved 1 2", "reserved 1 500", "reserved 1 0",
                                 "confirmed 1 2", "confirmed 1 500", "confirmed 1 0",
                                 "confirmed 1 1", "decided 1 1", "told 1 1"});
}

TEST_CASE("TCC: a refused step cancels the steps before it, not itself") {
  Shop shop(300);
  const World world = shop.run();
  CHECK(count(world, FactKind::Rejected, kPoint) == 1);
  CHECK(count(world, FactKind::Cancelled, kPoint) == 0);
  CHECK(count(world, FactKind::Cancelled, kProduct) == 1);
  CHECK(count(world, FactKind::Cancelled, kShop) == 1);
  CHECK(sent(world, "Cancel") == 1);
  CHECK(testing::count(world, {.fact = FactKind::Told, .value = 2}) == 1);
}

TEST_CASE("TCC: an order recovered CREATED is cancelled at every participant") {
  Shop shop;
  shop.crash_when_durable("tried", kShop);  // together with order-created
  const World world = shop.run();
  CHECK(sent(world, "Try") == 0);
  CHECK(sent(world, "Cancel") == 2);
  CHECK(count(world, FactKind::Confirmed, kPoint) == 0);
  CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 2}) == 1);
}

TEST_CASE("TCC: an order recovered RESERVED is confirmed at every participant") {
  Shop shop;
  shop.crash_when_durable("order-reserved", kShop);
  const World world = shop.run();
  CHECK(count(world, FactKind::Confirmed, kProduct) == 1);
  CHECK(count(world, FactKind::Confirmed, kPoint) == 1);
  CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 1}) == 1);
}

TEST_CASE("TCC: an order recovered CANCELLED is cancelled until all participants have answered") {
  Shop shop(300);
  shop.crash_when_durable("order-cancelled", kShop);
  const World world = shop.run();
  CHECK(count(world, FactKind::Confirmed, kProduct) == 0);
  CHECK(testing::count(world, {.fact = FactKind::Cancelled, .value = 2, .node = kProduct}) == 1);
}

TEST_CASE("TCC: a participant recovers its reservations from its log") {
  Shop shop;
  shop.crash_when_durable("tried", kProduct);
  const World world = shop.run();
  const TraceRecord& recovered =
      testing::first(world, {.fact = FactKind::Recovered, .node = kProduct});
  CHECK(recovered.value == 98);
  CHECK(recovered.extra == 2);
  CHECK(count(world, FactKind::Confirmed, kProduct) == 1);
  CHECK(testing::count(world, {.fact = FactKind::Told, .value = 1}) == 1);
}

TEST_CASE("TCC: the scheduler confirms a PENDING order") {
  Shop shop;
  shop.settings.retries = 0;
  shop.lose("Confirm", 1);
  const World world = shop.run();
  CHECK(sent(world, "Confirm") == 3);
  const Time decided = testing::first(world, {.fact = FactKind::Decided}).time;
  CHECK(decided > Time{0} + shop.settings.try_timeout + shop.settings.pending_every);
  CHECK(testing::count(world, {.fact = FactKind::Told, .value = 1}) == 1);
}

TEST_CASE("TCC: a sweep keeps a reservation that its order still needs") {
  Shop shop;
  shop.settings.retries = 0;
  shop.settings.sweep_after = milliseconds(300);
  shop.lose("Confirm", 1);
  const World world = shop.run();
  CHECK(sent(world, "StatusQuery") >= 2);
  CHECK(count(world, FactKind::Cancelled, kProduct) == 0);
  CHECK(count(world, FactKind::Confirmed, kProduct) == 1);
}

TEST_CASE("TCC: a sweep watches recovered reservations, even while the order service is down") {
  Shop shop;
  shop.settings.sweep_after = milliseconds(300);
  shop.crash_when_durable("tried", kProduct);
  shop.small.crash(kShop, milliseconds(20), seconds(30));
  const World world = shop.run(seconds(20));
  CHECK(testing::first(world, {.fact = FactKind::Recovered, .node = kProduct}).extra == 2);
  CHECK(sent(world, "StatusQuery") >= 1);
}

TEST_CASE(
    "TCC: a participant forgets a reservation cancelled by a sweep if its order was forgotten "
    "before") {
  Shop shop(300);
  shop.settings.retries = 0;
  shop.settings.cancel_every.reset();
  shop.small.workload.orders = 400;
  shop.lose("Cancel", 0);
  const World world = shop.run(seconds(100));
  CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
  std::size_t checkpoints = 0;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Checkpointed || record.node != kProduct) continue;
    ++checkpoints;
    CHECK(record.value <= 64);
  }
  CHECK(checkpoints >= 1);
}

TEST_CASE("TCC: memory depends on the orders in flight, not on earlier ones") {
  Shop shop;
  check_memory(shop, shop.maker());
}

}  // namespace txsim
