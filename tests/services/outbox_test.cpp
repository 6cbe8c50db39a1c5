// Outbox and inbox in a world with one publisher, a scripted broker and one subscriber.
#include "services/outbox.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "services/inbox.h"
#include "tests/sim/scripted.h"

namespace txsim {
namespace {

using testing::Script;
using testing::Stage;

constexpr Word kNews = word("News");
constexpr Word kChange = word("change");
constexpr NodeId kPublisher = 0;
constexpr NodeId kBroker = 1;

Message news(std::uint64_t order) {
  Message event;
  event.type = kNews;
  event.transaction = transaction_id(order, 0);
  event.value = static_cast<std::int64_t>(order);
  event.body.put(EventHeader{.number = order});
  return event;
}

std::shared_ptr<const Subscriptions> one_subscriber() {
  auto subscriptions = std::make_shared<Subscriptions>();
  subscriptions->add(kNews, 0, 0, kBroker);
  return subscriptions;
}

// Each Ping is a local transaction: a change and an event about it.
class Publisher : public NodeOf<Publisher> {
 public:
  explicit Publisher(const OutboxSettings& settings)
      : outbox_(kBroker, one_subscriber(), settings) {}

  void start(Context& context, std::span<const LogRecord> log) override {
    for (const LogRecord& record : log) outbox_.read(record);
    outbox_.resume(context);
  }
  void on(Context& context, const Message& message) override {
    if (message.type == kPublishAck) {
      outbox_.on_publish_ack(context, message);
      return;
    }
    LogRecord change;
    change.type = kChange;
    context.append(change);
    outbox_.add(context, news(static_cast<std::uint64_t>(message.value)));
    outbox_.before_commit(context);
    context.force();
    outbox_.committed(context);
  }
  void on(Context& context, const Timer& timer) override { outbox_.on_timer(context, timer); }
  void on_refused(Context& context, const Message& message) override {
    (void)context;
    (void)message;
  }
  bool checkpoint(std::vector<LogRecord>& log) const override {
    outbox_.write_checkpoint(log);
    return true;
  }

 private:
  Outbox outbox_;
};

struct House {
  OutboxSettings settings;
  int events = 1;
  bool acknowledges = true;
  std::vector<Fault> faults;

  World run(Duration until) {
    Stage stage;
    stage.spec.nodes.push_back(
        {"publisher", std::make_shared<Publisher>(settings), Delay::constant(milliseconds(2))});
    const bool answers = acknowledges;
    stage.add({.message = [answers](Context& context, const Message& message) {
      Message ack = message;
      ack.to = message.from;
      ack.type = kPublishAck;
      if (answers) context.send(ack);
    }});
    const int count = events;
    stage.add({.start = [count](Context& context, std::span<const LogRecord>) {
      for (int i = 1; i <= count; ++i) context.send(testing::to(kPublisher, testing::kPing, i));
    }});
    stage.spec.faults = faults;
    World world = stage.world();
    world.run(Time{until.ns});
    return world;
  }
  void crash_when(EventKind kind, Word what, Duration lasts) {
    Fault fault;
    fault.placed = PlacedBy::Event;
    fault.when.kind = kind;
    fault.when.what = what;
    fault.when.nodes = {kPublisher};
    fault.nodes = {kPublisher};
    fault.duration = lasts;
    faults.push_back(fault);
  }
};

std::vector<std::int64_t> published(const World& world) {
  std::vector<std::int64_t> ids;
  for (const TraceRecord& record : testing::records(world, EventKind::Delivered)) {
    if (record.node == kBroker) ids.push_back(record.value);
  }
  return ids;
}

using Ids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE(
    "outbox: change and event are one forced write, and the event leaves when it is durable") {
  House house;
  const World world = house.run(seconds(1));
  CHECK(testing::records(world, EventKind::Forced).size() == 1);
  CHECK(published(world) == Ids{1});
  const auto durable = testing::records(world, EventKind::Durable);
  const auto sent = testing::records(world, EventKind::Sent);
  CHECK(sent[1].time >= durable[0].time);
}

TEST_CASE("outbox: an unacknowledged event is published again under the same id") {
  House house;
  house.acknowledges = false;
  const Ids ids = published(house.run(seconds(3)));
  CHECK(ids.size() >= 3);
  CHECK(std::count(ids.begin(), ids.end(), 1) == static_cast<std::ptrdiff_t>(ids.size()));
}

TEST_CASE("outbox: an acknowledged event is published once, by either relay") {
  House house;
  house.events = 5;
  for (const Relay relay : {Relay::Tailing, Relay::Polling}) {
    house.settings.relay = relay;
    CHECK(published(house.run(seconds(5))) == Ids{1, 2, 3, 4, 5});
  }
}

TEST_CASE("outbox: a polling relay publishes when it polls") {
  House house;
  house.settings.relay = Relay::Polling;
  house.settings.relay_every = milliseconds(50);
  const World world = house.run(seconds(1));
  CHECK(testing::records(world, EventKind::Sent)[1].time == Time{milliseconds(51).ns});
}

TEST_CASE("outbox: a crash between commit and publish loses the event only without an outbox") {
  House house;
  house.crash_when(EventKind::Announced, fact_word(FactKind::EventCommitted), milliseconds(20));
  SECTION("outbox, tailing") { CHECK(published(house.run(seconds(1))) == Ids{1}); }
  SECTION("outbox, polling") {
    house.settings.relay = Relay::Polling;
    CHECK(published(house.run(seconds(1))) == Ids{1});
  }
  SECTION("dual write") {
    house.settings.enabled = false;
    CHECK(published(house.run(seconds(1))).empty());
  }
}

TEST_CASE("outbox: dual write, publish first, publishes an event of a change that a crash undoes") {
  House house;
  house.settings.enabled = false;
  house.settings.dual_write = DualWrite::PublishFirst;
  house.crash_when(EventKind::Forced, kChange, milliseconds(20));
  const World world = house.run(seconds(1));
  CHECK(published(world) == Ids{1});
  CHECK(testing::records(world, EventKind::Durable).empty());
}

TEST_CASE("outbox: after a restart only events not marked as sent are published again") {
  House house;
  house.events = 3;
  Fault fault;  // the marks of the first two events become durable with the third change
  fault.at = Time{milliseconds(300).ns};
  fault.nodes = {kPublisher};
  fault.duration = milliseconds(10);
  house.faults.push_back(fault);
  const Ids ids = published(house.run(seconds(2)));
  CHECK(ids.size() >= 3);
  for (const std::int64_t id : {1, 2, 3}) CHECK(std::count(ids.begin(), ids.end(), id) >= 1);
}

TEST_CASE("inbox: a duplicate event is recognised until its transaction is forgotten") {
  Stage stage;
  Inbox inbox(true);
  std::vector<bool> seen;
  stage.add({.start = [&](Context& context, std::span<const LogRecord>) {
    seen.push_back(inbox.is_duplicate(news(7)));
    inbox.take(context, news(7), 5);
    inbox.take(context, news(9), 5);
    seen.push_back(inbox.is_duplicate(news(7)));
    inbox.learn_oldest(5, 9);
    seen.push_back(inbox.is_duplicate(news(7)));
    seen.push_back(inbox.is_duplicate(news(9)));
  }});
  World world = stage.world();
  world.run(Time{seconds(1).ns});
  CHECK(seen == std::vector<bool>{false, true, false, true});
  CHECK(inbox.size() == 1);
}

TEST_CASE("inbox: it is recovered from its records and from its checkpoint") {
  Stage stage;
  Inbox inbox(true);
  stage.add({.start = [&](Context& context, std::span<const LogRecord>) {
    for (std::uint64_t order = 1; order <= 3; ++order) inbox.take(context, news(order), 5);
  }});
  World world = stage.world();
  world.run(Time{seconds(1).ns});
  std::vector<LogRecord> log;
  inbox.write_checkpoint(log);
  Inbox again(true);
  for (const LogRecord& record : log) CHECK(again.read(record));
  CHECK(again.size() == 3);
  again.learn_oldest(5, 3);
  CHECK(again.size() == 1);
}

TEST_CASE("inbox: switched off, a duplicate counts as a new event") {
  Stage stage;
  Inbox inbox(false);
  stage.add({.start = [&](Context& context, std::span<const LogRecord>) {
    inbox.take(context, news(7), 5);
    inbox.take(context, news(7), 5);
  }});
  World world = stage.world();
  world.run(Time{seconds(1).ns});
  CHECK(!inbox.is_duplicate(news(7)));
  CHECK(inbox.has_handled(7));
  CHECK(inbox.size() == 1);
}

}  // namespace txsim
