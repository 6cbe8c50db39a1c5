// Convergence, bounded-blocking, non-blocking, counters, and the judge as a value.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

TEST_CASE("convergence: violated if a participant stays in doubt") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed).tell(kT1, Reply::Done);
  story.commit_order(kT1).commit_product(kT1).phase(kT1, Phase::Ended);
  CHECK(story.verdict("convergence") == Verdict::Violated);
  CHECK(story.judgement("convergence").explanation == "order 1 is in doubt at point");
  CHECK(story.judgement("convergence").event == 0);
  const Judgement disturbed = story.judgement("convergence", story.disturbed_end());
  CHECK(disturbed.verdict == Verdict::Vacuous);
  CHECK_FALSE(disturbed.explanation.empty());
  story.commit_point(kT1);
  CHECK(story.verdict("convergence") == Verdict::Holds);
}

TEST_CASE("convergence: violated by a service that neither begins nor answers a submission") {
  Story story(true);
  story.submit(kT1).fact(kClient, FactKind::GaveUp, kT1, 1);
  CHECK(story.verdict("convergence") == Verdict::Violated);
  CHECK(story.judgement("convergence").explanation ==
        "order 1 was submitted, and neither begun nor answered");
  EndOfRun end = story.calm_end();
  end.faults_met = true;  // its message may have been lost
  CHECK(story.judgement("convergence", end).verdict == Verdict::NotApplicable);
  story.submit(kT1Again);
  CHECK(story.verdict("convergence") == Verdict::Violated);
  story.tell(kT1Again, Reply::Busy);
  CHECK(story.verdict("convergence") == Verdict::NotApplicable);
}

TEST_CASE("convergence: an order waits while another submission of it is executed") {
  Story story(true);
  story.submit(kT1).submit(kT1Again);
  story.phase(kT1Again, Phase::Begun).commit(kT1Again);
  CHECK(story.verdict("convergence") == Verdict::Holds);
}

TEST_CASE("convergence: violated by a row lock that is never released") {
  Story story;
  story.begin(kT1).lock(FactKind::LockTaken, kT1, 1).tell(kT1, Reply::Failed);
  story.phase(kT1, Phase::Ended);
  CHECK(story.verdict("convergence") == Verdict::Violated);
  story.lock(FactKind::LockReleased, kT1, 1);
  CHECK(story.verdict("convergence") == Verdict::Holds);
}

TEST_CASE("convergence: violated by an order's lock that is never released") {
  Story story;
  story.fact(kLock, FactKind::OrderLocked, kT1, 1).commit(kT1);
  CHECK(story.verdict("convergence") == Verdict::Violated);
  CHECK(story.judgement("convergence").explanation == "order 1 is still locked");
  story.fact(kLock, FactKind::OrderUnlocked, kT1, 1, 1);
  CHECK(story.verdict("convergence") == Verdict::Holds);
}

TEST_CASE("convergence: a crashed coordinator may forget an undecided transaction") {
  Story story;
  story.begin(kT1).update(kT1, 1).crash(kOrder);
  story.fact(kClient, FactKind::GaveUp, kT1, 0).restart(kOrder).recover(kRecords, 0);
  story.wait(seconds(5));
  CHECK(story.verdict("convergence") == Verdict::Violated);  // product does not know this yet
  story.undo_product(kT1);
  CHECK(story.verdict("convergence") == Verdict::Holds);
  CHECK(story.violated().empty());
  CHECK(story.verdicts(story.calm_end()).counters.endings[1] == 1);
}

TEST_CASE("bounded-blocking: violated by a wait beyond the bound, granted or not") {
  Story story(false, {.longest_lock_wait = milliseconds(10)});
  CHECK(story.verdict("bounded-blocking") == Verdict::Vacuous);
  story.begin(kT1).begin(kT2).lock(FactKind::LockTaken, kT1, 1);
  story.lock(FactKind::LockWaited, kT2, 1).wait(milliseconds(10));
  CHECK(story.verdict("bounded-blocking") == Verdict::Holds);
  story.wait(milliseconds(1));
  SECTION("still waiting at the end") {}
  SECTION("granted") { story.lock(FactKind::LockGranted, kT2, 1); }
  SECTION("timed out") { story.lock(FactKind::LockTimedOut, kT2, 1); }
  const Judgement judgement = story.judgement("bounded-blocking");
  CHECK(judgement.verdict == Verdict::Violated);
  CHECK(judgement.explanation == "order 2 waited 11 ms for a lock at product, longer than 10 ms");
  CHECK(Story().verdict("bounded-blocking") == Verdict::NotApplicable);
}

TEST_CASE(
    "non-blocking: violated by a node that is up and in doubt while another is down for good") {
  Story story;
  CHECK(story.verdict("non-blocking") == Verdict::NotApplicable);
  story.begin(kT1).prepare(kT1);
  CHECK(story.verdict("non-blocking") == Verdict::Vacuous);  // no node has crashed
  story.crash_for_good(kOrder);
  const Judgement blocked = story.judgement("non-blocking", story.disturbed_end());
  CHECK(blocked.verdict == Verdict::Violated);
  CHECK(blocked.violations == 2);
  CHECK(blocked.event == story.last_event());
  CHECK(blocked.explanation ==
        "product is in doubt of order 1 and blocked: order is down for good");
  story.commit_product(kT1);
  CHECK(story.judgement("non-blocking").violations == 1);
  story.commit_point(kT1);
  CHECK(story.verdict("non-blocking") == Verdict::Holds);
}

TEST_CASE("non-blocking: waiting for a node that restarts is not blocking") {
  Story story;
  story.begin(kT1).prepare(kT1).crash(kOrder);
  CHECK(story.verdict("non-blocking") == Verdict::Vacuous);
  story.restart(kOrder).recover(kRecords, 0);
  CHECK(story.verdict("non-blocking") == Verdict::Vacuous);
  // Point is down for good. Product waits for order, which will restart.
  story.crash_for_good(kPoint).crash(kOrder);
  CHECK(story.verdict("non-blocking") == Verdict::Vacuous);
  CHECK_FALSE(story.judgement("non-blocking").explanation.empty());
  story.restart(kOrder).recover(kRecords, 0);
  CHECK(story.verdict("non-blocking") == Verdict::Violated);
}

TEST_CASE("non-blocking: a node that is down for good, paused or cut off need not decide") {
  Story story;
  story.begin(kT1).prepare(kT1).crash_for_good(kOrder).commit_product(kT1);
  EndOfRun end = story.disturbed_end();
  end.unreachable = {kPoint};
  CHECK(story.judgement("non-blocking", end).verdict == Verdict::Vacuous);
  end.unreachable = {kProduct};
  CHECK(story.judgement("non-blocking", end).verdict == Verdict::Vacuous);
  end.unreachable = {kClient};
  CHECK(story.judgement("non-blocking", end).verdict == Verdict::Violated);
  story.crash_for_good(kPoint);
  CHECK(story.judgement("non-blocking", end).verdict == Verdict::Holds);
}

TEST_CASE("non-blocking: judged at the end, and vacuous if the run is cut off") {
  Story story;
  story.begin(kT1).prepare(kT1).commit_product(kT1).crash_for_good(kOrder);
  const Judgement judgement = story.judgement("non-blocking", story.disturbed_end());
  CHECK(judgement.verdict == Verdict::Violated);
  REQUIRE(judgement.open_ends.size() == 1);
  CHECK(judgement.open_ends[0].id == kT1);
  CHECK(violated_so_far(story.observer()) == 0);
}

TEST_CASE("non-blocking: a crash also blocks a participant that votes after it") {
  Story story;
  story.begin(kT1);
  for (std::uint8_t s = 0; s < 4; ++s) story.update(kT1, s);
  story.crash_for_good(kOrder).vote(kPoint, kT1, Vote::Yes);
  CHECK(story.verdict("non-blocking") == Verdict::Violated);
  CHECK(story.judgement("non-blocking").event == story.last_event());
  SECTION("after a restart it recalls its vote") {
    story.crash(kPoint).restart(kPoint).recover(kBalance, 100).wait(milliseconds(1));
    CHECK(story.verdict("non-blocking") == Verdict::Holds);  // the vote is not recalled
    story.vote(kPoint, kT1, Vote::Yes);
    CHECK(story.verdict("non-blocking") == Verdict::Violated);
  }
  SECTION("it decides heuristically") {
    story.fact(kPoint, FactKind::DecidedAlone, kT1, static_cast<std::int64_t>(Outcome::Aborted));
    CHECK(story.verdict("non-blocking") == Verdict::Holds);
  }
}

TEST_CASE("counters: a node that is down for good is not in doubt") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed).tell(kT1, Reply::Done);
  story.commit_order(kT1).commit_product(kT1).crash(kPoint);
  const auto ending = [&](Ending of) {
    return story.verdicts(story.disturbed_end()).counters.endings[static_cast<int>(of)];
  };
  CHECK(ending(Ending::InDoubt) == 1);  // it restarts, and will be in doubt
  story.restart(kPoint).vote(kPoint, kT1, Vote::Yes).recover(kBalance, 90).wait(milliseconds(1));
  story.crash_for_good(kPoint);
  CHECK(ending(Ending::InDoubt) == 0);
  CHECK(ending(Ending::Committed) == 1);
}

TEST_CASE("counters: a learned decision that is not durable is pending, not in doubt") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed).tell(kT1, Reply::Done);
  story.commit_order(kT1).commit_product(kT1);
  const auto ending = [&](Ending of) {
    return story.verdicts(story.disturbed_end()).counters.endings[static_cast<int>(of)];
  };
  CHECK(ending(Ending::InDoubt) == 1);
  story.fact(kPoint, FactKind::DoubtEnded, kT1, static_cast<std::int64_t>(Outcome::Committed));
  CHECK(ending(Ending::InDoubt) == 0);
  CHECK(ending(Ending::Pending) == 1);
  story.crash(kPoint).restart(kPoint).vote(kPoint, kT1, Vote::Yes).recover(kBalance, 90);
  CHECK(ending(Ending::InDoubt) == 1);  // the decision record was lost
  story.commit_point(kT1).phase(kT1, Phase::Ended);
  CHECK(ending(Ending::Committed) == 1);
}

TEST_CASE("counters: latency, locks, doubt, retries and endings") {
  Story story(false, {.keep_transactions = true});
  story.begin(kT1).lock(FactKind::LockTaken, kT1, 1).prepare(kT1).wait(milliseconds(3));
  story.begin(kT2).lock(FactKind::LockWaited, kT2, 1).wait(milliseconds(4));
  story.decide(kT1, Outcome::Committed).tell(kT1, Reply::Done).commit_order(kT1);
  story.commit_product(kT1).lock(FactKind::LockReleased, kT1, 1);
  story.lock(FactKind::LockGranted, kT2, 1).lock(FactKind::LockTaken, kT2, 1);
  story.fact(kOrder, FactKind::Resent, kT1, 0, 0, 0, kPoint).wait(milliseconds(1));
  story.commit_point(kT1).phase(kT1, Phase::Ended);
  const Verdicts verdicts = story.verdicts(story.calm_end());
  const Counters& counters = verdicts.counters;
  CHECK(counters.submitted == 2);
  CHECK(counters.latency.count == 1);
  CHECK(counters.latency.most == milliseconds(7));
  CHECK(counters.lock_hold.most == milliseconds(7));
  CHECK(counters.lock_wait.most == milliseconds(4));
  CHECK(counters.in_doubt.count == 2);
  CHECK(counters.in_doubt.most == milliseconds(8));
  CHECK(counters.retries == 1);
  CHECK(counters.path_count == 1);
  CHECK(counters.endings[static_cast<int>(Ending::Committed)] == 1);
  REQUIRE(verdicts.transactions.size() == 2);
  CHECK(verdicts.transactions[0].id == kT1);
  CHECK(verdicts.transactions[0].ending == Ending::Committed);
  CHECK(verdicts.transactions[0].told);
  CHECK(verdicts.transactions[1].ending == Ending::Pending);
  CHECK(verdicts.amounts[kStock].first == 98);
  CHECK(verdicts.amounts[kBalance].first == 90);
  CHECK(verdicts.amounts[kRecords].first == 1);
}

TEST_CASE("counters: a reservation is held from Reserved to Confirmed or Cancelled") {
  Story story;
  story.begin(kT1).step(FactKind::Reserved, kT1, 1, -2).wait(milliseconds(3));
  story.step(FactKind::Reserved, kT1, 2, -10).wait(milliseconds(4));
  story.step(FactKind::Reserved, kT1, 1, 0);  // announced again
  story.step(FactKind::Confirmed, kT1, 1, 0).wait(milliseconds(1));
  story.step(FactKind::Cancelled, kT1, 2, 10).wait(milliseconds(1));
  story.step(FactKind::Cancelled, kT1, 2, 0);  // announced again
  const Spread held = story.verdicts(story.calm_end()).counters.reservation_hold;
  CHECK(held.count == 2);
  CHECK(held.most == milliseconds(7));
  CHECK(held.total == milliseconds(12));
}

TEST_CASE("counters: a dirty use is a use of an amount that another transaction takes back later") {
  Story story;
  const auto uses = [&] { return story.verdicts(story.calm_end()).counters.dirty_uses; };
  story.begin(kT1).apply_alone(kT1, 1).begin(kT2);
  SECTION("changed by another transaction before it is taken back") {
    story.apply_alone(kT2, 1).compensate(kT1, 1);
    CHECK(uses() == 1);
  }
  SECTION("refused to another transaction before it is taken back") {
    story.step(FactKind::Rejected, kT2, 1, 0).compensate(kT1, 1);
    CHECK(uses() == 1);
  }
  SECTION("used only after it was taken back") {
    story.compensate(kT1, 1).apply_alone(kT2, 1);
    CHECK(uses() == 0);
  }
  SECTION("used, and never taken back") {
    story.apply_alone(kT2, 1);
    CHECK(uses() == 0);
  }
  SECTION("used by its own transaction") {
    story.step(FactKind::Rejected, kT1, 1, 0).compensate(kT1, 1);
    CHECK(uses() == 0);
  }
  SECTION("used another amount") {
    story.apply_alone(kT2, 2).compensate(kT1, 1);
    CHECK(uses() == 0);
  }
}

TEST_CASE("judge: a copy made during a run continues independently to the same verdicts") {
  Story story;
  story.commit(kT1).begin(kT2).prepare(kT2);
  const auto copy = story.copy_of_judge();
  const auto says = [&](const Observer& judge_of_run) {
    std::string all;
    for (const Judgement& one : judge(judge_of_run, story.calm_end()).judgements) {
      all += std::string(text(one.verdict)) + one.explanation + "|";
    }
    return all;
  };
  const std::string before = says(*copy);
  CHECK(before == says(story.observer()));
  story.decide(kT2, Outcome::Committed).commit_order(kT2).commit_product(kT2);
  story.undo(kT2, 2).finish(kPoint, kT2, Outcome::Aborted);
  CHECK(before == says(*copy));
  CHECK(before != says(story.observer()));
}

TEST_CASE("judge: memory depends on the transactions in flight") {
  Story story(true);
  for (std::uint64_t order = 1; order <= 1'000'000 / 3 * 3; order += 3) {
    const TransactionId t = transaction_id(order, 0);
    story.begin(t).decide(t, Outcome::Aborted).phase(t, Phase::Ended).tell(t, Reply::Failed);
    story.begin(t + 256).tell(t + 256, Reply::Done).phase(t + 256, Phase::Ended);
    story.submit(t + 512).fact(kClient, FactKind::GaveUp, t + 512, 0);
  }
  CHECK(transactions_held(story.observer()) == 1);
}
