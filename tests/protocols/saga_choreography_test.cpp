// The choreographed saga in small worlds: each service's reaction to each event, the client's
// replies, and the state after a crash.
#include "protocols/saga_choreography/saga_choreography.h"

#include <catch2/catch.hpp>

#include "tests/protocols/shop.h"

namespace txsim {
namespace {

using namespace testing;

struct Shop : testing::ShopWorld {
  SagaChoreographySettings settings;

  explicit Shop(std::int64_t points_there = 1000, bool parallel = false) : ShopWorld(points_there) {
    small.with_broker = true;
    small.plan.steps_in_parallel = settings.parallel = parallel;
    small.workload.timeout = seconds(40);
  }
  SmallWorld::Make maker() const {
    return [this](std::shared_ptr<const Plan> plan, NodeId self) {
      return std::make_shared<SagaChoreographyService>(plan, self, small.receiver, small.store,
                                                       small.choreography, settings);
    };
  }
  World run(Duration until = seconds(60)) { return ShopWorld::run(maker(), until); }
};

// The replies in the order in which the client received them.
std::vector<Reply> replies(const World& world) {
  std::vector<Reply> all;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind == EventKind::Delivered && record.what == kReply) {
      all.push_back(static_cast<Reply>(record.value));
    }
  }
  return all;
}

void crash_when(Shop& shop, EventKind kind, Word what, NodeId node, Duration lasts,
                std::uint64_t nth = 1) {
  Fault fault;
  fault.kind = FaultKind::Crash;
  fault.placed = PlacedBy::Event;
  fault.when.kind = kind;
  fault.when.what = what;
  fault.when.nodes = {node};
  fault.nth = nth;
  fault.nodes = {node};
  fault.duration = lasts;
  shop.small.faults.push_back(fault);
}

const std::vector<FactKind> kSteps = {FactKind::Applied, FactKind::Compensated, FactKind::Rejected,
                                      FactKind::Decided};

}  // namespace

TEST_CASE(
    "choreographed saga: each step runs after the steps before it, and the last event decides") {
  Shop shop;
  const World world = shop.run();
  CHECK(testing::facts(world, kSteps) == std::vector<std::string>{"applied 1 0", "applied 1 -2",
                                                                  "applied 1 -500", "applied 1 1",
                                                                  "decided 1 1"});
  CHECK(told(world, Reply::Done) == 1);
}

TEST_CASE("choreographed saga: the client gets `accepted` at once, and the outcome when it polls") {
  Shop shop;
  shop.small.workload.poll_every = milliseconds(10);
  const World world = shop.run();
  CHECK(replies(world) == std::vector<Reply>{Reply::Accepted, Reply::InProgress, Reply::Done});
  const Time accepted = testing::first(world, {.fact = FactKind::PhaseEntered}).time;
  CHECK(accepted == Time{milliseconds(1).ns});
}

TEST_CASE("choreographed saga: an immediate refusal is answered at once") {
  Shop shop;
  shop.small.plan.kinds[0].steps.insert(shop.small.plan.kinds[0].steps.begin(),
                                        shop.small.step(Action::Take, shop.points, 5000));
  shop.small.plan.kinds[0].begins_at = kPoint;
  shop.small.plan.kinds[0].participants = {kShop, kProduct};
  const World world = shop.run();
  CHECK(replies(world) == std::vector<Reply>{Reply::Failed});
  CHECK(sent(world, "StepDone") == 0);
}

TEST_CASE(
    "choreographed saga: after a refusal the earlier steps are compensated in reverse order") {
  Shop shop(300);
  const World world = shop.run();
  CHECK(testing::facts(world, kSteps) ==
        std::vector<std::string>{"applied 1 0", "applied 1 -2", "rejected 1 0", "compensated 1 2",
                                 "compensated 1 0", "decided 1 2"});
  CHECK(told(world, Reply::Failed) == 1);
}

TEST_CASE("choreographed saga: in parallel, one refused step cancels the others") {
  Shop shop(300, true);
  const World world = shop.run();
  CHECK(sent(world, "SagaCancelled") == 1 + 2);
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 2, .node = kProduct}) == 1);
  CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 2}) == 1);
  CHECK(told(world, Reply::Failed) == 1);
}

TEST_CASE("choreographed saga: in parallel, the initiator waits for all steps") {
  Shop shop(1000, true);
  shop.small.when(FaultKind::Slow, testing::message("StepDone"), 4, std::nullopt,
                  milliseconds(300));
  const World world = shop.run();
  CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 1}) == 1);
  CHECK(told(world, Reply::Done) == 1);
}

TEST_CASE(
    "choreographed saga: a deadline compensates the steps that are done and cancels the others") {
  Shop shop;
  shop.settings.deadline = seconds(2);
  shop.small.crash(kPoint, milliseconds(1), seconds(5));
  const World world = shop.run();
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 2, .node = kProduct}) == 1);
  CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 2}) == 1);
  const Time decided = testing::first(world, {.fact = FactKind::Decided}).time;
  CHECK(decided < Time{seconds(3).ns});  // the client does not wait for point
  CHECK(told(world, Reply::Failed) == 1);
}

TEST_CASE("choreographed saga: an event that arrives after the cancellation has no effect") {
  Shop shop;
  shop.settings.deadline = seconds(1);
  shop.settings.outbox.publish_timeout = seconds(30);
  EventPattern published = testing::message("StepDone");
  published.nodes = {kProduct};
  shop.small.when(FaultKind::Slow, published, 1, std::nullopt, seconds(5));
  SECTION("late_events on: it has no effect") {
    const World world = shop.run();
    CHECK(count(world, FactKind::Applied, kPoint) == 0);
  }
  SECTION("late_events off: it takes effect") {
    shop.settings.late_events = false;
    const World world = shop.run();
    CHECK(count(world, FactKind::Applied, kPoint) == 1);
    CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 1}) == 0);
  }
}

TEST_CASE(
    "choreographed saga: behind the pivot a refused step is retried, even past the deadline") {
  Shop shop(300);
  shop.small.plan.kinds[0].pivot = 1;  // the stock
  shop.settings.deadline = seconds(1);
  // Another order gives point the missing amount three seconds later.
  TransactionKind gift = shop.small.plan.kinds[0];
  gift.steps = {shop.small.step(Action::Give, shop.points, 200)};
  gift.begins_at = kPoint;
  gift.participants.clear();
  gift.pivot.reset();
  shop.small.plan.kinds.push_back(gift);
  shop.small.workload.orders = 2;
  shop.small.workload.arrivals = Arrivals::Times;
  shop.small.workload.times = {Time{0}, Time{seconds(3).ns}};
  const World world = shop.run();
  CHECK(count(world, FactKind::Compensated, kProduct) == 0);
  CHECK(testing::count(world, {.fact = FactKind::Applied, .value = -500, .node = kPoint}) == 1);
  CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 1}) == 2);
  CHECK(told(world, Reply::Done) == 2);
}

TEST_CASE("choreographed saga: a deadline that passes before the pivot undoes the order") {
  Shop shop;
  shop.small.plan.kinds[0].pivot = 2;  // the points
  shop.settings.deadline = seconds(1);
  shop.small.crash(kPoint, milliseconds(1), seconds(3));
  EventPattern to_point = testing::message("StepDone");
  to_point.peers = {kPoint};
  SECTION("point receives the cancellation first") {
    shop.small.when(FaultKind::Slow, to_point, 0, seconds(4), seconds(20));
    const World world = shop.run();
    CHECK(count(world, FactKind::Applied, kPoint) == 0);
    CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 2}) == 1);
  }
  SECTION("point has done its step before: the order is completed") {
    shop.small.faults.clear();
    EventPattern from_point = testing::message("StepDone");
    from_point.nodes = {kPoint};
    shop.small.when(FaultKind::Slow, from_point, 0, seconds(3), seconds(2));
    const World world = shop.run();
    CHECK(sent(world, "SagaCancelled") >= 2);
    CHECK(count(world, FactKind::Compensated, kProduct) == 0);
    CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 1}) == 1);
    CHECK(told(world, Reply::Done) == 1);
  }
}

TEST_CASE("choreographed saga: a refused compensation is postponed until it succeeds") {
  SmallWorld small;
  Shop shop(100);
  // An order gives 300 to product's till and is then refused at point. Another order empties the
  // till first.
  const std::uint16_t till = shop.small.resource("till", kProduct, 0);
  shop.small.plan.kinds[0].steps = {shop.small.step(Action::Create, shop.orders, 0),
                                    shop.small.step(Action::Give, till, 300),
                                    shop.small.step(Action::Take, shop.points, 500),
                                    shop.small.step(Action::Complete, shop.orders, 0)};
  shop.small.kind({shop.small.step(Action::Take, till, 250)});
  shop.small.kind({shop.small.step(Action::Give, till, 250)});
  shop.small.workload.orders = 3;
  shop.small.workload.arrivals = Arrivals::Times;
  shop.small.workload.times = {Time{0}, Time{milliseconds(9).ns}, Time{seconds(5).ns}};
  const World world = shop.run();
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = -300, .node = kProduct}) ==
        1);
  const TraceRecord& undone = testing::first(
      world, {.fact = FactKind::Compensated, .transaction = order(1), .node = kProduct});
  CHECK(undone.time > Time{seconds(5).ns});
  CHECK(told(world, Reply::Failed) == 1);
}

TEST_CASE("choreographed saga: after a crash the outbox publishes unpublished events") {
  Shop shop;
  for (const Relay relay : {Relay::Tailing, Relay::Polling}) {
    shop.small.faults.clear();
    shop.settings.outbox.relay = relay;
    crash_when(shop, EventKind::Durable, word("outbox"), kProduct, milliseconds(100));
    const World world = shop.run();
    CHECK(count(world, FactKind::Applied, kPoint) == 1);
    CHECK(told(world, Reply::Done) == 1);
  }
}

TEST_CASE("choreographed saga: an event that is published again after a crash keeps its id") {
  Shop shop;
  shop.small.when(FaultKind::Drop, testing::message("PublishAck"), 2, std::nullopt);
  crash_when(shop, EventKind::Sent, word("EventAck"), kProduct, milliseconds(100));
  const World world = shop.run();
  CHECK(count(world, FactKind::Applied, kPoint) == 1);
  CHECK(sent(world, "StepDone") > 6);
  const TraceRecord& committed =
      testing::first(world, {.fact = FactKind::EventCommitted, .node = kProduct});
  CHECK(testing::count(world, {.fact = FactKind::EventCommitted, .node = kProduct}) ==
        testing::count(
            world, {.fact = FactKind::EventCommitted, .value = committed.value, .node = kProduct}));
}

TEST_CASE("choreographed saga: the outcome survives a crash for a client that polls later") {
  Shop shop;
  shop.small.workload.poll_every = seconds(1);
  crash_when(shop, EventKind::Durable, word("saga-done"), kShop, milliseconds(200));
  const World world = shop.run();
  CHECK(told(world, Reply::Done) == 1);
}

TEST_CASE("choreographed saga: an outcome is not kept forever") {
  Shop shop;
  shop.small.workload.poll_every = seconds(5);
  shop.small.receiver.keep_outcome = seconds(1);
  const World world = shop.run();
  CHECK(told(world, Reply::Done) == 0);
  CHECK(testing::count(world, {.fact = FactKind::GaveUp}) == 1);
}

TEST_CASE("choreographed saga: a bystander does not participate, and receives one event") {
  Shop shop;
  const NodeId platform = shop.small.service("data-platform");
  shop.small.plan.kinds[0].tells = {platform};
  shop.small.crash(platform, milliseconds(1), seconds(10));
  const World world = shop.run();
  CHECK(told(world, Reply::Done) == 1);
  CHECK(testing::first(world, {.fact = FactKind::Told}).time < Time{seconds(1).ns});
  CHECK(count(world, FactKind::EventHandled, platform) >= 1);
  CHECK(testing::first(world, {.fact = FactKind::EventHandled, .node = platform}).time >
        Time{seconds(10).ns});
}

TEST_CASE("choreographed saga: memory depends on the orders in flight, not on earlier ones") {
  Shop shop;
  shop.small.receiver.keep_outcome = milliseconds(50);
  shop.small.workload.poll_every = milliseconds(10);
  check_memory(shop, shop.maker(), 96);
}

}  // namespace txsim
