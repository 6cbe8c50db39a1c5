// When effects leave a node, and which of them a crash drops.
#include <algorithm>
#include <functional>

#include <catch2/catch.hpp>

#include "tests/sim/scripted.h"

namespace txsim::testing {
namespace {

TEST_CASE("Effects: effects after a force leave the node when the log is durable", "[sim]") {
  Stage stage;
  const NodeId b = stage.add({});
  stage.add({.start =
                 [b](Context& context, auto) {
                   context.send(to(b, kPing));
                   context.append(entry(1));
                   context.force();
                   context.send(to(b, kPong));
                   context.announce({.what = kSeen});
                 }},
            Delay::constant(milliseconds(7)));
  World world = stage.world();
  world.run(at_ms(100));
  const auto sent = records(world, EventKind::Sent);
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].time == at_ms(0));
  CHECK(sent[1].time == at_ms(7));
  CHECK(sent[1].write_delays == 1);
  CHECK(records(world, EventKind::Announced)[0].time == at_ms(7));
  CHECK(records(world, EventKind::Durable)[0].time == at_ms(7));
}

TEST_CASE("Effects: a force with nothing to write does not wait", "[sim]") {
  Stage stage;
  const NodeId b = stage.add({});
  stage.add({.start =
                 [b](Context& context, auto) {
                   context.force();
                   context.send(to(b));
                 }},
            Delay::constant(milliseconds(7)));
  World world = stage.world();
  world.run(at_ms(100));
  CHECK(records(world, EventKind::Sent)[0].time == at_ms(0));
  CHECK(records(world, EventKind::Forced).empty());
}

TEST_CASE("Effects: one write covers all records appended before it began", "[sim]") {
  Stage stage;
  const NodeId writer = stage.add({.message =
                                       [](Context& context, const Message& message) {
                                         context.append(entry(message.value));
                                         context.force();
                                         context.announce({.what = kSeen, .value = message.value});
                                       }},
                                  Delay::constant(milliseconds(10)));
  stage.add({.start = [writer](Context& context, auto) {
    for (int i = 0; i < 4; ++i) context.send(to(writer, kPing, i));
  }});
  // Messages arrive at 1, 2, 3 and 4 ms. The first write covers the first record, the second the
  // other three.
  stage.spec.faults.push_back({.kind = FaultKind::Slow,
                               .placed = PlacedBy::Event,
                               .when = {EventKind::Sent, kPing, {}, {}, 1},
                               .nth = 1,
                               .delay = milliseconds(1)});
  stage.spec.faults.push_back({.kind = FaultKind::Slow,
                               .placed = PlacedBy::Event,
                               .when = {EventKind::Sent, kPing, {}, {}, 2},
                               .nth = 1,
                               .delay = milliseconds(2)});
  World world = stage.world();
  world.run(at_ms(100));
  const auto announced = records(world, EventKind::Announced);
  REQUIRE(announced.size() == 4);
  CHECK(world.statistics().nodes[writer].forces == 4);
  CHECK(world.statistics().nodes[writer].writes == 2);
  CHECK(announced[0].time == at_ms(11));
  for (std::size_t i = 1; i < 4; ++i) CHECK(announced[i].time == at_ms(21));
}

// A node that forces two records and sends the number of records that it finds at its start.
Script careful_writer() {
  return {.start =
              [](Context& context, std::span<const LogRecord> log) {
                context.announce({.what = kSeen, .value = static_cast<std::int64_t>(log.size())});
                if (!log.empty()) return;
                context.append(entry(1));
                context.force();
                context.append(entry(2));
                context.set_timer(kTick, milliseconds(50));
              },
          .message = {},
          .timer = [](Context& context, const Timer&) { context.note(kTick); },
          .refused = {}};
}

TEST_CASE("Effects: a crash loses unforced records, held effects and timers", "[sim]") {
  Stage stage;
  const NodeId writer = stage.add(careful_writer(), Delay::constant(milliseconds(10)));
  const auto log_after_crash_at = [&](Duration at) {
    Stage crashed = stage;
    crashed.spec.faults.push_back({.kind = FaultKind::Crash,
                                   .at = Time{at.ns},
                                   .duration = milliseconds(5),
                                   .nodes = {writer}});
    World world = crashed.world();
    world.run(at_ms(200));
    const auto announced = records(world, EventKind::Announced);
    const bool early = at < milliseconds(10);
    CHECK(records(world, EventKind::Noted).empty() ==
          !early);  // a fresh start sets the timer again
    return announced.back().value;
  };
  CHECK(log_after_crash_at(milliseconds(9)) == 0);
  CHECK(log_after_crash_at(milliseconds(11)) == 1);
}

TEST_CASE("Effects: a crash can fall between any two effects of one handler", "[sim]") {
  Stage stage;
  const NodeId b = stage.add({});
  const NodeId a = stage.add({.start = [b](Context& context, auto) {
    for (int i = 0; i < 3; ++i) context.send(to(b, kPing, i));
  }});
  stage.spec.faults.push_back({.kind = FaultKind::Crash,
                               .placed = PlacedBy::Event,
                               .when = {EventKind::Sent, kPing, {a}, {}, std::nullopt},
                               .nth = 2});
  World world = stage.world();
  world.run(at_ms(100));
  CHECK(records(world, EventKind::Sent).size() == 2);
  CHECK(records(world, EventKind::Delivered).size() == 2);  // messages in flight survive
  CHECK_FALSE(world.is_up(a));
}

// Forces a record for each of two messages, then announces and answers. One write holds both.
Script twice_in_one_write(NodeId client) {
  return {.message = [client](Context& context, const Message& message) {
    context.append(entry(message.value));
    context.force();
    context.announce({.what = kSeen, .value = message.value});
    context.send(to(client, kPong, message.value));
  }};
}

TEST_CASE(
    "Effects: a crash between the effects that one write releases loses messages, but no fact",
    "[sim]") {
  Stage stage;
  const NodeId client = 1;
  const NodeId writer = stage.add(twice_in_one_write(client), Delay::constant(milliseconds(10)));
  stage.add({.start = [writer](Context& context, auto) {
    for (int i = 1; i <= 3; ++i) context.send(to(writer, kPing, i));
  }});
  // Write 1 holds the first record, write 2 the second and third.
  stage.spec.faults.push_back({.kind = FaultKind::Crash,
                               .placed = PlacedBy::Event,
                               .when = {EventKind::Sent, kPong, {writer}, {}, 2},
                               .nth = 1,
                               .duration = milliseconds(1)});
  World world = stage.world();
  world.run(at_ms(100));
  const auto announced = records(world, EventKind::Announced);
  REQUIRE(announced.size() == 3);
  CHECK(announced[2].value == 3);
  CHECK(announced[2].time == at_ms(21));
  const auto crashed = records(world, EventKind::Crashed);
  REQUIRE(crashed.size() == 1);
  CHECK(announced[2].sequence < crashed[0].sequence);
  CHECK(crashed[0].time == at_ms(21));
  const auto sent = records(world, EventKind::Sent);
  CHECK(std::count_if(sent.begin(), sent.end(),
                      [](const TraceRecord& record) { return record.what == kPong; }) == 2);
}

// The disk takes no time. The test defines what the handler does after the crash.
std::vector<std::int64_t> told_after_crash(const std::function<void(Context&)>& rest,
                                           bool forces = true) {
  Stage stage;
  const NodeId b = stage.add({});
  const NodeId a = stage.add({.message = [b, rest, forces](Context& context, const Message&) {
    context.append(entry(1));
    if (forces) context.force();
    context.announce({.what = kSeen, .value = 1});
    context.send(to(b, kPong, 1));  // the crash
    context.announce({.what = kSeen, .value = 2});
    rest(context);
  }});
  stage.add({.start = [a](Context& context, auto) { context.send(to(a)); }});
  stage.spec.faults.push_back({.kind = FaultKind::Crash,
                               .placed = PlacedBy::Event,
                               .when = {EventKind::Sent, kPong, {a}, {}, std::nullopt},
                               .nth = 1});
  World world = stage.world();
  world.run(at_ms(100));
  CHECK(records(world, EventKind::Crashed).size() == 1);
  const auto sent = records(world, EventKind::Sent);
  CHECK(sent.back().what == kPong);
  CHECK(sent.back().value == 1);
  CHECK(records(world, EventKind::TimerSet).empty());
  std::vector<std::int64_t> told;
  for (const TraceRecord& record : records(world, EventKind::Announced)) {
    told.push_back(record.value);
    CHECK(record.sequence < records(world, EventKind::Crashed)[0].sequence);
  }
  return told;
}

TEST_CASE("Effects: after a crash a handler still announces facts of its durable records",
          "[sim]") {
  using Told = std::vector<std::int64_t>;
  const auto tell = [](Context& context, std::int64_t value) {
    context.announce({.what = kSeen, .value = value});
  };
  CHECK(told_after_crash([&](Context& context) { tell(context, 3); }) == Told{1, 2, 3});
  SECTION("and it sends nothing, sets no timer and notes nothing") {
    CHECK(told_after_crash([&](Context& context) {
            context.send(to(0, kPong, 2));
            context.set_timer(kTick, milliseconds(1));
            context.note(kTick);
            tell(context, 3);
          }) == Told{1, 2, 3});
  }
  SECTION("but no fact after a record that it appends") {
    CHECK(told_after_crash([&](Context& context) {
            context.append(entry(2));
            tell(context, 3);
          }) == Told{1, 2});
  }
  SECTION("and nothing if none of its records is durable") {
    CHECK(told_after_crash([&](Context& context) { tell(context, 3); }, false) == Told{1});
  }
}

TEST_CASE("Effects: a node takes no checkpoint while one of its effects is held", "[sim]") {
  constexpr int kMoreThanAnyLog = 4'096;
  Stage stage;
  const NodeId b = stage.add({});
  stage.add({.start =
                 [b](Context& context, auto) {
                   for (int i = 0; i < kMoreThanAnyLog; ++i) context.append(entry(i));
                   context.force();
                   context.send(to(b));
                 },
             .message = {},
             .timer = {},
             .refused = {},
             .checkpoint = [](std::vector<LogRecord>& log) { log.push_back(entry(1)); }},
            Delay::constant(milliseconds(7)));
  World world = stage.world();
  world.run(at_ms(100));
  const auto sent = records(world, EventKind::Sent);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].time == at_ms(7));
  const auto checkpoints = records(world, EventKind::Checkpointed);
  REQUIRE(checkpoints.size() == 1);
  CHECK(checkpoints[0].time == at_ms(7));
}

TEST_CASE("Effects: a timer fires once unless it is cancelled, and a stale id is harmless",
          "[sim]") {
  Stage stage;
  TimerId cancelled;
  stage.add(
      {.start =
           [&](Context& context, auto) {
             context.set_timer(kTick, milliseconds(5), 0, 1);
             cancelled = context.set_timer(kTick, milliseconds(5), 0, 2);
             context.cancel_timer(cancelled);
             context.cancel_timer(cancelled);
           },
       .message = {},
       .timer = [](Context& context, const Timer& timer) { context.note(kTick, 0, timer.value); },
       .refused = {}});
  World world = stage.world();
  world.run(at_ms(100));
  const auto noted = records(world, EventKind::Noted);
  REQUIRE(noted.size() == 1);
  CHECK(noted[0].value == 1);
  CHECK(noted[0].time == at_ms(5));
}

}  // namespace
}  // namespace txsim::testing
