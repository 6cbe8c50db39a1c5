// Untimed steps and fingerprints of worlds.
#include <catch2/catch.hpp>

#include <algorithm>

#include "sim/fingerprint.h"
#include "tests/sim/scripted.h"

namespace {

using namespace txsim;
using namespace txsim::testing;

constexpr auto kMayCrash = World::Crashes::MayCome;

// Counts the messages that it receives. The count is part of its fingerprint.
class Counter final : public NodeOf<Counter> {
 public:
  void start(Context& context, std::span<const LogRecord> log) override {
    received_ = log.size();
    if (context.self() != 0 || !log.empty()) return;
    for (const NodeId to : {1U, 2U, 2U}) {
      Message message;
      message.to = to;
      message.type = kPing;
      message.transaction = 7;
      context.send(message);
    }
    context.set_timer(kTick, seconds(1));
  }
  void on(Context& context, const Message& message) override {
    ++received_;
    LogRecord record;
    record.type = kEntry;
    context.append(record);
    context.force();
    Message answer;
    answer.to = message.from;
    answer.type = kPong;
    if (message.type == kPing) context.send(answer);
  }
  void on(Context&, const Timer&) override {}
  void on_refused(Context&, const Message&) override {}
  void digest_into(Fingerprint& into) const override { into.add(received_); }

 private:
  std::uint64_t received_ = 0;
};

World three_counters(bool fifo = false) {
  auto spec = std::make_shared<WorldSpec>();
  spec->keep_trace = true;
  Link link;
  link.fifo = fifo;
  spec->network = Network(link);
  for (const char* name : {"a", "b", "c"}) {
    spec->nodes.push_back({name, std::make_shared<Counter>(), Delay::constant(milliseconds(1))});
  }
  World world(spec);
  for (int node = 0; node < 3; ++node) world.take({.choice = world.enabled_untimed().front()});
  return world;
}

// The choices of this kind at a node.
std::vector<Choice> choices(const World& world, Choice::Kind kind, NodeId node) {
  std::vector<Choice> all = world.enabled_untimed();
  all.erase(std::remove_if(
                all.begin(), all.end(),
                [&](const Choice& choice) { return choice.kind != kind || choice.node != node; }),
            all.end());
  return all;
}

Choice message_to(const World& world, NodeId node) {
  const std::vector<Choice> all = choices(world, Choice::Kind::Message, node);
  REQUIRE_FALSE(all.empty());
  return all.front();
}

}  // namespace

TEST_CASE("untimed: independent steps lead to the same world in either order") {
  World one = three_counters();
  World other = one;
  CHECK(one.fingerprint(kMayCrash) == other.fingerprint(kMayCrash));
  one.take({.choice = message_to(one, 1)});
  CHECK(one.fingerprint(kMayCrash) != other.fingerprint(kMayCrash));
  one.take({.choice = message_to(one, 2)});
  other.take({.choice = message_to(other, 2)});
  other.take({.choice = message_to(other, 1)});
  CHECK(one.digest() != other.digest());
  CHECK(one.fingerprint(kMayCrash) == other.fingerprint(kMayCrash));
}

TEST_CASE("untimed: of equal messages one is offered, of a FIFO link the first") {
  const World world = three_counters();
  CHECK(choices(world, Choice::Kind::Message, 2).size() == 1);
  World one_left = world;
  one_left.take({.choice = message_to(one_left, 2)});
  CHECK(choices(one_left, Choice::Kind::Message, 2).size() == 1);
  CHECK(choices(three_counters(true), Choice::Kind::Message, 2).size() == 1);
}

TEST_CASE("untimed: a lost message never arrives, a duplicated one arrives twice") {
  World world = three_counters();
  world.take({.kind = Move::Kind::Duplicate, .choice = message_to(world, 1)});
  CHECK(choices(world, Choice::Kind::Message, 1).size() == 1);
  world.take({.kind = Move::Kind::Lose, .choice = message_to(world, 1)});
  CHECK(choices(world, Choice::Kind::Message, 1).empty());
  CHECK(world.statistics().duplicated == 1);
  CHECK(world.statistics().lost == 1);
}

TEST_CASE("untimed: a crash may fall between any two events of a step") {
  World whole = three_counters();
  const std::uint64_t before = whole.statistics().events;
  whole.take({.choice = message_to(whole, 1)});
  REQUIRE(whole.statistics().events == before + 3);  // delivered, appended, forced
  for (std::uint32_t after = 1; after <= 3; ++after) {
    World world = three_counters();
    world.take({.choice = message_to(world, 1), .crash_after = after});
    CHECK_FALSE(world.is_up(1));
    CHECK(world.trace().back().kind == EventKind::Crashed);
    CHECK(world.trace().back().sequence == before + after + 1);
    const std::vector<Choice> restarts = choices(world, Choice::Kind::Restart, 1);
    REQUIRE(restarts.size() == 1);
    world.take({.choice = restarts.front()});
    CHECK(world.is_up(1));
  }
}

TEST_CASE("untimed: only timers and restarts advance the clock") {
  World world = three_counters();
  world.take({.choice = message_to(world, 1)});
  CHECK(world.now() == Time{0});
  world.take({.choice = choices(world, Choice::Kind::Timer, 0).front()});
  CHECK(world.now() == Time{0} + seconds(1));
}

TEST_CASE("untimed: the contents of a log count only while a crash is possible") {
  World one = three_counters();
  World other = one;
  for (World* world : {&one, &other}) {
    world->take({.choice = message_to(*world, 1)});
    world->take({.choice = choices(*world, Choice::Kind::Write, 1).front()});
  }
  CHECK(one.fingerprint(World::Crashes::NoMore) == other.fingerprint(World::Crashes::NoMore));
  CHECK(one.fingerprint(kMayCrash) != one.fingerprint(World::Crashes::NoMore));
}

TEST_CASE("untimed: a node without a fingerprint cannot be explored") {
  Stage stage;
  stage.add({});
  World world = stage.world();
  world.take({.choice = world.enabled_untimed().front()});
  CHECK_THROWS_WITH(world.fingerprint(kMayCrash), Catch::Contains("cannot be explored"));
}

TEST_CASE("fingerprint: the order of insertions into a table does not count") {
  Table<std::uint64_t> up;
  Table<std::uint64_t> down;
  for (std::uint64_t key = 1; key <= 100; ++key) {
    up[key] = key * key;
    down[101 - key] = (101 - key) * (101 - key);
  }
  CHECK(Fingerprint::of(up) == Fingerprint::of(down));
  down[50] = 1;
  CHECK(Fingerprint::of(up) != Fingerprint::of(down));
}
