// Orchestrated sagas in small worlds: each role's actions in each state and after a crash.
#include <catch2/catch.hpp>

#include "tests/protocols/saga_orchestration_rig.h"

namespace txsim {
namespace {

using namespace testing::saga;
using namespace testing;

using Lines = std::vector<std::string>;

Lines effects(const World& world) {
  return testing::facts(world, {FactKind::Applied, FactKind::Compensated, FactKind::Decided});
}

}  // namespace

TEST_CASE("orchestrated saga: steps run one after the other, and each takes effect at once") {
  Shop shop;
  const World world = shop.run();
  CHECK(testing::facts(world, {FactKind::Applied, FactKind::Decided, FactKind::Told}) ==
        Lines{"applied 1 0", "applied 1 -2", "applied 1 -500", "applied 1 1", "decided 1 1",
              "told 1 1"});
  CHECK(sent(world, "Release") == 0);
}

TEST_CASE("orchestrated saga: an early or late duplicate of any message changes nothing") {
  const auto appended = [](const World& world) {
    std::vector<Word> all;
    for (const TraceRecord& record : world.trace()) {
      if (record.kind == EventKind::Appended && record.node == kShop) all.push_back(record.what);
    }
    return all;
  };
  for (const std::int64_t points : {1000, 300}) {
    const World plain = Shop(points).run();
    for (const char* type :
         {"Action", "ActionDone", "ActionRefused", "Compensate", "Compensated"}) {
      for (const Duration later :
           {microseconds(100), milliseconds(3), milliseconds(6), milliseconds(50), seconds(4)}) {
        CAPTURE(points, type, later.ns);
        Shop shop(points);
        shop.small.when(FaultKind::Duplicate, message(type), 1, std::nullopt, later);
        const World world = shop.run();
        CHECK(effects(world) == effects(plain));
        CHECK(appended(world) == appended(plain));
      }
    }
  }
}

TEST_CASE("orchestrated saga: after a refused step it compensates in reverse order") {
  Shop shop(300);
  const World world = shop.run();
  CHECK(effects(world) ==
        Lines{"applied 1 0", "applied 1 -2", "decided 1 2", "compensated 1 2", "compensated 1 0"});
  CHECK(sent(world, "Compensate") == 1);
  CHECK(told(world, Reply::Failed) == 1);
}

TEST_CASE("orchestrated saga: without reverse order it compensates in the order of the steps") {
  Shop shop(300);
  shop.settings.reverse_order = false;
  CHECK(effects(shop.run()) ==
        Lines{"applied 1 0", "applied 1 -2", "decided 1 2", "compensated 1 0", "compensated 1 2"});
}

TEST_CASE("orchestrated saga: in parallel a refused step compensates the steps that ran with it") {
  Shop shop(300);
  shop.settings.parallel = true;
  const World world = shop.run();
  CHECK(sent(world, "Action") == 2);
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 2, .node = kProduct}) == 1);
  CHECK(count(world, FactKind::Compensated, kPoint) == 0);
  CHECK(told(world, Reply::Failed) == 1);
}

// ---- Recovery from its log

TEST_CASE("orchestrated saga: recovered RUNNING it compensates, including the step that was next") {
  Shop shop;
  shop.crash_when_durable("applied", kShop);  // together with saga-begun
  const World world = shop.run();
  CHECK(sent(world, "Action") == 0);
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 0, .node = kProduct}) == 1);
  CHECK(sent(world, "Compensate") == 1);  // point has not received an Action yet
  CHECK(decided(world, Outcome::Aborted));
}

TEST_CASE("orchestrated saga: recovered RUNNING it resumes its steps, with forward recovery") {
  Shop shop;
  shop.settings.recovery = SagaRecovery::Forward;
  shop.crash_when_durable("step-done", kShop);
  const World world = shop.run();
  CHECK(sent(world, "Action") == 2);
  CHECK(count(world, FactKind::Applied, kProduct) == 1);
  CHECK(count(world, FactKind::Applied, kPoint) == 1);
  CHECK(decided(world, Outcome::Committed));
}

TEST_CASE("orchestrated saga: a crash does not postpone its deadline") {
  Shop shop;
  shop.settings.recovery = SagaRecovery::Forward;
  shop.crash_when_durable("step-done", kShop);
  shop.small.when(FaultKind::Slow, testing::message("Action"), 2, std::nullopt, seconds(30));
  shop.settings.retries = 0;
  const World world = shop.run();
  const Time decided = testing::first(world, {.fact = FactKind::Decided}).time;
  CHECK(decided >= Time{0} + *shop.settings.deadline);
  CHECK(decided < Time{0} + *shop.settings.deadline + milliseconds(50));
}

TEST_CASE("orchestrated saga: recovered COMPENSATING it continues until all steps are undone") {
  Shop shop(300);
  shop.crash_when_durable("saga-compensating", kShop);
  const World world = shop.run();
  CHECK(count(world, FactKind::Compensated, kProduct) == 1);
  CHECK(count(world, FactKind::Compensated, kShop) >= 1);
  CHECK(decided(world, Outcome::Aborted));
}

TEST_CASE("orchestrated saga: recovered DONE it stays done") {
  Shop shop;
  shop.crash_when_durable("saga-done", kShop);
  const World world = shop.run();
  CHECK(decided(world, Outcome::Committed));
  CHECK(count(world, FactKind::Compensated, kProduct) == 0);
}

TEST_CASE("orchestrated saga: without a progress log a crash leaves it half done") {
  Shop shop;
  shop.settings.progress_log = false;
  Fault crash;
  crash.kind = FaultKind::Crash;
  crash.placed = PlacedBy::Event;
  crash.when = testing::message("ActionDone");
  crash.nodes = {kShop};
  crash.nth = 1;
  crash.duration = milliseconds(100);
  shop.small.faults.push_back(crash);
  const World world = shop.run();
  CHECK(count(world, FactKind::Applied, kProduct) == 1);
  CHECK(count(world, FactKind::Compensated, kProduct) == 0);
  CHECK(count(world, FactKind::Applied, kPoint) == 0);
  CHECK(testing::count(world, {.fact = FactKind::Decided}) == 0);
}

TEST_CASE("orchestrated saga: a participant recovers its steps from its log") {
  Shop shop;
  shop.crash_when_durable("applied", kProduct);
  const World world = shop.run();
  CHECK(testing::first(world, {.fact = FactKind::Recovered, .node = kProduct}).value == 98);
  CHECK(testing::amount(world, shop.small.plan, shop.stock) == 98);
  CHECK(told(world, Reply::Done) == 1);
}

}  // namespace txsim
