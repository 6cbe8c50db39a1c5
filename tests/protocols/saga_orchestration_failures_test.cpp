// Orchestrated sagas in small worlds: unanswered commands, failed compensations, steps behind a
// pivot, semantic locks.
#include <catch2/catch.hpp>

#include "tests/protocols/saga_orchestration_rig.h"

namespace txsim {
namespace {

using namespace testing::saga;
using namespace testing;

}  // namespace

// ---- Unanswered commands

TEST_CASE(
    "orchestrated saga: a step at an unreachable participant fails, and the saga compensates") {
  Shop shop;
  shop.settings.retries = 2;
  shop.settings.back_off = seconds(1);
  shop.settings.back_off_doubles = false;
  shop.refuse(kPoint, Duration{0}, seconds(10));
  const World world = shop.run();
  CHECK(sent(world, "Action") == 4);
  const Time decided = testing::first(world, {.fact = FactKind::Decided}).time;
  CHECK(decided > Time{0} + seconds(2));
  CHECK(decided < Time{0} + milliseconds(2100));
  // The step is voided when its participant is back. The steps before it are compensated
  // afterwards.
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 0, .node = kPoint}) == 1);
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 2, .node = kProduct}) == 1);
}

TEST_CASE(
    "orchestrated saga: without registry_blocks earlier steps do not wait for a registered "
    "compensation") {
  for (const bool blocks : {true, false}) {
    Shop shop;
    shop.settings.registry_blocks = blocks;
    shop.refuse(kPoint, Duration{0}, seconds(10));
    const World world = shop.run();
    const TraceRecord& stock =
        testing::first(world, {.fact = FactKind::Compensated, .node = kProduct});
    CHECK((stock.time > Time{0} + seconds(10)) == blocks);
  }
}

TEST_CASE("orchestrated saga: a step that timed out is unknown until the deadline") {
  Shop shop;
  shop.settings.retries = 0;
  shop.lose("ActionDone", 2);
  SECTION("then it is compensated, because it may have taken effect") {
    const World world = shop.run();
    const Time decided = testing::first(world, {.fact = FactKind::Decided}).time;
    CHECK(decided >= Time{0} + *shop.settings.deadline);
    CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 500}) == 1);
  }
  SECTION("or not compensated, if only acknowledged steps are") {
    shop.settings.compensate_unknown = false;
    const World world = shop.run();
    CHECK(count(world, FactKind::Compensated, kPoint) == 0);
    CHECK(testing::amount(world, shop.small.plan, shop.points) == 500);
    CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
  }
  SECTION("and forever without a deadline") {
    shop.settings.deadline.reset();
    CHECK(testing::count(shop.run(), {.fact = FactKind::Decided}) == 0);
  }
}

TEST_CASE("orchestrated saga: a late answer counts until the deadline") {
  Shop shop;
  shop.settings.retries = 0;
  shop.small.when(FaultKind::Slow, testing::message("ActionDone"), 2, std::nullopt, seconds(2));
  const World world = shop.run();
  CHECK(told(world, Reply::Done) == 1);
  CHECK(sent(world, "Compensate") == 0);
}

TEST_CASE("orchestrated saga: an Action that arrives after its Compensate is refused") {
  Shop shop;
  shop.settings.retries = 0;
  shop.settings.deadline = seconds(1);
  shop.small.when(FaultKind::Slow, testing::message("Action"), 2, std::nullopt, seconds(8));
  const World world = shop.run();
  CHECK(count(world, FactKind::Applied, kPoint) == 0);
  CHECK(sent(world, "ActionRefused") == 1);
  CHECK(testing::amount(world, shop.small.plan, shop.points) == 1000);
}

TEST_CASE("orchestrated saga: a late copy of an Action of a forgotten saga has no effect") {
  Shop shop(300);
  shop.small.workload.orders = 3;
  shop.small.workload.every = seconds(1);
  shop.small.when(FaultKind::Duplicate, testing::message("Action"), 1, std::nullopt, seconds(5));
  const World world = shop.run();
  CHECK(count(world, FactKind::Applied, kProduct) == 3);
  CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
}

// ---- Failed compensations

TEST_CASE("orchestrated saga: an unanswered compensation is registered and retried") {
  Shop shop(300);
  shop.settings.retries = 1;
  for (std::uint64_t nth = 1; nth <= 2; ++nth) shop.lose("Compensate", nth);
  SECTION("with a registry") {
    const World world = shop.run();
    CHECK(sent(world, "Compensate") == 3);
    CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
  }
  SECTION("without a registry it is lost") {
    shop.settings.registry = false;
    const World world = shop.run();
    CHECK(sent(world, "Compensate") == 2);
    CHECK(testing::amount(world, shop.small.plan, shop.stock) == 98);
  }
  SECTION("an orchestrator that recovers it from its log retries it, too") {
    shop.crash_when_durable("compensation-pending", kShop);
    const World world = shop.run();
    CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
    CHECK(count(world, FactKind::Compensated, kProduct) == 1);
  }
}

// ---- A scheduler with a limited batch

namespace {

// Point refuses every order, and the first Compensates are lost.
Shop shop_with_batch(std::uint32_t batch, std::uint64_t orders, std::uint64_t lost) {
  Shop shop(300);
  shop.settings.retries = 0;
  shop.settings.registry_batch = batch;
  shop.small.workload.orders = orders;
  shop.small.workload.every = milliseconds(10);
  for (std::uint64_t nth = 1; nth <= lost; ++nth) shop.lose("Compensate", nth);
  return shop;
}

Time compensated(const World& world, std::uint64_t number) {
  return testing::first(
             world, {.fact = FactKind::Compensated, .transaction = order(number), .node = kProduct})
      .time;
}

}  // namespace

TEST_CASE("orchestrated saga: a batch holds the compensations that are due first") {
  Shop shop = shop_with_batch(2, 3, 3);
  const World world = shop.run();
  const Time first_round = Time{0} + shop.settings.step_timeout + shop.settings.registry_every;
  CHECK(compensated(world, 1) < first_round + milliseconds(50));
  CHECK(compensated(world, 2) < first_round + milliseconds(50));
  CHECK(compensated(world, 3) > first_round + milliseconds(990));
  CHECK(compensated(world, 3) < first_round + milliseconds(1050));
  CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
  CHECK_FALSE(world.has_pending(kEndOfTime));
}

TEST_CASE("orchestrated saga: with back-off, a failed compensation is due later each time") {
  for (const bool backs_off : {true, false}) {
    Shop shop = shop_with_batch(1, 1, 100);
    shop.settings.registry_back_off = backs_off;
    // The first try fails after half a second. Then the waits are 1, 2, 4, 8 seconds, so tries
    // begin at 0, 1.5, 4, 8.5, 17. Without back-off each wait is 1 second.
    CHECK(sent(shop.run(seconds(20)), "Compensate") == (backs_off ? 5 : 14));
  }
}

TEST_CASE("orchestrated saga: no wait in the registry is longer than 64 rounds") {
  Shop shop = shop_with_batch(1, 1, 100);
  // The wait reaches 64 seconds after 127 seconds of waits and half a second for each try.
  const auto before = sent(shop.run(seconds(200)), "Compensate");
  CHECK(sent(shop.run(seconds(265)), "Compensate") == before + 1);
  CHECK(sent(shop.run(seconds(330)), "Compensate") == before + 2);
}

// The points are given back at the fourth try, at 8.5 s. The stock is next and fails once.
TEST_CASE("orchestrated saga: a compensation that failed often does not delay another one") {
  Shop shop;
  shop.settings.retries = 0;
  shop.settings.registry_batch = 1;
  shop.small.kind({shop.small.step(Action::Create, shop.orders, 0),
                   shop.small.step(Action::Take, shop.stock, 2),
                   shop.small.step(Action::Take, shop.points, 500),
                   shop.small.step(Action::Take, shop.stock, 1000)});
  shop.small.workload.shares = {0, 1};
  for (const std::uint64_t nth : {1U, 2U, 3U, 5U}) shop.lose("Compensate", nth);
  const World world = shop.run();
  CHECK(sent(world, "Compensate") == 6);
  CHECK(compensated(world, 1) > Time{0} + seconds(10));
  CHECK(compensated(world, 1) < Time{0} + milliseconds(10'100));
}

TEST_CASE(
    "orchestrated saga: only with back-off, a compensation that always fails does not block "
    "others") {
  for (const bool backs_off : {true, false}) {
    Shop shop(300);
    shop.settings.retries = 0;
    shop.settings.registry_batch = 1;
    shop.settings.registry_back_off = backs_off;
    shop.small.kind({shop.small.step(Action::Create, shop.orders, 0),
                     shop.small.step(Action::Take, shop.points, 100),
                     shop.small.step(Action::Take, shop.points, 1000)});
    shop.small.workload.orders = 2;
    shop.small.workload.every = milliseconds(10);
    shop.refuse(kProduct, milliseconds(4), seconds(100));  // the first saga's compensation
    shop.refuse(kPoint, milliseconds(15), seconds(1));
    const World world = shop.run(seconds(30));
    CHECK((count(world, FactKind::Compensated, kPoint) > 0) == backs_off);
    CHECK(count(world, FactKind::Compensated, kProduct) == 0);
  }
}

TEST_CASE("orchestrated saga: sagas interrupted by a crash are resumed in batches, too") {
  Shop shop = shop_with_batch(1, 3, 3);
  shop.crash_when_durable("compensation-pending", kShop, 3);
  const World world = shop.run();
  for (const std::uint64_t number : {1U, 2U}) {
    const Duration later = compensated(world, number + 1) - compensated(world, number);
    CHECK(later > milliseconds(990));
    CHECK(later < milliseconds(1010));
  }
  CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
  CHECK_FALSE(world.has_pending(kEndOfTime));
}

// Recovery finds both sagas RUNNING. The second saga's deadline passes before its turn.
TEST_CASE("orchestrated saga: a deadline takes effect before the saga's turn in the scheduler") {
  Shop shop;
  shop.settings.registry_batch = 1;
  shop.settings.recovery = SagaRecovery::Forward;
  shop.settings.deadline = milliseconds(600);
  shop.small.workload.orders = 2;
  shop.small.workload.every = milliseconds(1);
  shop.small.when(FaultKind::Slow, testing::message("Compensate"), 1, std::nullopt, seconds(1));
  shop.crash_when_durable("step-done", kShop, 2);
  const World world = shop.run();
  CHECK(testing::count(world, {.fact = FactKind::Decided, .transaction = order(1), .value = 1}) ==
        1);
  CHECK(testing::count(world, {.fact = FactKind::Decided, .transaction = order(2), .value = 2}) ==
        1);
  CHECK(sent(world, "Compensate") == 3);  // the first is late, so it is sent again
  CHECK(testing::amount(world, shop.small.plan, shop.stock) == 98);
  CHECK(testing::amount(world, shop.small.plan, shop.points) == 500);
  CHECK_FALSE(world.has_pending(kEndOfTime));
}

// ---- Pivot

namespace {

// The pivot takes the stock. The points for the step behind it are not available at first.
Shop shop_with_pivot() {
  Shop shop(300);
  shop.small.plan.kinds.back().pivot = std::uint16_t{1};
  const auto give = shop.small.kind({shop.small.step(Action::Create, shop.orders, 0),
                                     shop.small.step(Action::Give, shop.points, 400)});
  shop.small.workload.orders = 2;
  shop.small.workload.arrivals = Arrivals::Times;
  shop.small.workload.times = {Time{0}, Time{seconds(9).ns}};
  shop.small.workload.timeout = seconds(60);
  CHECK(give == 1);
  return shop;
}

}  // namespace

TEST_CASE("orchestrated saga: behind its pivot a refused step is retried until it succeeds") {
  Shop shop = shop_with_pivot();
  const World world = shop.run();
  CHECK(testing::count(world, {.fact = FactKind::Told, .value = 1}) == 2);
  CHECK(testing::amount(world, shop.small.plan, shop.points) == 200);
  CHECK(sent(world, "Compensate") == 0);
  CHECK(testing::first(world, {.fact = FactKind::Decided, .transaction = order(1)}).time >
        Time{0} + seconds(9));
}

TEST_CASE("orchestrated saga: in parallel the pivot waits for the steps before it") {
  Shop shop(300);
  shop.settings.parallel = true;
  shop.small.plan.kinds.back().pivot = std::uint16_t{2};
  const World world = shop.run();
  const TraceRecord& refused = testing::first(world, {.fact = FactKind::Rejected, .node = kPoint});
  CHECK(testing::first(world, {.fact = FactKind::Applied, .node = kProduct}).time < refused.time);
  CHECK(told(world, Reply::Failed) == 1);
  CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
}

TEST_CASE(
    "orchestrated saga: recovered behind its pivot it goes forward, under any recovery setting") {
  Shop shop = shop_with_pivot();
  shop.crash_when_durable("step-done", kShop);
  const World world = shop.run();
  CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 2}) == 0);
  CHECK(testing::amount(world, shop.small.plan, shop.points) == 200);
}

// ---- Semantic lock

TEST_CASE("orchestrated saga: a Release is resent until it is answered, even after a crash") {
  Shop shop;
  shop.small.kind({shop.small.step(Action::Create, shop.orders, 0),
                   shop.small.step(Action::Give, shop.points, 400)});
  shop.small.workload.shares = {0, 1};
  SECTION("after a loss") {
    shop.settings.retries = 0;
    shop.lose("Release", 1);
    const World world = shop.run();
    CHECK(sent(world, "Release") == 2);
    CHECK(told(world, Reply::Done) == 1);
  }
  SECTION("after a crash of its orchestrator") {
    shop.crash_when_durable("saga-done", kShop);
    const World world = shop.run();
    CHECK(sent(world, "Released") == 1);
    CHECK(decided(world, Outcome::Committed));
  }
}

// ---- Memory

TEST_CASE("orchestrated saga: memory depends on the sagas in flight, not on earlier ones") {
  Shop shop;
  check_memory(shop, shop.maker());
}

}  // namespace txsim
