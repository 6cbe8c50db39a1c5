// The choreographed saga after crashes: the work that its initiator, its participants and its
// outbox resume.
#include <algorithm>
#include <catch2/catch.hpp>

#include "protocols/saga_choreography/saga_choreography.h"
#include "tests/protocols/shop.h"

namespace txsim {
namespace {

using namespace testing;

struct Shop : testing::ShopWorld {
  SagaChoreographySettings settings;

  explicit Shop(std::int64_t points_there = 1000) : ShopWorld(points_there) {
    small.with_broker = true;
    small.workload.timeout = seconds(40);
  }
  World run(Duration until = seconds(60)) {
    return ShopWorld::run(
        [this](std::shared_ptr<const Plan> plan, NodeId self) {
          return std::make_shared<SagaChoreographyService>(plan, self, small.receiver, small.store,
                                                           small.choreography, settings);
        },
        until);
  }
  // The first order gives 300 to a till and is then refused at point. The second order empties the
  // till before the gift is taken back. The third fills it after five seconds.
  void spend_what_has_to_be_given_back(NodeId at) {
    const std::uint16_t till = small.resource("till", at, 0);
    std::vector<Step> steps = {
        small.step(Action::Create, orders, 0), small.step(Action::Give, till, 300),
        small.step(Action::Take, points, 500), small.step(Action::Complete, orders, 0)};
    small.plan.kinds[0].steps = steps;
    if (at == kShop) small.plan.kinds[0].participants = {kPoint};
    small.kind({small.step(Action::Take, till, 250)});
    small.kind({small.step(Action::Give, till, 250)});
    small.workload.orders = 3;
    small.workload.arrivals = Arrivals::Times;
    small.workload.times = {Time{0}, Time{milliseconds(9).ns}, Time{seconds(5).ns}};
  }
};

Time time_of(const World& world, const Asked& asked) { return testing::first(world, asked).time; }

}  // namespace

TEST_CASE("choreographed saga: a restarted initiator still enforces the deadline") {
  Shop shop;
  shop.settings.deadline = seconds(2);
  shop.small.crash(kPoint, milliseconds(1), seconds(30));
  shop.small.crash(kShop, milliseconds(500), milliseconds(100));
  const World world = shop.run();
  CHECK(time_of(world, {.fact = FactKind::Decided}) < Time{seconds(3).ns});
  CHECK(testing::count(world, {.fact = FactKind::Decided, .value = 1}) == 0);
  CHECK(told(world, Reply::Failed) == 1);
}

// The relay gives up before it has reached the broker.
TEST_CASE("choreographed saga: a cancellation that did not reach the broker is published again") {
  Shop shop;
  shop.settings.outbox.publish_attempts = 1;
  shop.settings.deadline = seconds(2);
  shop.small.crash(kPoint, milliseconds(1), seconds(5));
  shop.lose("SagaCancelled", 1);
  const World world = shop.run();
  CHECK(testing::count(world, {.fact = FactKind::Compensated, .value = 2, .node = kProduct}) == 1);
  CHECK(testing::count(world, {.fact = FactKind::PhaseEntered,
                               .value = static_cast<std::int64_t>(Phase::Ended),
                               .node = kShop}) == 1);
}

TEST_CASE("choreographed saga: a crash does not lose a postponed compensation") {
  Shop shop(100);
  shop.settings.deadline.reset();  // no cancellation repeats the request
  shop.spend_what_has_to_be_given_back(kProduct);
  shop.small.crash(kProduct, seconds(3), milliseconds(100));
  const World world = shop.run();
  CHECK(time_of(world, {.fact = FactKind::Compensated,
                        .transaction = order(1),
                        .value = -300,
                        .node = kProduct}) > Time{seconds(5).ns});
  CHECK(told(world, Reply::Failed) == 1);
}

// The initiator has sent the reply and has not yet taken back its own gift.
TEST_CASE(
    "choreographed saga: an initiator that has cancelled does not resume its steps after a crash") {
  Shop shop(100);
  shop.spend_what_has_to_be_given_back(kShop);
  shop.small.crash(kShop, seconds(3), milliseconds(100));
  const World world = shop.run();
  CHECK(time_of(world, {.fact = FactKind::Decided, .transaction = order(1), .value = 2}) <
        Time{seconds(1).ns});
  std::vector<std::int64_t> phases;  // since the restart
  for (const TraceRecord& record : world.trace()) {
    if (record.kind == EventKind::Announced && record.time >= Time{seconds(3).ns} &&
        record.what == fact_word(FactKind::PhaseEntered) && record.transaction == order(1) &&
        record.node == kShop) {
      phases.push_back(record.value);
    }
  }
  REQUIRE(!phases.empty());
  CHECK(phases.front() == static_cast<std::int64_t>(Phase::Undoing));
  CHECK(phases.back() == static_cast<std::int64_t>(Phase::Ended));
}

// The broker is down from the start. Meanwhile a checkpoint replaces the initiator's log.
TEST_CASE("choreographed saga: unpublished events survive a checkpoint and a crash") {
  Shop shop(1'000'000);
  shop.settings.deadline.reset();
  shop.small.plan.resources[shop.stock].initial = 10'000;
  shop.small.workload.orders = 300;
  shop.small.workload.every = milliseconds(10);
  const NodeId broker = 4;
  shop.small.crash(broker, milliseconds(1), seconds(20));
  shop.small.crash(kShop, seconds(15), milliseconds(100));
  const World world = shop.run(seconds(200));
  CHECK(shop.small.broker == broker);
  const auto& trace = world.trace();
  CHECK(std::any_of(trace.begin(), trace.end(), [](const TraceRecord& record) {
    return record.kind == EventKind::Checkpointed && record.node == kShop &&
           record.time < Time{seconds(15).ns};
  }));
  CHECK(told(world, Reply::Done) == 300);
}
}  // namespace txsim
