// The broker in worlds of scripted producers and consumers.
#include "services/broker.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/sim/scripted.h"

namespace txsim {
namespace {

using testing::at_ms;
using testing::Script;
using testing::Stage;

constexpr Word kNews = word("News");
constexpr NodeId kConsumer = 1;
constexpr NodeId kOther = 2;
constexpr NodeId kBroker = 3;

Message event(std::uint64_t order, std::int64_t id) {
  Message message;
  message.to = kBroker;
  message.type = kNews;
  message.transaction = transaction_id(order, 0);
  message.value = id;
  message.body.put(EventHeader{});
  return message;
}

// One producer publishes a list of events at once. Two consumers acknowledge events. The first
// consumer subscribes to all events, the second does so on request.
struct Office {
  Stage stage;
  BrokerSettings settings;
  std::vector<Message> events;
  bool both_subscribe = false;
  bool acknowledges = true;  // the first consumer

  World run(Duration until) {
    auto subscriptions = std::make_shared<Subscriptions>();
    subscriptions->add(kNews, 0, 0, kConsumer);
    if (both_subscribe) subscriptions->add(kNews, 0, 0, kOther);
    stage.spec.nodes.clear();
    const std::vector<Message> all = events;
    stage.add({.start = [all](Context& context, std::span<const LogRecord>) {
      for (const Message& one : all) context.send(one);
    }});
    const auto consumer = [](bool answers) {
      return Script{.start =
                        [](Context& context, std::span<const LogRecord>) {
                          if (context.now() > Time{0})
                            context.send(testing::to(kBroker, kSubscribe));
                        },
                    .message =
                        [answers](Context& context, const Message& message) {
                          Message ack = message;
                          ack.to = message.from;
                          ack.type = kEventAck;
                          if (answers) context.send(ack);
                        }};
    };
    stage.add(consumer(acknowledges));
    stage.add(consumer(true));
    stage.spec.nodes.push_back({"broker", std::make_shared<Broker>(subscriptions, settings),
                                Delay::constant(milliseconds(2))});
    World world = stage.world();
    world.run(Time{until.ns});
    return world;
  }
  void fault(FaultKind kind, NodeId node, Duration at, Duration lasts) {
    Fault fault;
    fault.kind = kind;
    fault.at = Time{at.ns};
    fault.nodes = {node};
    fault.duration = lasts;
    stage.spec.faults.push_back(fault);
  }
};

// Ids of the events that arrived at a node, in order.
std::vector<std::int64_t> delivered(const World& world, NodeId node) {
  std::vector<std::int64_t> ids;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind == EventKind::Delivered && record.node == node && record.what == kNews) {
      ids.push_back(record.value);
    }
  }
  return ids;
}

std::size_t appended(const World& world, Word what) {
  return static_cast<std::size_t>(
      std::count_if(world.trace().begin(), world.trace().end(), [&](const TraceRecord& record) {
        return record.kind == EventKind::Appended && record.what == what;
      }));
}

using Ids = std::vector<std::int64_t>;

// Each id once, in the order of its first delivery.
Ids once(const Ids& ids) {
  Ids seen;
  for (const std::int64_t id : ids) {
    if (std::find(seen.begin(), seen.end(), id) == seen.end()) seen.push_back(id);
  }
  return seen;
}

}  // namespace

TEST_CASE("broker: an event is durable before it is acknowledged and delivered") {
  Office office;
  office.events = {event(1, 10)};
  const World world = office.run(seconds(1));
  CHECK(delivered(world, kConsumer) == Ids{10});
  Time durable{-1};
  for (const TraceRecord& record : world.trace()) {
    if (record.kind == EventKind::Durable && record.node == kBroker) durable = record.time;
    const bool leaves = record.kind == EventKind::Sent && record.node == kBroker;
    if (leaves) CHECK((durable.ns >= 0 && record.time >= durable));
  }
  CHECK(appended(world, kOffsetCommitted) == 1);
}

TEST_CASE("broker: each consumer group gets every event to which it subscribed, and no other") {
  Office office;
  office.events = {event(1, 10), event(2, 20)};
  office.both_subscribe = true;
  Message unknown = event(3, 30);
  unknown.transaction_type = 7;
  office.events.push_back(unknown);
  const World world = office.run(seconds(1));
  for (const NodeId node : {kConsumer, kOther}) {
    Ids ids = delivered(world, node);
    std::sort(ids.begin(), ids.end());
    CHECK(ids == Ids{10, 20});
  }
}

TEST_CASE("broker: events of one order arrive in the order in which they were published") {
  Office office;
  office.stage.spec.network = Network(Link{});
  Ids expected;
  for (std::int64_t id = 0; id < 20; ++id) {
    office.events.push_back(event(5, id));
    expected.push_back(id);
  }
  CHECK(delivered(office.run(seconds(1)), kConsumer) == expected);
}

TEST_CASE("broker: events of different partitions do not wait for each other") {
  Office office;
  office.acknowledges = false;  // later events of the same partition never arrive
  office.settings.redeliver_after = seconds(5);
  for (std::int64_t order = 0; order < 8; ++order) {
    office.events.push_back(event(static_cast<std::uint64_t>(order), order));
  }
  CHECK(delivered(office.run(seconds(1)), kConsumer).size() == office.settings.partitions);
}

TEST_CASE("broker: an unacknowledged event is delivered again") {
  Office office;
  office.acknowledges = false;
  office.events = {event(1, 10)};
  CHECK(delivered(office.run(milliseconds(1600)), kConsumer) == Ids{10, 10, 10, 10});
}

TEST_CASE("broker: a restarted consumer gets unacknowledged events at once") {
  Office office;
  office.settings.redeliver_after = seconds(5);
  office.events = {event(1, 10)};
  office.fault(FaultKind::Crash, kConsumer, milliseconds(2), milliseconds(100));
  CHECK(delivered(office.run(milliseconds(110)), kConsumer) == Ids{10});
}

TEST_CASE("broker: a consumer that is down consumes no attempt, one that refuses does") {
  Office office;
  office.settings.max_attempts = 3;
  office.events = {event(1, 10), event(1, 11)};
  SECTION("down") {
    office.fault(FaultKind::Crash, kConsumer, milliseconds(2), seconds(10));
    const World world = office.run(seconds(20));
    CHECK(once(delivered(world, kConsumer)) == Ids{10, 11});
    CHECK(appended(world, kDeadLetter) == 0);
  }
  SECTION("refuses: a dead letter, and the partition continues") {
    office.fault(FaultKind::Refuse, kConsumer, Duration{0}, milliseconds(1200));
    const World world = office.run(seconds(20));
    CHECK(delivered(world, kConsumer) == Ids{11});
    CHECK(appended(world, kDeadLetter) == 1);
  }
}

TEST_CASE("broker: an event older than its retention is dropped") {
  Office office;
  office.settings.retention = seconds(2);
  office.events = {event(1, 10), event(1, 11)};
  office.fault(FaultKind::Crash, kConsumer, milliseconds(2), seconds(3));
  const World world = office.run(seconds(20));
  CHECK(delivered(world, kConsumer).empty());
  CHECK(appended(world, kExpired) == 2);
}

TEST_CASE("broker: acknowledged events survive its crash") {
  Office office;
  office.events = {event(1, 10), event(1, 11), event(1, 12)};
  office.fault(FaultKind::Crash, kConsumer, milliseconds(2), milliseconds(50));
  office.fault(FaultKind::Crash, kBroker, milliseconds(20), milliseconds(100));
  CHECK(delivered(office.run(seconds(5)), kConsumer) == Ids{10, 11, 12});
}

TEST_CASE("broker: without force_publish a crash loses acknowledged events") {
  Office office;
  office.settings.force_publish = false;
  office.events = {event(1, 10)};
  office.fault(FaultKind::Crash, kBroker, milliseconds(2), milliseconds(100));
  const World world = office.run(seconds(5));
  CHECK(delivered(world, kConsumer).empty());
  CHECK(world.statistics().messages(kPublishAck) == 1);
}

TEST_CASE("broker: a late acknowledgement does not acknowledge the next event") {
  Office office;
  office.events = {event(1, 10), event(1, 11)};
  Fault twice;
  twice.kind = FaultKind::Duplicate;
  twice.placed = PlacedBy::Event;
  twice.when.kind = EventKind::Sent;
  twice.when.what = kEventAck;
  twice.nth = 1;
  twice.delay = milliseconds(1);
  office.stage.spec.faults.push_back(twice);
  office.fault(FaultKind::Crash, kConsumer, milliseconds(4), milliseconds(30));
  Ids ids = delivered(office.run(seconds(5)), kConsumer);
  CHECK(std::count(ids.begin(), ids.end(), 11) >= 1);
}

TEST_CASE("broker: its checkpoint keeps offsets and unhandled events, for each group") {
  Office office;
  office.both_subscribe = true;
  office.settings.redeliver_after = seconds(100);
  for (std::int64_t id = 0; id < 700; ++id) office.events.push_back(event(1, id));
  office.fault(FaultKind::Crash, kOther, milliseconds(1), seconds(9));
  office.fault(FaultKind::Crash, kBroker, seconds(8), milliseconds(500));
  const World world = office.run(seconds(60));
  const auto checkpoints = testing::records(world, EventKind::Checkpointed);
  CHECK(!checkpoints.empty());
  for (const NodeId node : {kConsumer, kOther}) {
    const Ids ids = once(delivered(world, node));
    CHECK(ids.size() == 700);
    CHECK(std::is_sorted(ids.begin(), ids.end()));
  }
}

// One event has its own partition. The producer publishes all events again after each restart, the
// third time without this event. Then a checkpoint replaces the broker's log. The fourth time
// follows the broker's crash.
TEST_CASE("broker: its checkpoint keeps the offset of an empty queue") {
  Office office;
  office.events = {event(2, 1000)};
  for (std::int64_t id = 0; id < 150; ++id) office.events.push_back(event(1, id));
  for (const int second : {12, 15, 25}) {
    office.fault(FaultKind::Crash, 0, seconds(second), milliseconds(100));
  }
  office.fault(FaultKind::Crash, kBroker, seconds(20), milliseconds(500));
  Fault lost;
  lost.kind = FaultKind::Drop;
  lost.placed = PlacedBy::Event;
  lost.when.kind = EventKind::Sent;
  lost.when.what = kNews;
  lost.when.nodes = {0};
  lost.nth = 2 * office.events.size() + 1;
  office.stage.spec.faults.push_back(lost);
  const World world = office.run(seconds(60));
  const auto checkpoints = testing::records(world, EventKind::Checkpointed);
  REQUIRE(!checkpoints.empty());
  CHECK(checkpoints.front().time > at_ms(12'000));
  CHECK(checkpoints.front().time < at_ms(20'000));
  Ids offsets;
  for (const TraceRecord& record : testing::records(world, EventKind::Appended)) {
    if (record.what == kOffsetCommitted && record.transaction == transaction_id(2, 0)) {
      offsets.push_back(record.value);
    }
  }
  CHECK(offsets == Ids{1, 2, 3});
}

}  // namespace txsim
