// A livelock, in which virtual time stands still, is detected. Many events at one instant are no
// livelock.
#include <catch2/catch.hpp>

#include "tests/sim/scripted.h"

using namespace txsim;
using namespace txsim::testing;

namespace {

Message ping(NodeId node, TransactionId transaction, std::int64_t value = 0) {
  Message message = to(node, kPing, value);
  message.transaction = transaction;
  return message;
}

// Two nodes on links without delay.
Stage stage_without_delay() {
  Stage stage;
  Link link;
  link.delay = Delay::constant(Duration{0});
  stage.spec.network = Network(link);
  stage.spec.keep_trace = false;
  return stage;
}

}  // namespace

TEST_CASE(
    "standstill: two nodes that answer each other without delay are a livelock of two events") {
  Stage stage = stage_without_delay();
  const auto answer = [](Context& context, const Message& message) {
    context.send(ping(message.from, 7, message.value + 1));
  };
  stage.add({.start = [](Context& context, auto) { context.send(ping(1, 7)); }, .message = answer});
  stage.add({.message = answer});
  World world = stage.world();
  world.run(at_ms(1000));
  REQUIRE(world.standstill());
  CHECK(world.standstill()->at == Time{0});
  CHECK(world.standstill()->events < 1'000'000);
  REQUIRE(world.standstill()->loop.size() == 2);
  for (const Choice& choice : world.standstill()->loop) {
    CHECK(choice.kind == Choice::Kind::Message);
    CHECK(choice.transaction == 7);
  }
  CHECK(world.standstill()->loop[0].node != world.standstill()->loop[1].node);
}

TEST_CASE("standstill: a timer without a transaction that is always set to zero is a livelock") {
  Stage stage;
  stage.spec.keep_trace = false;
  const auto again = [](Context& context, const Timer&) { context.set_timer(kTick, Duration{0}); };
  stage.add({.start = [](Context& context, auto) { context.set_timer(kTick, milliseconds(5)); },
             .timer = again});
  World world = stage.world();
  world.run(at_ms(1000));
  REQUIRE(world.standstill());
  CHECK(world.standstill()->at == at_ms(5));
  REQUIRE(world.standstill()->loop.size() == 1);
  CHECK(world.standstill()->loop[0].kind == Choice::Kind::Timer);
}

TEST_CASE("standstill: concurrent actions of another transaction do not belong to the loop") {
  Stage stage = stage_without_delay();
  stage.add({.start = [](Context& context, auto) {
    for (TransactionId id = 1; id <= 100'000; ++id) context.send(ping(1, id));
  }});
  // Transaction 500 loops, the others end.
  stage.add({.message = [](Context& context, const Message& message) {
    if (message.transaction == 500) context.send(ping(1, 500));
  }});
  World world = stage.world();
  world.run(at_ms(1000));
  REQUIRE(world.standstill());
  REQUIRE(world.standstill()->loop.size() == 1);
  CHECK(world.standstill()->loop[0].transaction == 500);
}

TEST_CASE("standstill: half a million orders at one instant are no livelock") {
  Stage stage = stage_without_delay();
  constexpr int kOrders = TXSIM_SANITIZED ? 100'000 : 500'000;
  stage.add({.start =
                 [](Context& context, auto) {
                   for (int i = 1; i <= kOrders; ++i) {
                     context.set_timer(kTick, milliseconds(1), 0, i);  // without a transaction
                   }
                 },
             .timer =
                 [](Context& context, const Timer& timer) {
                   context.send(ping(1, static_cast<TransactionId>(timer.value)));
                 }});
  stage.add({});
  World world = stage.world();
  world.run(at_ms(1000));
  CHECK_FALSE(world.standstill());
  CHECK(world.statistics().delivered == kOrders);
}

TEST_CASE("standstill: a loop that takes a nanosecond is no livelock, even with a fast clock") {
  Stage stage;
  stage.spec.keep_trace = false;
  stage.add(
      {.start = [](Context& context, auto) { context.set_timer(kTick, nanoseconds(1)); },
       .timer = [](Context& context, const Timer&) { context.set_timer(kTick, nanoseconds(1)); }});
  Fault fast;
  fast.kind = FaultKind::SkewClock;
  fast.nodes = {0};
  fast.rate_permille = 500;
  stage.spec.faults.push_back(fast);
  World world = stage.world();
  world.run(Time{300'000});
  CHECK_FALSE(world.standstill());
  CHECK(world.now() == Time{300'000});
}
