// The world as a value, its one engine, and its faults.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/sim/scripted.h"

namespace txsim::testing {
namespace {

// Nodes that pass balls on at random, write to their logs and set timers. They use every kind of
// effect.
Stage busy_stage(std::uint64_t seed, std::uint32_t nodes) {
  Stage stage;
  stage.spec.seed = seed;
  stage.spec.network = Network({.delay = Delay::uniform(milliseconds(1), milliseconds(5))});
  for (NodeId self = 0; self < nodes; ++self) {
    const NodeId next = (self + 1) % nodes;
    const NodeId other = (self * 3 + 1) % nodes;
    stage.add(
        {.start =
             [next](Context& context, auto) {
               context.send(to(next, kPing, 40));
               context.set_timer(kTick, milliseconds(3));
             },
         .message =
             [next, other](Context& context, const Message& message) {
               if (message.value == 0) return;
               context.append(entry(message.value));
               if (message.value % 3 == 0) context.force();
               context.announce({.what = kSeen, .value = message.value});
               context.send(to(message.value % 2 == 0 ? next : other, kPing, message.value - 1));
             },
         .timer =
             [next](Context& context, const Timer& timer) {
               if (timer.value > 8) return;
               context.send(to(next, kPong, 3));
               context.set_timer(kTick, milliseconds(10), 0, timer.value + 1);
             },
         .refused = [](Context& context, const Message&) { context.note(kPong); }},
        Delay::uniform(microseconds(100), milliseconds(2)));
  }
  return stage;
}

RandomFaults storm() {
  RandomFaults random;
  random.loss = {Probability::kOne / 20};
  random.duplication = {Probability::kOne / 20};
  random.crash_every = milliseconds(60);
  random.crash_for = Delay::uniform(milliseconds(1), milliseconds(9));
  random.pause_every = milliseconds(50);
  random.pause_for = Delay::constant(milliseconds(4));
  random.partition_every = milliseconds(80);
  random.partition_for = Delay::constant(milliseconds(6));
  random.quiet_after = at_ms(120);
  return random;
}

TEST_CASE("World: a run that takes the first enabled choice is the timed run", "[sim]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Stage stage = busy_stage(seed, 5);
    if (seed % 2 == 0) stage.spec.random_faults = storm();
    World timed = stage.world();
    timed.run(kEndOfTime);
    World chosen = stage.world();
    for (auto choices = chosen.enabled(); !choices.empty(); choices = chosen.enabled()) {
      chosen.step(choices.front());
    }
    CHECK(first_difference(timed.trace(), chosen.trace()) == -1);
    CHECK(timed.digest() == chosen.digest());
    World stepped = stage.world();
    while (stepped.step()) {
    }
    CHECK(stepped.digest() == timed.digest());
  }
}

TEST_CASE("World: a copy is a snapshot that continues like the original", "[sim]") {
  Stage stage = busy_stage(4, 5);
  stage.spec.random_faults = storm();
  World original = stage.world();
  for (int i = 0; i < 150; ++i) original.step();
  World copy = original;
  original.run(kEndOfTime);
  CHECK(copy.digest() != original.digest());
  copy.run(kEndOfTime);
  CHECK(copy.digest() == original.digest());
  CHECK(first_difference(copy.trace(), original.trace()) == -1);
}

TEST_CASE("World: any enabled choice can be taken, and the clock never goes back", "[sim]") {
  Stage stage = busy_stage(1, 4);
  World world = stage.world();
  Stream pick(9, "choices");
  for (int i = 0; i < 400; ++i) {
    const auto choices = world.enabled();
    if (choices.empty()) break;
    world.step(choices[pick.below(choices.size())]);
  }
  Time last{0};
  for (const TraceRecord& record : world.trace()) {
    REQUIRE(record.time >= last);
    last = record.time;
  }
}

TEST_CASE("World: keeping a trace does not change a run", "[sim]") {
  Stage with = busy_stage(2, 5);
  Stage without = with;
  without.spec.keep_trace = false;
  World a = with.world();
  World b = without.world();
  a.run(kEndOfTime);
  b.run(kEndOfTime);
  CHECK(a.digest() == b.digest());
  CHECK(b.trace().empty());
}

TEST_CASE("World: every event except external ones has an earlier cause", "[sim]") {
  World world = busy_stage(3, 5).world();
  world.run(kEndOfTime);
  for (const TraceRecord& record : world.trace()) {
    REQUIRE(record.cause < record.sequence);
    if (record.kind != EventKind::Restarted) REQUIRE(record.cause > 0);
  }
}

TEST_CASE("World: random faults written as placed faults give the same run", "[sim]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Stage random = busy_stage(seed, 4);
    random.spec.random_faults = storm();
    World met = random.world();
    met.run(kEndOfTime);
    REQUIRE(met.faults_met().size() > 3);
    Stage placed = busy_stage(seed, 4);
    placed.spec.faults = met.faults_met();
    World again = placed.world();
    again.run(kEndOfTime);
    CHECK(first_difference(met.trace(), again.trace()) == -1);
    CHECK(again.digest() == met.digest());
  }
}

TEST_CASE("World: enabling one fault does not change other random draws", "[sim]") {
  Stage calm;
  const NodeId b = calm.add({});
  calm.add({.start = [b](Context& context, auto) {
    for (int i = 0; i < 50; ++i) context.send(to(b, kPing, i));
  }});
  calm.spec.network = Network({.delay = Delay::uniform(milliseconds(1), milliseconds(50))});
  Stage lossy = calm;
  lossy.spec.random_faults.loss = {Probability::kOne / 3};
  World all = calm.world();
  World some = lossy.world();
  all.run(kEndOfTime);
  some.run(kEndOfTime);
  REQUIRE(some.statistics().lost > 5);
  const auto arrived = records(all, EventKind::Delivered);
  for (const TraceRecord& record : records(some, EventKind::Delivered)) {
    const auto same = std::find_if(arrived.begin(), arrived.end(), [&](const TraceRecord& other) {
      return other.value == record.value;
    });
    REQUIRE(same != arrived.end());
    CHECK(same->time == record.time);
  }
}

// Node 1 sends node 0 a message every millisecond, and node 0 answers each one.
Stage steady_stage() {
  Stage stage;
  stage.add({.start = {},
             .message =
                 [](Context& context, const Message& message) {
                   context.send(to(message.from, kPong, message.value));
                 },
             .timer = {},
             .refused = {}});
  stage.add({.start = [](Context& context, auto) { context.set_timer(kTick, milliseconds(1)); },
             .message = {},
             .timer =
                 [](Context& context, const Timer& timer) {
                   context.send(to(0, kPing, timer.value));
                   if (timer.value < 19) {
                     context.set_timer(kTick, milliseconds(1), 0, timer.value + 1);
                   }
                 },
             .refused = [](Context& context,
                           const Message& message) { context.note(kPing, 0, message.value); }});
  return stage;
}

std::uint64_t delivered(const World& world, Word type) {
  std::uint64_t count = 0;
  for (const TraceRecord& record : records(world, EventKind::Delivered)) {
    if (record.what == type) ++count;
  }
  return count;
}

TEST_CASE("Faults: a partition loses both ways, a one-way partition one way", "[sim]") {
  Fault fault{.kind = FaultKind::Partition,
              .at = at_ms(0),
              .duration = seconds(1),
              .nodes = {0},
              .peers = {1}};
  for (const bool one_way : {false, true}) {
    Stage stage = steady_stage();
    fault.one_way = one_way;  // from 0 to 1
    stage.spec.faults = {fault};
    World world = stage.world();
    world.run(kEndOfTime);
    CHECK(delivered(world, kPing) == (one_way ? 20U : 0U));
    CHECK(delivered(world, kPong) == 0);
  }
}

TEST_CASE("Faults: a partition loses messages that are under way when it begins", "[sim]") {
  Stage stage = steady_stage();
  stage.spec.faults = {{.kind = FaultKind::Partition,
                        .at = at_ms(10) + Duration{500'000},
                        .duration = seconds(1),
                        .nodes = {0},
                        .peers = {1}}};
  World world = stage.world();
  world.run(kEndOfTime);
  CHECK(delivered(world, kPing) == 9);
  CHECK(delivered(world, kPong) == 8);
}

TEST_CASE("Faults: a window ends, and a sender learns of a refused message", "[sim]") {
  Stage stage = steady_stage();
  stage.spec.faults = {
      {.kind = FaultKind::Refuse, .at = at_ms(5), .duration = milliseconds(10), .nodes = {0}}};
  World world = stage.world();
  world.run(kEndOfTime);
  CHECK(world.statistics().refused == 10);
  CHECK(records(world, EventKind::Noted).size() == 10);
  CHECK(delivered(world, kPing) == 10);
}

TEST_CASE("Faults: the n-th matching message is dropped, slowed or duplicated", "[sim]") {
  Stage stage = steady_stage();
  const EventPattern ping{EventKind::Sent, kPing, {1}, {0}, std::nullopt};
  stage.spec.faults = {
      {.kind = FaultKind::Drop, .placed = PlacedBy::Event, .when = ping, .nth = 3},
      {.kind = FaultKind::Slow,
       .placed = PlacedBy::Event,
       .when = ping,
       .nth = 5,
       .delay = milliseconds(100)},
      {.kind = FaultKind::Duplicate,
       .placed = PlacedBy::Event,
       .when = ping,
       .nth = 7,
       .delay = milliseconds(2)},
  };
  World world = stage.world();
  world.run(kEndOfTime);
  std::vector<std::int64_t> arrived;
  for (const TraceRecord& record : records(world, EventKind::Delivered)) {
    if (record.what == kPing) arrived.push_back(record.value);
  }
  REQUIRE(arrived.size() == 20);
  CHECK(std::count(arrived.begin(), arrived.end(), 2) == 0);
  CHECK(std::count(arrived.begin(), arrived.end(), 6) == 2);
  CHECK(arrived.back() == 4);
}

TEST_CASE("Faults: a paused node handles messages later, in the order of their arrival", "[sim]") {
  Stage stage = steady_stage();
  stage.spec.faults = {
      {.kind = FaultKind::Pause, .at = at_ms(4), .duration = milliseconds(50), .nodes = {0}}};
  World world = stage.world();
  world.run(kEndOfTime);
  std::int64_t expected = 0;
  for (const TraceRecord& record : records(world, EventKind::Delivered)) {
    if (record.what != kPing) continue;
    CHECK(record.value == expected++);
    CHECK((record.time <= at_ms(4) || record.time >= at_ms(54)));
  }
  CHECK(expected == 20);
}

TEST_CASE("Faults: a skewed clock makes timers run fast or slow", "[sim]") {
  Stage stage = steady_stage();
  stage.spec.faults = {
      {.kind = FaultKind::SkewClock, .at = at_ms(0), .nodes = {1}, .rate_permille = 2'000}};
  World world = stage.world();
  world.run(kEndOfTime);
  CHECK(world.now() == at_ms(20 * 2 + 2));
}

TEST_CASE("Faults: a skewed clock is correct again when the fault ends", "[sim]") {
  Stage stage;
  stage.add({.start = [](Context& context, auto) { context.set_timer(kTick, milliseconds(10)); },
             .message = {},
             .timer =
                 [](Context& context, const Timer& timer) {
                   context.announce({.what = kSeen, .value = context.now().ns});
                   if (timer.value == 0) context.set_timer(kTick, milliseconds(100), 0, 1);
                 },
             .refused = {}});
  stage.spec.faults = {{.kind = FaultKind::SkewClock,
                        .at = at_ms(0),
                        .duration = milliseconds(50),
                        .nodes = {0},
                        .delay = milliseconds(7)}};
  World world = stage.world();
  world.run(kEndOfTime);
  const auto announced = records(world, EventKind::Announced);
  REQUIRE(announced.size() == 2);
  CHECK(announced[0].value == at_ms(17).ns);
  CHECK(announced[1].value == at_ms(110).ns);
}

TEST_CASE("Faults: a slow disk makes each write longer during the window", "[sim]") {
  Stage stage;
  stage.add({.start = [](Context& context, auto) { context.set_timer(kTick, milliseconds(1)); },
             .message = {},
             .timer =
                 [](Context& context, const Timer& timer) {
                   context.append(entry(timer.value));
                   context.force();
                   context.announce({.what = kSeen, .value = timer.value});
                   if (timer.value == 0) context.set_timer(kTick, milliseconds(100), 0, 1);
                 },
             .refused = {}},
            Delay::constant(milliseconds(2)));
  stage.spec.faults = {{.kind = FaultKind::SlowDisk,
                        .at = at_ms(0),
                        .duration = milliseconds(50),
                        .nodes = {0},
                        .delay = milliseconds(30)}};
  World world = stage.world();
  world.run(kEndOfTime);
  const auto announced = records(world, EventKind::Announced);
  REQUIRE(announced.size() == 2);
  CHECK(announced[0].time == at_ms(33));
  CHECK(announced[1].time == at_ms(103));
}

TEST_CASE("Network: a FIFO link keeps the order of sending, another link may not", "[sim]") {
  for (const bool fifo : {false, true}) {
    Stage stage;
    const NodeId b = stage.add({});
    stage.add({.start = [b](Context& context, auto) {
      for (int i = 0; i < 30; ++i) context.send(to(b, kPing, i));
    }});
    stage.spec.network =
        Network({.delay = Delay::uniform(milliseconds(1), milliseconds(9)), .fifo = fifo});
    World world = stage.world();
    world.run(kEndOfTime);
    std::vector<std::int64_t> order;
    for (const TraceRecord& record : records(world, EventKind::Delivered)) {
      order.push_back(record.value);
    }
    CHECK(std::is_sorted(order.begin(), order.end()) == fifo);
  }
}

}  // namespace
}  // namespace txsim::testing
