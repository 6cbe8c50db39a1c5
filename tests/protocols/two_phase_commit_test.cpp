// Two-phase commit when nodes crash and messages are lost: votes, timeouts, recovery, termination.
#include <catch2/catch.hpp>

#include "tests/protocols/two_phase_commit_rig.h"

using namespace txsim;
using namespace txsim::test;

namespace {

constexpr CommitVariant kVariants[] = {CommitVariant::Basic, CommitVariant::PresumedAbort,
                                       CommitVariant::PresumedCommit};

Rig rig_of(CommitVariant variant) {
  Rig rig;
  rig.settings.variant = variant;
  return rig;
}

void check_all(const World& world, const Rig& rig, Outcome outcome) {
  CHECK(decided(world) == outcome);
  const std::int64_t left = outcome == Outcome::Committed ? 99 : 100;
  for (int i = 1; i <= rig.participants; ++i) {
    CAPTURE(i);
    CHECK(stock(world, static_cast<NodeId>(i)) == left);
    CHECK(facts(world, FactKind::LockTaken, static_cast<NodeId>(i)) >=
          facts(world, FactKind::LockReleased, static_cast<NodeId>(i)));
  }
}

void check_ends(const World& world, const Rig& rig, Outcome outcome) {
  check_all(world, rig, outcome);
  CHECK_FALSE(world.has_pending(kEndOfTime));
}

}  // namespace

TEST_CASE("2PC: each variant commits when all vote yes") {
  for (const CommitVariant variant : kVariants) {
    const Rig rig = rig_of(variant);
    const World world = rig.run();
    CHECK(told(world, rig) == Reply::Done);
    check_ends(world, rig, Outcome::Committed);
    for (NodeId node = 0; node <= 2; ++node) CHECK(finished(world, node) == Outcome::Committed);
  }
}

TEST_CASE("2PC: each variant aborts when one votes no") {
  for (const CommitVariant variant : kVariants) {
    Rig rig = rig_of(variant);
    rig.settings.with_prepare = true;
    rig.stocks = {100, 0};
    const World world = rig.run();
    CHECK(told(world, rig) == Reply::Failed);
    CHECK(decided(world) == Outcome::Aborted);
    CHECK(stock(world, 1) == 100);
    CHECK(count(world, EventKind::Sent, "Abort") == 1);  // a no voter gets no Abort
    CHECK_FALSE(world.has_pending(kEndOfTime));
  }
}

TEST_CASE("2PC: a refused update aborts before any Prepare, without a record") {
  Rig rig;
  rig.stocks = {100, 0};
  const World world = rig.run();
  CHECK(told(world, rig) == Reply::Failed);
  CHECK(count(world, EventKind::Sent, "Prepare") == 0);
  for (NodeId node = 0; node <= 2; ++node) CHECK(records(world, node) == 0);
  CHECK(stock(world, 1) == 100);
}

TEST_CASE(
    "2PC: the phases of a transaction are announced in order, and `begun` is the first fact") {
  const Rig rig;
  const World world = rig.run();
  std::vector<std::int64_t> phases;
  bool begun_first = true;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Announced || record.node == rig.client()) continue;
    if (record.what == fact_word(FactKind::PhaseEntered)) phases.push_back(record.value);
    begun_first = begun_first && !phases.empty();
  }
  CHECK(begun_first);
  CHECK(phases == std::vector<std::int64_t>{1, 2, 3, 4, 6});
}

TEST_CASE("2PC: a Prepare without an answer in time aborts") {
  for (const CommitVariant variant : kVariants) {
    Rig rig = rig_of(variant);
    rig.faults = {message_fault(FaultKind::Drop, "Prepare", kOrder, 2)};
    const World world = rig.run();
    CHECK(told(world, rig) == Reply::Failed);
    check_ends(world, rig, Outcome::Aborted);
    CHECK(time_of(world, FactKind::Decided, kOrder, transaction_id(1, 0)) >=
          Time{0} + rig.settings.vote_timeout);
  }
}

TEST_CASE("2PC: an Update without an answer in time aborts") {
  Rig rig;
  rig.faults = {message_fault(FaultKind::Drop, "Updated", 2, kOrder)};
  const World world = rig.run();
  CHECK(told(world, rig) == Reply::Failed);
  check_ends(world, rig, Outcome::Aborted);
}

TEST_CASE("2PC: a participant that receives no Prepare aborts by itself") {
  Rig rig;
  rig.faults = {crash_when(kOrder, EventKind::Delivered, "Updated", std::nullopt)};
  const World world = rig.run();
  CHECK(finished(world, 1) == Outcome::Aborted);
  CHECK(time_of(world, FactKind::Finished, 1, transaction_id(1, 0)) >=
        Time{0} + *rig.settings.idle_timeout);
  CHECK(records(world, 1) == 1);  // otherwise a duplicate Update might get a yes vote after a crash
}

TEST_CASE("2PC: a coordinator that crashes before it decides aborts after its restart") {
  for (const CommitVariant variant : kVariants) {
    Rig rig = rig_of(variant);
    rig.faults = {crash_when(kOrder, EventKind::Delivered, "VoteYes", seconds(3))};
    const World world = rig.run();
    for (NodeId node = 1; node <= 2; ++node) {
      CHECK(finished(world, node) == Outcome::Aborted);
      CHECK(stock(world, node) == 100);
    }
    // Without a record the coordinator decides nothing. Participants presume the outcome.
    const bool has_record = variant == CommitVariant::PresumedCommit;
    CHECK(decided(world) == (has_record ? std::optional(Outcome::Aborted) : std::nullopt));
    CHECK_FALSE(world.has_pending(kEndOfTime));
  }
}

TEST_CASE("2PC: a coordinator that crashes after its decision sends it after its restart") {
  for (const CommitVariant variant : kVariants) {
    Rig rig = rig_of(variant);
    rig.faults = {crash_when(kOrder, EventKind::Durable, "commit", seconds(3))};
    const World world = rig.run();
    check_ends(world, rig, Outcome::Committed);
    for (NodeId node = 0; node <= 2; ++node) CHECK(finished(world, node) == Outcome::Committed);
    CHECK(facts(world, FactKind::InDoubt, 1) >= 1);
  }
}

TEST_CASE("2PC: a coordinator that crashes before its decision is durable has not decided") {
  Rig rig;
  rig.faults = {crash_when(kOrder, EventKind::Forced, "commit", seconds(3))};
  const World world = rig.run();
  CHECK(decided(world) == std::nullopt);
  for (NodeId node = 1; node <= 2; ++node) CHECK(finished(world, node) == Outcome::Aborted);
}

TEST_CASE(
    "2PC: a coordinator that crashes after the first Commit sends the second after its restart") {
  for (const CommitVariant variant : kVariants) {
    Rig rig = rig_of(variant);
    rig.faults = {crash_when(kOrder, EventKind::Sent, "Commit", seconds(3))};
    const World world = rig.run();
    check_ends(world, rig, Outcome::Committed);
    CHECK(time_of(world, FactKind::Finished, 1, transaction_id(1, 0)) < Time{0} + seconds(1));
    CHECK(time_of(world, FactKind::Finished, 2, transaction_id(1, 0)) > Time{0} + seconds(3));
  }
}

TEST_CASE("2PC: a prepared participant blocks while the coordinator is down") {
  Rig rig;
  rig.faults = {crash_when(kOrder, EventKind::Durable, "commit", std::nullopt)};
  const World world = rig.run(seconds(20));
  for (NodeId node = 1; node <= 2; ++node) {
    CHECK(finished(world, node) == std::nullopt);
    CHECK(facts(world, FactKind::LockReleased, node) == 0);
    CHECK(facts(world, FactKind::InDoubt, node) >= 18);  // once a second
  }
}

TEST_CASE("2PC: a participant that crashes before its vote votes no after its restart") {
  for (const CommitVariant variant : kVariants) {
    Rig rig = rig_of(variant);
    rig.faults = {crash_when(1, EventKind::Sent, "Updated", milliseconds(1))};
    const World world = rig.run();
    CHECK(told(world, rig) == Reply::Failed);
    CHECK(last_fact(world, FactKind::Voted, 1) == static_cast<std::int64_t>(Vote::No));
    CHECK(stock(world, 1) == 100);
    CHECK(stock(world, 2) == 100);
  }
}

TEST_CASE(
    "2PC: a participant that crashes prepared takes its locks again and learns the decision") {
  for (const CommitVariant variant : kVariants) {
    Rig rig = rig_of(variant);
    rig.faults = {crash_when(1, EventKind::Sent, "VoteYes", seconds(3))};
    const World world = rig.run();
    check_ends(world, rig, Outcome::Committed);
    CHECK(finished(world, 1) == Outcome::Committed);
    CHECK(facts(world, FactKind::LockTaken, 1) == 2);  // at the update, and on recovery
    CHECK(count(world, EventKind::Sent, "Inquiry", 1) >= 1);
  }
}

TEST_CASE("2PC: a participant whose prepare record is not durable has not voted") {
  Rig rig;
  rig.faults = {crash_when(1, EventKind::Forced, "prepared", seconds(3))};
  const World world = rig.run();
  check_all(world, rig, Outcome::Aborted);
  CHECK(count(world, EventKind::Sent, "VoteYes", 1) == 0);
}

TEST_CASE("2PC: a participant that crashes after its commit acknowledges a forgotten transaction") {
  for (const CommitVariant variant : kVariants) {
    Rig rig = rig_of(variant);
    rig.faults = {crash_when(1, EventKind::Durable, "committed", seconds(1))};
    const World world = rig.run();
    check_ends(world, rig, Outcome::Committed);
  }
}

TEST_CASE(
    "2PC: presumed abort: a participant that lost its abort record is prepared again, and asks") {
  Rig rig;
  rig.participants = 3;
  rig.settings.with_prepare = true;
  rig.stocks = {100, 100, 0};
  rig.faults = {crash_when(1, EventKind::Appended, "aborted", seconds(1))};
  const World world = rig.run();
  CHECK(finished(world, 1) == Outcome::Aborted);
  CHECK(stock(world, 1) == 100);
  CHECK(count(world, EventKind::Sent, "Inquiry", 1) == 1);
  CHECK_FALSE(world.has_pending(kEndOfTime));
}

TEST_CASE("2PC: presumed commit: a participant that lost its commit record receives Commit") {
  Rig rig = rig_of(CommitVariant::PresumedCommit);
  rig.faults = {crash_when(1, EventKind::Appended, "committed", seconds(1))};
  const World world = rig.run();
  check_ends(world, rig, Outcome::Committed);
  CHECK(count(world, EventKind::Sent, "Inquiry", 1) == 1);
}

TEST_CASE("2PC: a lost decision is sent again until it is acknowledged") {
  Rig rig;
  rig.faults = {message_fault(FaultKind::Drop, "Commit", kOrder, 2, 1),
                message_fault(FaultKind::Drop, "Ack", 2, kOrder, 1)};
  const World world = rig.run();
  check_ends(world, rig, Outcome::Committed);
  CHECK(count(world, EventKind::Sent, "Commit") == 4);
  CHECK(facts(world, FactKind::Resent, kOrder) == 2);
}

TEST_CASE("2PC: a refused decision is sent again") {
  Rig rig;
  rig.faults = {refuse(2, Time{0} + milliseconds(9), milliseconds(900))};
  const World world = rig.run();
  CHECK(world.statistics().refused >= 1);
  check_ends(world, rig, Outcome::Committed);
}

TEST_CASE("2PC: a refused Update or Prepare aborts at once") {
  for (const Duration from : {Duration{0}, microseconds(4500)}) {
    Rig rig;
    rig.faults = {refuse(2, Time{0} + from, seconds(1))};
    const World world = rig.run();
    CHECK(world.statistics().refused >= 1);
    CHECK(told(world, rig) == Reply::Failed);
    CHECK(time_of(world, FactKind::Decided, kOrder, transaction_id(1, 0)) <
          Time{0} + milliseconds(20));
    check_ends(world, rig, Outcome::Aborted);
  }
}

TEST_CASE("2PC: cooperative termination: a peer that knows the decision sends it") {
  Rig rig;
  rig.settings.cooperative_termination = true;
  rig.faults = {crash_when(kOrder, EventKind::Sent, "Commit", std::nullopt)};
  const World world = rig.run(seconds(10));
  CHECK(finished(world, 1) == Outcome::Committed);
  CHECK(finished(world, 2) == Outcome::Committed);  // only p1 received a Commit
  CHECK(time_of(world, FactKind::Finished, 2, transaction_id(1, 0)) < Time{0} + seconds(2));

  rig.settings.cooperative_termination = false;
  CHECK(finished(rig.run(seconds(10)), 2) == std::nullopt);
}

TEST_CASE(
    "2PC: cooperative termination: a peer that has not voted aborts durably before it answers") {
  Rig rig;
  rig.settings.cooperative_termination = true;
  rig.faults = {message_fault(FaultKind::Drop, "Prepare", kOrder, 2),
                crash_when(kOrder, EventKind::Delivered, "VoteYes", std::nullopt)};
  const World world = rig.run(seconds(10));
  CHECK(finished(world, 1) == Outcome::Aborted);
  CHECK(finished(world, 2) == Outcome::Aborted);
  CHECK(count(world, EventKind::Forced, "aborted", 2) == 1);
}

TEST_CASE("2PC: cooperative termination: if all participants are prepared, all stay uncertain") {
  Rig rig;
  rig.settings.cooperative_termination = true;
  rig.faults = {crash_when(kOrder, EventKind::Durable, "commit", std::nullopt)};
  const World world = rig.run(seconds(10));
  CHECK(finished(world, 1) == std::nullopt);
  CHECK(finished(world, 2) == std::nullopt);
  CHECK(count(world, EventKind::Sent, "Uncertain") >= 2);
}

TEST_CASE("2PC: a heuristic decision that differs is reported, and the transaction still ends") {
  for (const CommitVariant variant : kVariants) {
    Rig rig = rig_of(variant);
    rig.settings.heuristic_after = milliseconds(200);
    rig.faults = {message_fault(FaultKind::Drop, "Commit", kOrder, 2)};
    const World world = rig.run();
    CHECK(decided(world) == Outcome::Committed);
    CHECK(finished(world, 1) == Outcome::Committed);
    CHECK(finished(world, 2) == Outcome::Aborted);
    CHECK(facts(world, FactKind::DecidedAlone, 2) == 1);
    CHECK(last_fact(world, FactKind::HeuristicReported, kOrder) ==
          static_cast<std::int64_t>(Outcome::Aborted));
    CHECK_FALSE(world.has_pending(kEndOfTime));
  }
}

TEST_CASE("2PC: a heuristic decision that matches is not reported, and survives a crash") {
  Rig rig;
  rig.settings.heuristic_after = milliseconds(200);
  rig.settings.heuristic_choice = HeuristicChoice::Commit;
  rig.faults = {message_fault(FaultKind::Drop, "Commit", kOrder, 2),
                crash_when(2, EventKind::Durable, "committed", milliseconds(100))};
  const World world = rig.run();
  check_ends(world, rig, Outcome::Committed);
  CHECK(facts(world, FactKind::HeuristicReported) == 0);
}

TEST_CASE("2PC: a heuristic decision is durable before it is announced") {
  Rig rig;
  rig.settings.heuristic_after = milliseconds(200);
  Fault crash = crash_when(2, EventKind::Announced, "", milliseconds(100));
  crash.when.what = fact_word(FactKind::DecidedAlone);
  rig.faults = {message_fault(FaultKind::Drop, "Commit", kOrder, 2), crash};
  const World world = rig.run();
  CHECK(finished(world, 2) == Outcome::Aborted);
  CHECK(facts(world, FactKind::HeuristicReported, kOrder) == 1);
}

TEST_CASE("2PC: one phase: a lost answer is sent again, and the client gets the true outcome") {
  Rig rig;
  rig.participants = 1;
  rig.order_steps = false;
  rig.faults = {message_fault(FaultKind::Drop, "Committed", 1, kOrder)};
  const World world = rig.run();
  CHECK(told(world, rig) == Reply::Done);
  CHECK(finished(world, 1) == Outcome::Committed);
  CHECK_FALSE(world.has_pending(kEndOfTime));
}

TEST_CASE("2PC: one phase: a participant that crashes keeps its commit, or aborts") {
  for (const bool durable : {false, true}) {
    Rig rig;
    rig.participants = 1;
    rig.order_steps = false;
    rig.faults = {crash_when(1, durable ? EventKind::Durable : EventKind::Forced, "committed",
                             milliseconds(500))};
    const World world = rig.run();
    CHECK(told(world, rig) == (durable ? Reply::Done : Reply::Failed));
    CHECK(stock(world, 1) == (durable ? 99 : 100));
  }
}

TEST_CASE("2PC: one phase is not used if the coordinator itself writes") {
  Rig rig;
  rig.participants = 1;
  const World world = rig.run();
  CHECK(count(world, EventKind::Sent, "CommitOnePhase") == 0);
  check_ends(world, rig, Outcome::Committed);
}

TEST_CASE("2PC: after many transactions a participant recovers its state from its checkpoint") {
  for (const CommitVariant variant : kVariants) {
    Rig rig = rig_of(variant);
    rig.stocks = {100'000, 100'000};
    rig.workload.orders = 3000;
    rig.workload.arrivals = Arrivals::ClosedLoop;
    rig.disk = Delay::constant(microseconds(10));
    rig.network.delay = Delay::constant(microseconds(10));
    rig.faults = {crash_when(1, EventKind::Appended, "prepared", milliseconds(100), 2500)};
    const World world = rig.run(seconds(600));
    std::uint64_t committed = 0;
    bool checkpointed = false;
    for (const TraceRecord& record : world.trace()) {
      if (record.kind == EventKind::Checkpointed && record.node == 1) checkpointed = true;
      if (record.kind == EventKind::Announced && record.what == fact_word(FactKind::Decided) &&
          record.value == static_cast<std::int64_t>(Outcome::Committed)) {
        ++committed;
      }
    }
    CHECK(checkpointed);
    CHECK(committed >= 2900);
    CHECK(stock(world, 1) == 100'000 - static_cast<std::int64_t>(committed));
    CHECK(stock(world, 2) == 100'000 - static_cast<std::int64_t>(committed));
  }
}
