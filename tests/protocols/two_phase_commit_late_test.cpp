// Two-phase commit: messages that arrive after their transaction has ended at the receiver, and
// what a recovering node must know about ended transactions.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/protocols/two_phase_commit_rig.h"

using namespace txsim;
using namespace txsim::test;

namespace {

constexpr TransactionId kFirst = transaction_id(1, 0);
constexpr TransactionId kSecond = transaction_id(2, 0);

// Enough sequential orders that checkpoints replace the logs.
Rig many(std::uint64_t orders) {
  Rig rig;
  rig.stocks = {100'000, 100'000};
  rig.workload.orders = orders;
  rig.workload.arrivals = Arrivals::ClosedLoop;
  rig.disk = Delay::constant(microseconds(10));
  rig.network.delay = Delay::constant(microseconds(10));
  return rig;
}

Fault at_time(FaultKind kind, NodeId node, Duration at, Duration lasting) {
  Fault fault;
  fault.kind = kind;
  fault.at = Time{0} + at;
  fault.duration = lasting;
  fault.nodes = {node};
  return fault;
}

// The node's first event of this kind. Requires one.
const TraceRecord& first(const World& world, EventKind kind, NodeId node,
                         std::string_view what = {}) {
  const auto found =
      std::find_if(world.trace().begin(), world.trace().end(), [&](const TraceRecord& record) {
        return record.kind == kind && record.node == node &&
               (what.empty() || record.what == word(what));
      });
  REQUIRE(found != world.trace().end());
  return *found;
}

}  // namespace

// The copy is the first message that the participant receives after its restart. No message of the
// coordinator has yet told it which transactions are forgotten.
TEST_CASE("2PC: a copy of an Update after a checkpoint and a crash opens no branch") {
  constexpr Duration kDown = milliseconds(100);
  Rig rig = many(500);
  rig.faults = {crash_when(1, EventKind::Appended, "prepared", kDown, 400)};
  const World plain = rig.run();
  const Time crash = first(plain, EventKind::Crashed, 1).time;
  CHECK(first(plain, EventKind::Checkpointed, 1).time < crash);
  const Time arrival = first(plain, EventKind::Delivered, 1, "Update").time;
  rig.faults.push_back(message_fault(FaultKind::Duplicate, "Update", kOrder, 1, 1,
                                     crash + kDown + microseconds(1) - arrival));
  const World world = rig.run();
  CHECK(facts(world, FactKind::Updated, 1, kFirst) == 1);
  CHECK(count(world, EventKind::Sent, "UpdateRefused", 1) == 1);
}

// Participant 2 is down for a long time after its vote. Further orders do not involve it.
TEST_CASE(
    "2PC: the coordinator's checkpoint keeps the participants that still wait for a decision") {
  for (const CommitVariant variant : {CommitVariant::Basic, CommitVariant::PresumedAbort}) {
    CAPTURE(static_cast<int>(variant));
    Rig rig = many(1'400);
    rig.settings.variant = variant;
    TransactionKind other;
    other.name = "without 2";
    other.begins_at = kOrder;
    other.participants = {1};
    other.steps = {{Action::Create, kOrder, 0, 0}, {Action::Take, 1, 2, 1}};
    rig.second_kind = other;
    rig.workload.shares = {1, 699};
    rig.faults = {crash_when(2, EventKind::Sent, "VoteYes", seconds(100)),
                  at_time(FaultKind::Crash, kOrder, seconds(90), milliseconds(100))};
    const World world = rig.run(seconds(200));
    CHECK(first(world, EventKind::Checkpointed, kOrder).time < Time{0} + seconds(90));
    const TransactionId voted = first(world, EventKind::Sent, 2, "VoteYes").transaction;
    CHECK(decided(world, voted) == Outcome::Committed);
    CHECK(finished(world, 2, voted) == Outcome::Committed);
    CHECK_FALSE(world.has_pending(kEndOfTime));
  }
}

TEST_CASE("2PC: after a crash, numbers continue after the log even if the clock went back") {
  Rig rig;
  rig.workload.orders = 2;
  rig.workload.every = seconds(3);
  rig.faults = {at_time(FaultKind::SkewClock, kOrder, seconds(0), seconds(1)),
                at_time(FaultKind::Crash, kOrder, seconds(2), milliseconds(10))};
  rig.faults.front().delay = seconds(100);
  const World world = rig.run();
  CHECK(told(world, rig, kFirst) == Reply::Done);
  CHECK(told(world, rig, kSecond) == Reply::Done);
}

TEST_CASE("2PC: a participant that has given up refuses a repeated Update") {
  Rig rig;
  rig.settings.idle_timeout = milliseconds(500);
  rig.faults = {message_fault(FaultKind::Drop, "Updated", 1, kOrder),
                message_fault(FaultKind::Duplicate, "Update", kOrder, 1, 1, seconds(1))};
  const World world = rig.run();
  CHECK(finished(world, 1) == Outcome::Aborted);
  CHECK(count(world, EventKind::Sent, "UpdateRefused", 1) == 1);
  CHECK(count(world, EventKind::Sent, "Prepare") == 0);
  CHECK(told(world, rig) == Reply::Failed);
  CHECK(time_of(world, FactKind::Told, rig.client(), kFirst) < Time{0} + milliseconds(1'500));
}

TEST_CASE("2PC: a lost vote is sent again when its Prepare is repeated") {
  Rig rig;
  rig.faults = {message_fault(FaultKind::Drop, "VoteYes", 1, kOrder),
                message_fault(FaultKind::Duplicate, "Prepare", kOrder, 1, 1, milliseconds(50))};
  const World world = rig.run();
  CHECK(count(world, EventKind::Sent, "VoteYes", 1) == 2);
  CHECK(finished(world, 1) == Outcome::Committed);
  CHECK(told(world, rig) == Reply::Done);
}

// No request comes from the coordinator, because it has forgotten the transaction.
TEST_CASE("2PC: one phase: a commit is resent without a request until it is acknowledged") {
  Rig rig;
  rig.participants = 1;
  rig.order_steps = false;
  rig.faults = {crash_when(kOrder, EventKind::Sent, "CommitOnePhase", milliseconds(100))};
  const World world = rig.run();
  CHECK(finished(world, 1) == Outcome::Committed);
  CHECK(count(world, EventKind::Sent, "Committed", 1) == 2);
  CHECK(count(world, EventKind::Delivered, "Ack", 1) == 1);
  CHECK(records(world, 1) == 2);  // the commit and its end
  CHECK_FALSE(world.has_pending(kEndOfTime));
}
