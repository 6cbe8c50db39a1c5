#include "services/client.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "protocols/local/local.h"
#include "tests/protocols/small_world.h"

namespace txsim {
namespace {

using testing::amount;
using testing::Asked;
using testing::count;
using testing::facts;
using testing::message;
using testing::order;
using testing::sent;
using testing::SmallWorld;

using Lines = std::vector<std::string>;

// A service that increments a counter for each order, and orders of several kinds on request.
struct Counter {
  SmallWorld world;
  NodeId shop = world.service("shop");
  std::uint16_t total = world.resource("total", shop, 0);

  explicit Counter(int kinds = 1) {
    for (int i = 0; i < kinds; ++i) world.kind({world.step(Action::Give, total, 1)});
  }
  World run(Duration until = seconds(1000)) {
    World built = world.build([&](std::shared_ptr<const Plan> plan, NodeId self) {
      return std::make_shared<LocalService>(plan, self, world.receiver, world.store,
                                            LocalSettings{});
    });
    built.run(Time{until.ns});
    return built;
  }
};

std::vector<std::int64_t> submitted_at_ms(const World& world) {
  std::vector<std::int64_t> times;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Announced) continue;
    if (record.what != fact_word(FactKind::Submitted)) continue;
    times.push_back(record.time.ns / 1'000'000);
  }
  return times;
}

std::vector<std::int64_t> kinds_submitted(const World& world) {
  std::vector<std::int64_t> kinds;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Announced) continue;
    if (record.what == fact_word(FactKind::Submitted)) kinds.push_back(record.extra);
  }
  return kinds;
}

}  // namespace

TEST_CASE("client: orders arrive at given times") {
  Counter counter;
  counter.world.workload.arrivals = Arrivals::Times;
  counter.world.workload.orders = 4;
  for (const int ms : {0, 7, 7, 30}) {
    counter.world.workload.times.push_back(Time{milliseconds(ms).ns});
  }
  const World world = counter.run();
  CHECK(submitted_at_ms(world) == std::vector<std::int64_t>{0, 7, 7, 30});
  CHECK(count(world, Asked{.fact = FactKind::Told, .value = 1}) == 4);
}

TEST_CASE("client: orders arrive at regular intervals, the first at once") {
  Counter counter;
  counter.world.workload.orders = 3;
  const World world = counter.run();
  CHECK(submitted_at_ms(world) == std::vector<std::int64_t>{0, 100, 200});
}

TEST_CASE("client: random arrivals depend on the seed only, and have the configured mean") {
  Counter counter;
  counter.world.workload.arrivals = Arrivals::Random;
  counter.world.workload.orders = 2000;
  counter.world.workload.every = milliseconds(10);
  const World once = counter.run();
  const auto times = submitted_at_ms(once);
  REQUIRE(times.size() == 2000);
  CHECK(times.back() > 18'000);
  CHECK(times.back() < 22'000);
  Counter again;
  again.world.workload = counter.world.workload;
  CHECK(submitted_at_ms(again.run()) == times);
}

TEST_CASE("client: in a closed loop each client submits when its last order is settled") {
  Counter counter;
  counter.world.workload.arrivals = Arrivals::ClosedLoop;
  counter.world.workload.orders = 5;
  counter.world.workload.clients = 2;
  counter.world.workload.think = Delay::constant(milliseconds(8));
  const World world = counter.run();
  CHECK(submitted_at_ms(world) == std::vector<std::int64_t>{0, 0, 10, 10, 20});
  CHECK(amount(world, counter.world.plan, counter.total) == 5);
}

TEST_CASE("client: kinds of transactions alternate in proportion to their shares") {
  Counter counter(3);
  counter.world.workload.orders = 7;
  counter.world.workload.shares = {2, 0, 1};
  CHECK(kinds_submitted(counter.run()) == std::vector<std::int64_t>{0, 0, 2, 0, 0, 2, 0});
}

TEST_CASE("client: the critical path is counted from the submission") {
  Counter counter;
  const World world = counter.run();
  const TraceRecord& told = testing::first(world, Asked{.fact = FactKind::Told});
  CHECK(told.message_delays == 2);
  CHECK(told.write_delays == 1);
}

TEST_CASE("client: an order without an answer is submitted again, then given up") {
  Counter counter;
  counter.world.workload.retries = 1;
  counter.world.when(FaultKind::Drop, message("Reply"), 1, std::nullopt);
  counter.world.when(FaultKind::Drop, message("Reply"), 2, std::nullopt);
  const World world = counter.run();
  CHECK(facts(world, {FactKind::Submitted, FactKind::GaveUp}) ==
        Lines{"submitted 1 1", "submitted 1.1 1", "gave-up 1 0", "gave-up 1.1 0"});
  CHECK(submitted_at_ms(world) == std::vector<std::int64_t>{0, 5000});
}

TEST_CASE("client: a late answer to the first submission settles the order") {
  Counter counter;
  counter.world.workload.retries = 3;
  counter.world.when(FaultKind::Slow, message("Reply"), 1, std::nullopt, milliseconds(5500));
  counter.world.when(FaultKind::Drop, message("Reply"), 2, std::nullopt);
  const World world = counter.run();
  CHECK(facts(world, {FactKind::Submitted, FactKind::Told, FactKind::GaveUp}) ==
        Lines{"submitted 1 1", "submitted 1.1 1", "told 1 1", "gave-up 1.1 0"});
}

TEST_CASE("client: an answer delivered twice is announced once") {
  Counter counter;
  counter.world.when(FaultKind::Duplicate, message("Reply"), 1, std::nullopt, milliseconds(1));
  CHECK(count(counter.run(), Asked{.fact = FactKind::Told}) == 1);
}

TEST_CASE("client: repeats are sent without a timeout, at once or after a gap") {
  Counter counter;
  counter.world.workload.repeats = 2;
  CHECK(submitted_at_ms(counter.run()) == std::vector<std::int64_t>{0, 0, 0});
  Counter gap;
  gap.world.workload.repeats = 2;
  gap.world.workload.repeat_after = milliseconds(30);
  const World world = gap.run();
  CHECK(submitted_at_ms(world) == std::vector<std::int64_t>{0, 30, 60});
  CHECK(count(world, Asked{.fact = FactKind::Told, .value = 1}) == 3);
}

TEST_CASE("client: a refused submission fails if it is the last, else it is sent again") {
  Fault refuse;
  refuse.kind = FaultKind::Refuse;
  refuse.duration = seconds(1);
  Counter counter;
  refuse.nodes = {counter.shop};
  counter.world.faults.push_back(refuse);
  counter.world.workload.arrivals = Arrivals::Times;
  counter.world.workload.times = {Time{milliseconds(10).ns}};
  CHECK(facts(counter.run(), {FactKind::Told, FactKind::GaveUp}) == Lines{"told 1 2"});
  Counter patient;
  patient.world.faults.push_back(refuse);
  patient.world.workload = counter.world.workload;
  patient.world.workload.retries = 1;
  CHECK(facts(patient.run(), {FactKind::Submitted, FactKind::Told, FactKind::GaveUp}) ==
        Lines{"submitted 1 1", "submitted 1.1 1", "told 1.1 1", "gave-up 1 0"});
}

TEST_CASE("client: after a crash it continues with the next orders") {
  Counter counter;
  counter.world.workload.orders = 6;
  counter.world.crash(1, milliseconds(150), milliseconds(100));
  const World world = counter.run();
  CHECK(facts(world, {FactKind::Submitted}) ==
        Lines{"submitted 1 1", "submitted 2 2", "submitted 4 4", "submitted 5 5", "submitted 6 6"});
}

TEST_CASE("client: random arrivals after a crash are the same as without it") {
  Counter counter;
  counter.world.workload.orders = 50;
  counter.world.workload.arrivals = Arrivals::Random;
  const auto undisturbed = submitted_at_ms(counter.run());
  Counter crashed;
  crashed.world.workload = counter.world.workload;
  crashed.world.crash(1, milliseconds(1000), milliseconds(1000));
  const auto disturbed = submitted_at_ms(crashed.run());
  CHECK(disturbed.size() < undisturbed.size());
  for (const std::int64_t time : disturbed) {
    CHECK(std::find(undisturbed.begin(), undisturbed.end(), time) != undisturbed.end());
  }
  CHECK(disturbed.back() == undisturbed.back());
}

TEST_CASE("client: a closed loop uses no order number twice after a crash") {
  Counter counter;
  counter.world.workload.arrivals = Arrivals::ClosedLoop;
  counter.world.workload.orders = 1000;
  counter.world.workload.clients = 4;
  counter.world.crash(1, milliseconds(100), milliseconds(100));
  counter.world.crash(1, milliseconds(300), milliseconds(100));
  const World world = counter.run();
  const Lines submitted = facts(world, {FactKind::Submitted});
  CHECK(submitted.size() > 700);
  for (std::size_t i = 1; i < submitted.size(); ++i) CHECK(submitted[i - 1] != submitted[i]);
  CHECK(submitted.back() == "submitted 1000 1000");
}

// The crash may fall while the last order is in flight.
TEST_CASE("client: a restarted closed loop continues after the last number used") {
  for (std::uint64_t nth = 1; nth <= 100; ++nth) {
    Counter counter;
    counter.world.workload.arrivals = Arrivals::ClosedLoop;
    counter.world.workload.orders = 100;
    counter.world.when(FaultKind::Crash, message("Submit"), nth, milliseconds(100));
    counter.world.faults.back().nodes = {1};
    Lines submitted = facts(counter.run(), {FactKind::Submitted});
    CAPTURE(nth);
    CHECK(submitted.size() >= nth);
    std::sort(submitted.begin(), submitted.end());
    CHECK(std::adjacent_find(submitted.begin(), submitted.end()) == submitted.end());
  }
}

TEST_CASE("client: a clock that is slow or set back does not stop arrivals") {
  Counter counter;
  counter.world.workload.orders = 20;
  Fault skew;
  skew.kind = FaultKind::SkewClock;
  skew.at = Time{milliseconds(250).ns};
  skew.nodes = {1};
  skew.delay = milliseconds(-2000);
  skew.rate_permille = 500;
  skew.duration = milliseconds(5000);
  counter.world.faults.push_back(skew);
  const World world = counter.run();
  CHECK(submitted_at_ms(world).size() == 20);
}

}  // namespace txsim
