#include "services/idempotent_receiver.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "protocols/uncoordinated/uncoordinated.h"
#include "tests/protocols/small_world.h"

namespace txsim {
namespace {

using testing::amount;
using testing::Asked;
using testing::count;
using testing::facts;
using testing::first;
using testing::message;
using testing::order;
using testing::sent;
using testing::SmallWorld;

using Lines = std::vector<std::string>;

// An order calls the product service twice, so an execution lasts four milliseconds and executions
// can overlap. Each execution adds two to the total.
struct Shop {
  SmallWorld world;
  NodeId shop = world.service("order");
  NodeId product = world.service("product");
  std::uint16_t orders = world.resource("orders", shop, 0, true);
  std::uint16_t total = world.resource("total", product, 0);

  Shop() {
    world.receiver.enabled = true;
    world.with_lock_service = true;
    world.kind({world.step(Action::Create, orders, 1), world.step(Action::Give, total, 1),
                world.step(Action::Give, total, 1)});
  }
  World run(Duration until = seconds(200)) {
    World built = world.build([&](std::shared_ptr<const Plan> plan, NodeId self) {
      return std::make_shared<UncoordinatedService>(plan, self, world.receiver, world.store,
                                                    UncoordinatedSettings{});
    });
    built.run(Time{until.ns});
    return built;
  }
  std::int64_t executions(const World& ran) const { return amount(ran, world.plan, total) / 2; }
};

// Submits an order twice: the second time during the first execution (gap 1 ms) or after it (gap 50
// ms).
Shop twice(int gap_ms) {
  Shop shop;
  shop.world.workload.repeats = 1;
  shop.world.workload.repeat_after = milliseconds(gap_ms);
  return shop;
}

}  // namespace

TEST_CASE(
    "idempotent receiver: switched off, every submission is executed without a request to a "
    "lock") {
  Shop shop = twice(50);
  shop.world.receiver.enabled = false;
  const World world = shop.run();
  CHECK(shop.executions(world) == 2);
  CHECK(sent(world, "AcquireLock") == 0);
}

TEST_CASE("idempotent receiver: a repeated order is recognised and gets the same answer") {
  Shop shop = twice(50);
  const World world = shop.run();
  CHECK(shop.executions(world) == 1);
  CHECK(facts(world, {FactKind::Recognised, FactKind::Told}) ==
        Lines{"told 1 1", "recognised 1.1 1", "told 1.1 1"});
}

TEST_CASE("idempotent receiver: without order ids the same order is executed twice") {
  Shop shop = twice(50);
  shop.world.receiver.order_id = false;
  CHECK(shop.executions(shop.run()) == 2);
}

TEST_CASE(
    "idempotent receiver: a failed order submitted again is recognised as failed, even after a "
    "crash") {
  for (const bool crash : {false, true}) {
    Shop shop = twice(50);
    shop.world.plan.kinds[0].steps[2].action = Action::Take;
    shop.world.plan.kinds[0].steps[2].amount = 5;
    if (crash) shop.world.crash(shop.shop, milliseconds(30), milliseconds(10));
    const World world = shop.run();
    CHECK(facts(world, {FactKind::Recognised, FactKind::Told}) ==
          Lines{"told 1 2", "recognised 1.1 1", "told 1.1 2"});
  }
}

TEST_CASE(
    "idempotent receiver: without a lock two concurrent submissions both find the order new") {
  Shop shop = twice(1);
  shop.world.receiver.lock = false;
  CHECK(shop.executions(shop.run()) == 2);
}

// Of two concurrent submissions the second finds nothing left. A third arrives after both have
// ended.
TEST_CASE(
    "idempotent receiver: an executed order stays executed, even if a later submission fails") {
  Shop shop = twice(1);
  shop.world.receiver.lock = false;
  shop.world.plan.resources[shop.total].initial = 1;
  shop.world.plan.kinds.clear();
  shop.world.kind({shop.world.step(Action::Create, shop.orders, 1),
                   shop.world.step(Action::Take, shop.total, 1)});
  shop.world.workload.repeats = 2;
  shop.world.when(FaultKind::Slow, message("Submit"), 3, std::nullopt, milliseconds(50));
  const World world = shop.run();
  CHECK(facts(world, {FactKind::Told}) == Lines{"told 1 1", "told 1.1 2", "told 1.2 1"});
  CHECK(sent(world, "Call") == 2);
}

TEST_CASE(
    "idempotent receiver: with a lock a concurrent second submission learns that the first is "
    "under way") {
  Shop shop = twice(1);
  const World world = shop.run();
  CHECK(shop.executions(world) == 1);
  CHECK(facts(world, {FactKind::OrderLocked, FactKind::Told, FactKind::OrderUnlocked}) ==
        Lines{"order-locked 1 1", "told 1.1 3", "told 1 1", "order-unlocked 1 1"});
}

TEST_CASE("idempotent receiver: a submission delivered twice is executed once and answered once") {
  for (const int gap_ms : {1, 50}) {
    Shop shop;
    shop.world.when(FaultKind::Duplicate, message("Submit"), 1, std::nullopt, milliseconds(gap_ms));
    const World world = shop.run();
    CHECK(shop.executions(world) == 1);
    CHECK(count(world, Asked{.fact = FactKind::Told}) == 1);
  }
}

TEST_CASE("idempotent receiver: a lost request, grant or release of the lock is repeated") {
  for (const char* lost : {"AcquireLock", "LockAcquired", "ReleaseLock", "LockFreed"}) {
    INFO(lost);
    Shop shop;
    shop.world.when(FaultKind::Drop, message(lost), 1, std::nullopt);
    const World world = shop.run();
    CHECK(shop.executions(world) == 1);
    CHECK(facts(world, {FactKind::OrderLocked, FactKind::OrderUnlocked}) ==
          Lines{"order-locked 1 1", "order-unlocked 1 1"});
    CHECK(count(world, Asked{.fact = FactKind::Resent}) == 1);
    CHECK(world.now() < Time{seconds(6).ns});
  }
}

TEST_CASE("idempotent receiver: a lock granted to an ended submission is released again") {
  Shop shop;
  shop.world.when(FaultKind::Duplicate, message("AcquireLock"), 1, std::nullopt, milliseconds(100));
  const World world = shop.run();
  CHECK(facts(world, {FactKind::OrderLocked, FactKind::OrderUnlocked}) ==
        Lines{"order-locked 1 1", "order-unlocked 1 1", "order-locked 1 1", "order-unlocked 1 1"});
}

// The lock that the first submission requested before the crash has expired and belongs to the
// second submission. The first submission arrives again and requests the lock again. The first
// grant to arrive answers the old request.
TEST_CASE("idempotent receiver: an answer to a request from before a crash grants no lock") {
  Shop shop = twice(14);
  shop.world.lock_service.expiry = milliseconds(10);
  shop.world.crash(shop.shop, microseconds(1'500), milliseconds(2));
  shop.world.when(FaultKind::Slow, message("LockAcquired"), 1, std::nullopt, microseconds(13'800));
  shop.world.when(FaultKind::Duplicate, message("Submit"), 1, std::nullopt, microseconds(15'200));
  const World world = shop.run();
  CHECK(shop.executions(world) == 1);
  CHECK(sent(world, "AcquireLock") == 3);
  CHECK(facts(world, {FactKind::OrderLocked, FactKind::Told}) ==
        Lines{"order-locked 1 1", "order-locked 1.1 1", "told 1 3", "told 1.1 1"});
}

TEST_CASE("idempotent receiver: the lock of a crashed holder expires") {
  Shop shop;
  shop.world.workload.retries = 20;
  shop.world.when(FaultKind::Crash, message("Call"), 1, milliseconds(100));
  shop.world.faults.back().nodes = {shop.shop};
  const World world = shop.run();
  CHECK(first(world, Asked{.fact = FactKind::OrderUnlocked}).extra == 1);
  CHECK(count(world, Asked{.fact = FactKind::Told, .value = 1}) == 1);
}

TEST_CASE(
    "idempotent receiver: a lock without expiry stays held forever after its holder crashed") {
  Shop shop;
  shop.world.workload.retries = 20;
  shop.world.lock_service.expiry.reset();
  shop.world.when(FaultKind::Crash, message("Call"), 1, milliseconds(100));
  shop.world.faults.back().nodes = {shop.shop};
  const World world = shop.run();
  CHECK(count(world, Asked{.fact = FactKind::OrderUnlocked}) == 0);
  CHECK(count(world, Asked{.fact = FactKind::Told, .value = 1}) == 0);
  CHECK(count(world, Asked{.fact = FactKind::GaveUp, .transaction = order(1)}) == 1);
}

TEST_CASE(
    "lock service: an expiry during an execution admits a second one, unless tokens are checked") {
  for (const bool fencing : {true, false}) {
    Shop shop = twice(3);
    shop.world.lock_service.expiry = milliseconds(2);
    shop.world.receiver.fencing = fencing;
    const World world = shop.run();
    CHECK(shop.executions(world) == (fencing ? 1 : 2));
    CHECK(count(world, Asked{.fact = FactKind::OrderLocked}) == 2);
    CHECK(count(world, Asked{.fact = FactKind::Told, .value = 3}) == (fencing ? 1 : 0));
  }
}

TEST_CASE("fence: it bars all submissions except the newest, and recovers that from its records") {
  Fence fence;
  CHECK_FALSE(fence.bars(order(1)));
  CHECK_FALSE(fence.learn(order(1), 0));  // no token
  CHECK(fence.learn(order(1, 1), 5));
  CHECK(fence.bars(order(1)));
  CHECK_FALSE(fence.bars(order(1, 1)));
  CHECK_FALSE(fence.bars(order(2)));  // another order
  CHECK_FALSE(fence.learn(order(1), 4));
  CHECK(fence.is_stale(order(1), 4));
  CHECK(fence.token_of(order(1)) == 0);
  CHECK(fence.token_of(order(1, 1)) == 5);
  std::vector<LogRecord> log;
  fence.write_checkpoint(log);
  REQUIRE(log.size() == 1);
  Fence after;
  CHECK(after.recover(log[0]));
  CHECK(after.bars(order(1)));
  CHECK(after.last(order(1)) == order(1, 1));
}

// The first submission's call is late. Its caller crashes and forgets it, its lock expires, and the
// second submission is executed. The late call then carries the older token.
TEST_CASE(
    "idempotent receiver: a step with an older token than the newest is refused where it is "
    "done") {
  for (const bool fencing : {true, false}) {
    Shop shop = twice(40);
    shop.world.receiver.fencing = fencing;
    shop.world.lock_service.expiry = milliseconds(20);
    shop.world.when(FaultKind::Slow, message("Call"), 1, std::nullopt, milliseconds(200));
    shop.world.crash(shop.shop, milliseconds(6), milliseconds(1));
    const World world = shop.run();
    CHECK(count(world, Asked{.fact = FactKind::Applied, .transaction = order(1), .node = 1}) ==
          (fencing ? 0 : 1));
    CHECK(count(world, Asked{.fact = FactKind::Applied, .transaction = order(1, 1), .node = 1}) ==
          2);
  }
}

TEST_CASE(
    "lock service: without the owner check an expired holder releases the next holder's lock") {
  for (const bool owner_check : {true, false}) {
    Shop shop = twice(4);
    shop.world.receiver.fencing = false;
    shop.world.lock_service.expiry = milliseconds(4);
    shop.world.lock_service.owner_check = owner_check;
    const World world = shop.run();
    const TraceRecord& unlocked =
        first(world, Asked{.fact = FactKind::OrderUnlocked, .transaction = order(1, 1)});
    // The release comes from the owner, or from the submission whose lock has expired.
    CHECK(shop.executions(world) == 2);
    INFO(owner_check << " " << unlocked.time.ns);
    CHECK((unlocked.time.ns > Time{milliseconds(9).ns}.ns) == owner_check);
  }
}

// The first submission requests the lock while its clock is ahead, and its receiver crashes. When
// the grant arrives, the lock has expired and belongs to the second submission.
TEST_CASE("lock service: a release with a later number does not free another submission's lock") {
  Shop shop = twice(13);
  shop.world.receiver.fencing = false;
  shop.world.lock_service.expiry = milliseconds(10);
  Fault ahead;
  ahead.kind = FaultKind::SkewClock;
  ahead.nodes = {shop.shop};
  ahead.delay = seconds(1);
  ahead.duration = milliseconds(5);
  shop.world.faults.push_back(ahead);
  shop.world.crash(shop.shop, milliseconds(2), milliseconds(2));
  shop.world.when(FaultKind::Slow, message("LockAcquired"), 1, std::nullopt, milliseconds(14));
  const World world = shop.run();
  const TraceRecord& locked =
      first(world, Asked{.fact = FactKind::OrderLocked, .transaction = order(1, 1)});
  const TraceRecord& told = first(world, Asked{.fact = FactKind::Told, .transaction = order(1, 1)});
  const TraceRecord& unlocked =
      first(world, Asked{.fact = FactKind::OrderUnlocked, .transaction = order(1, 1)});
  const auto late =
      std::find_if(world.trace().begin(), world.trace().end(), [&](const TraceRecord& record) {
        return record.kind == EventKind::Delivered && record.what == word("ReleaseLock");
      });
  REQUIRE(late != world.trace().end());
  CHECK(late->transaction == order(1));
  CHECK(locked.time < late->time);
  CHECK(late->time < told.time);
  CHECK(told.time <= unlocked.time);
}

TEST_CASE("lock service: an owner's repeated request is refused if the owner is not recorded") {
  for (const bool knows_owner : {true, false}) {
    Shop shop;
    shop.world.lock_service.knows_owner = knows_owner;
    shop.world.when(FaultKind::Drop, message("LockAcquired"), 1, std::nullopt);
    const World ran = shop.run();
    CHECK(shop.executions(ran) == (knows_owner ? 1 : 0));
    CHECK((sent(ran, "LockDenied") > 0) == !knows_owner);
  }
}

TEST_CASE("lock service: locks survive its crash") {
  Shop shop = twice(3);
  shop.world.crash(3, Duration{2'500'000}, milliseconds(1));
  const World world = shop.run();
  CHECK(shop.executions(world) == 1);
  CHECK(facts(world, {FactKind::Told}) == Lines{"told 1.1 3", "told 1 1"});
}

}  // namespace txsim
