// Two-phase commit: the effect of each switch, duplicates of every message, and deadlock.
#include <catch2/catch.hpp>

#include "tests/protocols/two_phase_commit_rig.h"

using namespace txsim;
using namespace txsim::test;

namespace {

constexpr TransactionId kFirst = transaction_id(1, 0);
constexpr TransactionId kSecond = transaction_id(2, 0);

struct Sending {
  std::string_view type;
  NodeId from;
  NodeId to;
};

constexpr Sending kSendings[] = {
    {"Update", kOrder, 1},  {"Updated", 1, kOrder},       {"Prepare", kOrder, 1},
    {"VoteYes", 1, kOrder}, {"VoteReadOnly", 2, kOrder},  {"Commit", kOrder, 1},
    {"Ack", 1, kOrder},     {"UpdateRefused", 3, kOrder}, {"VoteNo", 3, kOrder},
    {"Abort", kOrder, 1},   {"Update", kOrder, 3},        {"Prepare", kOrder, 3},
    {"Update", kOrder, 2},  {"Prepare", kOrder, 2},
};

// One reader and two updaters. With `refused` the last one has an empty stock.
Rig three(CommitVariant variant, bool with_prepare, bool refused) {
  Rig rig;
  rig.participants = 3;
  rig.actions = {Action::Take, Action::Read, Action::Take};
  rig.stocks = {100, 100, refused ? 0 : 100};
  rig.settings.variant = variant;
  rig.settings.with_prepare = with_prepare;
  rig.workload.orders = 2;
  rig.workload.every = seconds(3);
  return rig;
}

void check_same(const World& world, const World& plain, const Rig& rig) {
  for (const TransactionId transaction : {kFirst, kSecond}) {
    CHECK(told(world, rig, transaction) == told(plain, rig, transaction));
    CHECK(decided(world, transaction) == decided(plain, transaction));
    for (NodeId node = 0; node <= 3; ++node) {
      CAPTURE(node);
      CHECK(finished(world, node, transaction) == finished(plain, node, transaction));
      CHECK(facts(world, FactKind::Finished, node, transaction) ==
            facts(plain, FactKind::Finished, node, transaction));
      CHECK(facts(world, FactKind::Updated, node, transaction) ==
            facts(plain, FactKind::Updated, node, transaction));
      CHECK(records(world, node) == records(plain, node));
    }
  }
  for (NodeId node = 1; node <= 3; ++node) CHECK(stock(world, node) == stock(plain, node));
  CHECK_FALSE(world.has_pending(kEndOfTime));
}

}  // namespace

TEST_CASE("2PC: an early or late duplicate of any message changes nothing") {
  for (const CommitVariant variant :
       {CommitVariant::Basic, CommitVariant::PresumedAbort, CommitVariant::PresumedCommit}) {
    for (const bool with_prepare : {false, true}) {
      for (const bool refused : {false, true}) {
        const Rig rig = three(variant, with_prepare, refused);
        const World plain = rig.run();
        for (const Sending& sending : kSendings) {
          for (const Duration later : {microseconds(100), milliseconds(2), milliseconds(7),
                                       milliseconds(50), seconds(4)}) {
            CAPTURE(static_cast<int>(variant), with_prepare, refused, sending.type, later.ns);
            Rig twice = rig;
            twice.faults = {message_fault(FaultKind::Duplicate, sending.type, sending.from,
                                          sending.to, 1, later)};
            check_same(twice.run(), plain, rig);
          }
        }
      }
    }
  }
}

TEST_CASE("2PC: an Abort that overtakes its Update or Prepare is remembered") {
  for (const bool with_prepare : {false, true}) {
    for (const CommitVariant variant :
         {CommitVariant::Basic, CommitVariant::PresumedAbort, CommitVariant::PresumedCommit}) {
      Rig rig = three(variant, with_prepare, false);
      rig.workload.orders = 1;
      rig.faults = {message_fault(FaultKind::Slow, with_prepare ? "Prepare" : "Update", kOrder, 3,
                                  1, seconds(3))};
      const World world = rig.run();
      CHECK(decided(world) == Outcome::Aborted);
      CHECK(facts(world, FactKind::Updated, 3) == 0);
      CHECK(stock(world, 1) == 100);
      CHECK_FALSE(world.has_pending(kEndOfTime));
    }
  }
}

TEST_CASE("2PC: a deadlock ends by the lock timeout") {
  Rig rig;
  rig.store.lock_timeout = milliseconds(300);
  TransactionKind backwards;
  backwards.name = "backwards";
  backwards.begins_at = kOrder;
  backwards.participants = {2, 1};
  backwards.steps = {{Action::Take, 2, 3, 1}, {Action::Take, 1, 2, 1}};
  rig.second_kind = backwards;
  rig.workload.orders = 2;
  rig.workload.arrivals = Arrivals::Times;
  rig.workload.times = {Time{0}, Time{0}};
  const World world = rig.run();
  CHECK(facts(world, FactKind::LockWaited) == 2);
  CHECK(facts(world, FactKind::LockTimedOut) >= 1);
  std::int64_t committed = 0;
  for (const TransactionId transaction : {kFirst, kSecond}) {
    REQUIRE(told(world, rig, transaction).has_value());
    if (told(world, rig, transaction) == Reply::Done) ++committed;
  }
  CHECK(stock(world, 1) == 100 - committed);
  CHECK(stock(world, 2) == 100 - committed);
  CHECK_FALSE(world.has_pending(kEndOfTime));
}

TEST_CASE("2PC: another transaction's update of the row waits until the decision") {
  for (const bool hold : {true, false}) {
    Rig rig;
    rig.settings.hold_locks = hold;
    rig.workload.orders = 2;
    rig.workload.arrivals = Arrivals::Times;
    rig.workload.times = {Time{0}, Time{0} + milliseconds(2)};
    const World world = rig.run();
    const Time decision = time_of(world, FactKind::Decided, kOrder, kFirst);
    CHECK((time_of(world, FactKind::LockTaken, 1, kSecond) > decision) == hold);
    CHECK((time_of(world, FactKind::LockReleased, 1, kFirst) > decision) == hold);
    CHECK(stock(world, 1) == 98);
  }
}

TEST_CASE("2PC: switch force-prepare: without it a yes vote does not survive a crash") {
  for (const bool force : {true, false}) {
    Rig rig;
    rig.settings.force_prepare = force;
    rig.faults = {crash_when(1, EventKind::Sent, "VoteYes", milliseconds(500))};
    const World world = rig.run();
    CHECK(decided(world) == Outcome::Committed);
    CHECK(stock(world, 1) == (force ? 99 : 100));
    CHECK(stock(world, 2) == 99);
  }
}

TEST_CASE("2PC: switch force-commit: without it an acknowledged commit is lost in a crash") {
  for (const bool force : {true, false}) {
    Rig rig;
    rig.settings.force_commit = force;
    rig.faults = {crash_when(1, EventKind::Sent, "Ack", milliseconds(500))};
    const World world = rig.run();
    CHECK(decided(world) == Outcome::Committed);
    CHECK(stock(world, 1) == (force ? 99 : 100));
  }
}

TEST_CASE("2PC: switch force-decision: without it a decision that was sent is lost in a crash") {
  for (const bool force : {true, false}) {
    Rig rig;
    rig.settings.force_decision = force;
    rig.faults = {crash_when(kOrder, EventKind::Sent, "Commit", milliseconds(500))};
    const World world = rig.run();
    CHECK(finished(world, 1) == Outcome::Committed);
    CHECK(finished(world, 2) == (force ? Outcome::Committed : Outcome::Aborted));
  }
}

TEST_CASE("2PC: switch force-decision: presumed commit without its collecting record commits") {
  for (const bool force : {true, false}) {
    Rig rig;
    rig.settings.variant = CommitVariant::PresumedCommit;
    rig.settings.force_decision = force;
    rig.participants = 3;
    rig.settings.with_prepare = true;
    rig.stocks = {100, 100, 0};
    rig.faults = {crash_when(kOrder, EventKind::Delivered, "VoteYes", milliseconds(500))};
    const World world = rig.run();
    CHECK(finished(world, 1) == (force ? Outcome::Aborted : Outcome::Committed));
    CHECK(finished(world, 3) == Outcome::Aborted);
  }
}

TEST_CASE("2PC: switch resend: without it a participant that misses the decision stays in doubt") {
  for (const bool resend : {true, false}) {
    Rig rig;
    rig.settings.resend = resend;
    rig.faults = {message_fault(FaultKind::Drop, "Commit", kOrder, 2)};
    const World world = rig.run();
    CHECK(finished(world, 1) == Outcome::Committed);
    CHECK(finished(world, 2) == (resend ? std::optional(Outcome::Committed) : std::nullopt));
    CHECK(count(world, EventKind::Sent, "Inquiry") == 0);
  }
}

// The first order has no branch at participant 1. The second order's branch is active there during
// the first order's Abort.
TEST_CASE("2PC: switch rollback-by-id: without it an Abort undoes another transaction's updates") {
  for (const bool by_id : {true, false}) {
    Rig rig;
    rig.settings.rollback_by_id = by_id;
    TransactionKind both_ends;
    both_ends.name = "both-ends";
    both_ends.begins_at = kOrder;
    both_ends.participants = {1, 2};
    both_ends.steps = {{Action::Take, 1, 2, 1}, {Action::Take, 2, 3, 1}, {Action::Take, 1, 2, 5}};
    rig.second_kind = both_ends;
    rig.workload.orders = 2;
    rig.workload.arrivals = Arrivals::Times;
    rig.workload.times = {Time{0}, Time{0} + milliseconds(1500)};
    rig.faults = {message_fault(FaultKind::Drop, "Update", kOrder, 1),
                  message_fault(FaultKind::Slow, "Update", kOrder, 2, 1, seconds(1))};
    const World world = rig.run();
    CHECK(decided(world, kFirst) == Outcome::Aborted);
    CHECK(decided(world, kSecond) == Outcome::Committed);
    CHECK(told(world, rig, kSecond) == Reply::Done);
    CHECK(stock(world, 1) == (by_id ? 94 : 95));
    CHECK(stock(world, 2) == 99);
    CHECK(facts(world, FactKind::Undone, 1, kSecond) == (by_id ? 0 : 1));
    CHECK_FALSE(world.has_pending(kEndOfTime));
  }
}

// A branch that waits for its row is not undone, because its session executes nothing.
TEST_CASE(
    "2PC: switch rollback-by-id: a branch that waits for a row, or has ended, is not undone") {
  Rig rig;
  rig.settings.rollback_by_id = false;
  rig.workload.orders = 3;
  rig.workload.arrivals = Arrivals::Times;
  rig.workload.times = {Time{0}, Time{0} + milliseconds(1990), Time{0} + milliseconds(1995)};
  rig.faults = {message_fault(FaultKind::Drop, "Update", kOrder, 1),
                message_fault(FaultKind::Slow, "Prepare", kOrder, 1, 1, milliseconds(200))};
  const World world = rig.run();
  CHECK(decided(world, kFirst) == Outcome::Aborted);
  CHECK(facts(world, FactKind::LockWaited, 1) == 1);
  CHECK(facts(world, FactKind::Undone, 1) == 0);
  CHECK(stock(world, 1) == 98);
  CHECK(stock(world, 2) == 98);
}

TEST_CASE("2PC: switch unanimity: without it a majority of yes votes commits despite a no") {
  for (const bool unanimity : {true, false}) {
    Rig rig;
    rig.participants = 3;
    rig.settings.unanimity = unanimity;
    rig.settings.with_prepare = true;
    rig.stocks = {100, 100, 0};
    const World world = rig.run();
    CHECK(decided(world) == (unanimity ? Outcome::Aborted : Outcome::Committed));
    CHECK(stock(world, 1) == (unanimity ? 100 : 99));
    CHECK(finished(world, 3) == Outcome::Aborted);
  }
}

TEST_CASE("2PC: switch unanimity: without it the coordinator commits with the votes it has") {
  for (const bool unanimity : {true, false}) {
    Rig rig;
    rig.settings.unanimity = unanimity;
    rig.faults = {message_fault(FaultKind::Drop, "Prepare", kOrder, 2)};
    const World world = rig.run();
    CHECK(decided(world) == (unanimity ? Outcome::Aborted : Outcome::Committed));
  }
}

TEST_CASE("2PC: switch votes-as-set: without it a duplicate vote counts for another participant") {
  for (const bool as_set : {true, false}) {
    Rig rig;
    rig.settings.votes_as_set = as_set;
    rig.settings.with_prepare = true;
    rig.stocks = {100, 0};
    rig.faults = {message_fault(FaultKind::Duplicate, "VoteYes", 1, kOrder),
                  message_fault(FaultKind::Slow, "Prepare", kOrder, 2, 1, milliseconds(200))};
    const World world = rig.run();
    CHECK(decided(world) == (as_set ? Outcome::Aborted : Outcome::Committed));
    CHECK(finished(world, 2) == Outcome::Aborted);
    CHECK(stock(world, 1) == (as_set ? 100 : 99));
  }
}
