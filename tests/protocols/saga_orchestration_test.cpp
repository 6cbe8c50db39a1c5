// Orchestrated sagas in worlds made by hand: what each role does in each state, and after a crash.
#include "protocols/saga_orchestration.h"

#include <catch2/catch.hpp>

#include "tests/protocols/small_world.h"

namespace txsim {
namespace {

using testing::order;
using testing::sent;
using testing::SmallWorld;

using Lines = std::vector<std::string>;

constexpr NodeId kShop = 0;
constexpr NodeId kProduct = 1;
constexpr NodeId kPoint = 2;

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
    small.when(FaultKind::Drop, testing::message(type), nth, std::nullopt);
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

std::size_t count(const World& world, FactKind fact, NodeId node) {
  return testing::count(world, {.fact = fact, .node = node});
}

bool told(const World& world, Reply reply) {
  return testing::count(world,
                        {.fact = FactKind::Told, .value = static_cast<std::int64_t>(reply)}) == 1;
}

bool decided(const World& world, Outcome outcome) {
  const auto value = static_cast<std::int64_t>(outcome);
  return testing::count(world, {.fact = FactKind::Decided, .value = value}) ==
         testing::count(world, {.fact = FactKind::Decided});
}

void crash_when_durable(Shop& shop, std::string_view record, NodeId node, std::uint64_t nth = 1) {
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

Lines effects(const World& world) {
  return testing::facts(world, {FactKind::Applied, FactKind::Compensated, FactKind::Decided});
}

}  // namespace

TEST_CASE("orchestrated saga: one step after the other, each in effect at once") {
  Shop shop;
  const World world = shop.run();
  CHECK(testing::facts(world, {FactKind::Applied, FactKind::Decided, FactKind::Told}) ==
        Lines{"applied 1 0", "applied 1 -2", "applied 1 -500", "applied 1 1", "decided 1 1",
              "told 1 1"});
  CHECK(sent(world, "Release") == 0);
}

TEST_CASE("orchestrated saga: a refused step turns it back, compensating in reverse") {
  Shop shop(300);
  const World world = shop.run();
  CHECK(effects(world) ==
        Lines{"applied 1 0", "applied 1 -2", "decided 1 2", "compensated 1 2", "compensated 1 0"});
  CHECK(sent(world, "Compensate") == 1);
  CHECK(told(world, Reply::Failed));
}

TEST_CASE("orchestrated saga: without reverse order it compensates in the order of the steps") {
  Shop shop(300);
  shop.settings.reverse_order = false;
  CHECK(effects(shop.run()) ==
        Lines{"applied 1 0", "applied 1 -2", "decided 1 2", "compensated 1 0", "compensated 1 2"});
}

TEST_CASE("orchestrated saga: in parallel a refused step compensates what was commanded with it") {
  Shop shop(300);
  shop.settings.parallel = true;
  const World world = shop.run();
  CHECK(sent(world, "Action") == 2);
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 2, .node = kProduct}) == 1);
  CHECK(count(world, FactKind::Compensated, kPoint) == 0);
  CHECK(told(world, Reply::Failed));
}

// ---- What its log shows after a crash

TEST_CASE("orchestrated saga: found RUNNING it turns back, and compensates what came next too") {
  Shop shop;
  crash_when_durable(shop, "applied", kShop);  // with saga-begun
  const World world = shop.run();
  CHECK(sent(world, "Action") == 0);
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 0, .node = kProduct}) == 1);
  CHECK(sent(world, "Compensate") == 1);  // point cannot have been asked yet
  CHECK(decided(world, Outcome::Aborted));
}

TEST_CASE("orchestrated saga: found RUNNING it goes on where it was, with recovery forward") {
  Shop shop;
  shop.settings.recovery = SagaRecovery::Forward;
  crash_when_durable(shop, "step-done", kShop);
  const World world = shop.run();
  CHECK(sent(world, "Action") == 2);
  CHECK(count(world, FactKind::Applied, kProduct) == 1);
  CHECK(count(world, FactKind::Applied, kPoint) == 1);
  CHECK(decided(world, Outcome::Committed));
}

TEST_CASE("orchestrated saga: a crash does not put off its deadline") {
  Shop shop;
  shop.settings.recovery = SagaRecovery::Forward;
  crash_when_durable(shop, "step-done", kShop);
  shop.small.when(FaultKind::Slow, testing::message("Action"), 2, std::nullopt, seconds(30));
  shop.settings.retries = 0;
  const World world = shop.run();
  const Time decided = testing::first(world, {.fact = FactKind::Decided}).time;
  CHECK(decided >= Time{0} + shop.settings.deadline);
  CHECK(decided < Time{0} + shop.settings.deadline + milliseconds(50));
}

TEST_CASE("orchestrated saga: found COMPENSATING it goes on until all is undone") {
  Shop shop(300);
  crash_when_durable(shop, "saga-compensating", kShop);
  const World world = shop.run();
  CHECK(count(world, FactKind::Compensated, kProduct) == 1);
  CHECK(count(world, FactKind::Compensated, kShop) >= 1);
  CHECK(decided(world, Outcome::Aborted));
}

TEST_CASE("orchestrated saga: found done in the log, it stays done") {
  Shop shop;
  crash_when_durable(shop, "saga-done", kShop);
  const World world = shop.run();
  CHECK(decided(world, Outcome::Committed));
  CHECK(count(world, FactKind::Compensated, kProduct) == 0);
}

TEST_CASE("orchestrated saga: without a progress log a crash forgets it half done") {
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

TEST_CASE("orchestrated saga: a participant finds in its log what it has done") {
  Shop shop;
  crash_when_durable(shop, "applied", kProduct);
  const World world = shop.run();
  CHECK(testing::first(world, {.fact = FactKind::Recovered, .node = kProduct}).value == 98);
  CHECK(testing::amount(world, shop.small.plan, shop.stock) == 98);
  CHECK(told(world, Reply::Done));
}

// ---- No answer

TEST_CASE("orchestrated saga: a step that cannot be reached has failed, and the saga turns back") {
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
  // It is voided once it is back, and what came before it is compensated behind that.
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 0, .node = kPoint}) == 1);
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 2, .node = kProduct}) == 1);
}

TEST_CASE("orchestrated saga: what is registered lets earlier compensations go first if told so") {
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
  SECTION("then it is compensated, since it may have taken effect") {
    const World world = shop.run();
    const Time decided = testing::first(world, {.fact = FactKind::Decided}).time;
    CHECK(decided >= Time{0} + shop.settings.deadline);
    CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 500}) == 1);
  }
  SECTION("or is lost, if only what was acknowledged is compensated") {
    shop.settings.compensate_unknown = false;
    const World world = shop.run();
    CHECK(count(world, FactKind::Compensated, kPoint) == 0);
    CHECK(testing::amount(world, shop.small.plan, shop.points) == 500);
    CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
  }
  SECTION("and for ever if there is none") {
    shop.settings.deadline = Duration{0};
    CHECK(testing::count(shop.run(), {.fact = FactKind::Decided}) == 0);
  }
}

TEST_CASE("orchestrated saga: an answer that comes late is as good, before the deadline") {
  Shop shop;
  shop.settings.retries = 0;
  shop.small.when(FaultKind::Slow, testing::message("ActionDone"), 2, std::nullopt, seconds(2));
  const World world = shop.run();
  CHECK(told(world, Reply::Done));
  CHECK(sent(world, "Compensate") == 0);
}

TEST_CASE("orchestrated saga: an Action that comes behind its Compensate is refused") {
  Shop shop;
  shop.settings.retries = 0;
  shop.settings.deadline = seconds(1);
  shop.small.when(FaultKind::Slow, testing::message("Action"), 2, std::nullopt, seconds(8));
  const World world = shop.run();
  CHECK(count(world, FactKind::Applied, kPoint) == 0);
  CHECK(sent(world, "ActionRefused") == 1);
  CHECK(testing::amount(world, shop.small.plan, shop.points) == 1000);
}

TEST_CASE("orchestrated saga: a late copy of an Action does nothing for a saga that is forgotten") {
  Shop shop(300);
  shop.small.workload.orders = 3;
  shop.small.workload.every = seconds(1);
  shop.small.when(FaultKind::Duplicate, testing::message("Action"), 1, std::nullopt, seconds(5));
  const World world = shop.run();
  CHECK(count(world, FactKind::Applied, kProduct) == 3);
  CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
}

// ---- Compensations that fail

TEST_CASE("orchestrated saga: a compensation that is not answered is registered and tried again") {
  Shop shop(300);
  shop.settings.retries = 1;
  for (std::uint64_t nth = 1; nth <= 2; ++nth) shop.lose("Compensate", nth);
  SECTION("with a registry") {
    const World world = shop.run();
    CHECK(sent(world, "Compensate") == 3);
    CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
  }
  SECTION("and lost without one") {
    shop.settings.registry = false;
    const World world = shop.run();
    CHECK(sent(world, "Compensate") == 2);
    CHECK(testing::amount(world, shop.small.plan, shop.stock) == 98);
  }
  SECTION("also by an orchestrator that finds it in its log") {
    crash_when_durable(shop, "compensation-pending", kShop);
    const World world = shop.run();
    CHECK(testing::amount(world, shop.small.plan, shop.stock) == 100);
    CHECK(count(world, FactKind::Compensated, kProduct) == 1);
  }
}

// ---- Pivot

namespace {

// The pivot is the stock; the points behind it come in only after a while.
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

TEST_CASE("orchestrated saga: behind its pivot a refused step is asked for until it succeeds") {
  Shop shop = shop_with_pivot();
  const World world = shop.run();
  CHECK(testing::count(world, {.fact = FactKind::Told, .value = 1}) == 2);
  CHECK(testing::amount(world, shop.small.plan, shop.points) == 200);
  CHECK(sent(world, "Compensate") == 0);
  CHECK(testing::first(world, {.fact = FactKind::Decided, .transaction = order(1)}).time >
        Time{0} + seconds(9));
}

TEST_CASE("orchestrated saga: found behind its pivot it goes on, whatever recovery says") {
  Shop shop = shop_with_pivot();
  crash_when_durable(shop, "step-done", kShop);
  const World world = shop.run();
  CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 2}) == 0);
  CHECK(testing::amount(world, shop.small.plan, shop.points) == 200);
}

// ---- Semantic lock

TEST_CASE("orchestrated saga: a Release is sent until it is answered, and found in the log") {
  Shop shop;
  shop.small.kind({shop.small.step(Action::Create, shop.orders, 0),
                   shop.small.step(Action::Give, shop.points, 400)});
  shop.small.workload.shares = {0, 1};
  SECTION("lost") {
    shop.settings.retries = 0;
    shop.lose("Release", 1);
    const World world = shop.run();
    CHECK(sent(world, "Release") == 2);
    CHECK(told(world, Reply::Done));
  }
  SECTION("its orchestrator crashed") {
    crash_when_durable(shop, "saga-done", kShop);
    const World world = shop.run();
    CHECK(sent(world, "Released") == 1);
    CHECK(decided(world, Outcome::Committed));
  }
}

// ---- Memory

TEST_CASE("orchestrated saga: memory follows the sagas in flight, not those that have been") {
  Shop shop(1'000'000);
  shop.small.plan.resources[shop.stock].initial = 100'000;
  shop.small.workload.orders = 1500;
  shop.small.workload.arrivals = Arrivals::ClosedLoop;
  shop.small.workload.clients = 4;
  const World world = shop.run(seconds(600));
  CHECK(testing::count(world, {.fact = FactKind::Told, .value = 1}) == 1500);
  std::size_t checkpoints = 0;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Checkpointed) continue;
    ++checkpoints;
    CHECK(record.value <= 64);
  }
  CHECK(checkpoints >= 3);
}

}  // namespace txsim
