// Facts that contradict an earlier end: a commit that is undone, a forgotten promise, a late no
// vote, an order that its coordinator has forgotten half done.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

namespace {

std::uint64_t endings(const Story& story, Ending ending) {
  return story.verdicts(story.calm_end()).counters.endings[static_cast<int>(ending)];
}

// Product's commit record was not durable. Product is prepared again for a transaction that it had
// committed.
Story& forget_commit(Story& story) {
  story.crash(kProduct).restart(kProduct).vote(kProduct, kT1, Vote::Yes).recover(kStock, 98);
  return story.wait(milliseconds(1));
}
}  // namespace

TEST_CASE("a commit undone by one participant after the end: the transaction counts as mixed") {
  Story story(false, {.keep_transactions = true});
  story.commit(kT1);
  CHECK(endings(story, Ending::Committed) == 1);
  forget_commit(story).undo_product(kT1);
  CHECK(story.verdict("agreement") == Verdict::Violated);
  CHECK(story.judgement("agreement").explanation ==
        "order 1 was committed by order and aborted by product");
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.judgement("atomicity").event == story.last_event() - 1);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);
  CHECK(story.verdict("irrevocable") == Verdict::Violated);
  CHECK(endings(story, Ending::Committed) == 0);
  CHECK(endings(story, Ending::Mixed) == 1);
  CHECK(story.verdicts(story.calm_end()).transactions[0].ending == Ending::Mixed);
  SECTION("by the other participant too: the outcome still contradicts the decision") {
    story.crash(kPoint).restart(kPoint).vote(kPoint, kT1, Vote::Yes).recover(kBalance, 90);
    story.wait(milliseconds(1)).undo_point(kT1);
    CHECK(endings(story, Ending::Mixed) == 1);  // the order's record is complete
    CHECK(story.judgement("atomicity").violations == 1);
  }
  SECTION("other transactions are not affected") {
    story.commit(kT2);
    CHECK(endings(story, Ending::Committed) == 1);
  }
}

TEST_CASE("a commit undone after its client gave up: no reply was untrue") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed);
  story.fact(kClient, FactKind::GaveUp, kT1, 0);
  story.commit_order(kT1).commit_product(kT1).commit_point(kT1).phase(kT1, Phase::Ended);
  forget_commit(story).undo_product(kT1);
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.verdict("truthful-reply") != Verdict::Violated);
}

TEST_CASE("an abort that one participant turns into a commit after the end") {
  Story story;
  story.abort(kT1);
  forget_commit(story).apply(kT1, 1).finish(kProduct, kT1, Outcome::Committed);
  CHECK(story.judgement("agreement").explanation ==
        "order 1 was committed by product and aborted by order");
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);
  CHECK(endings(story, Ending::Aborted) == 0);
  CHECK(endings(story, Ending::Mixed) == 1);
}

TEST_CASE("a commit and a vote recalled in a recovery contradict nothing") {
  Story story;
  story.commit(kT1).crash(kProduct).restart(kProduct).vote(kProduct, kT1, Vote::Yes);
  story.finish(kProduct, kT1, Outcome::Committed).recover(kStock, 98).wait(milliseconds(1));
  CHECK(story.violated().empty());
  CHECK(endings(story, Ending::Committed) == 1);
}

TEST_CASE("a forgotten promise: a yes vote that is not recalled is void") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed).tell(kT1, Reply::Done);
  story.crash(kProduct).restart(kProduct).recover(kStock, 100).wait(milliseconds(1));
  story.commit_order(kT1).commit_point(kT1).phase(kT1, Phase::Ended);
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.verdict("durability") == Verdict::Violated);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);
  CHECK(story.judgement("convergence").explanation ==
        "order 1 was committed and never ended by product");
  CHECK(endings(story, Ending::Mixed) == 1);
}

TEST_CASE("a forgotten promise: an abort has nothing to undo there") {
  Story story;
  story.begin(kT1).prepare(kT1).crash(kProduct).restart(kProduct).recover(kStock, 100);
  story.wait(milliseconds(1)).decide(kT1, Outcome::Aborted).undo_order(kT1).undo_point(kT1);
  story.tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  CHECK(story.verdict("convergence") == Verdict::Holds);
  CHECK(story.verdict("atomicity") == Verdict::Holds);
  CHECK(endings(story, Ending::Aborted) == 1);
}

TEST_CASE("a recalled promise is not void, although another transaction's update is lost") {
  Story story;
  story.begin(kT1).prepare(kT1).begin(kT2).update(kT2, 1).crash(kProduct).restart(kProduct);
  story.vote(kProduct, kT1, Vote::Yes).recover(kStock, 98).wait(milliseconds(1));
  story.decide(kT1, Outcome::Committed).tell(kT1, Reply::Done);
  story.commit_order(kT1).commit_product(kT1).commit_point(kT1).phase(kT1, Phase::Ended);
  CHECK(endings(story, Ending::Committed) == 1);
  CHECK(story.verdict("durability") == Verdict::Holds);
}

TEST_CASE("agreement: violated by a no after the other participants have committed") {
  Story story;
  story.begin(kT1).update(kT1, 0).update(kT1, 1).update(kT1, 3);
  story.vote(kProduct, kT1, Vote::Yes).decide(kT1, Outcome::Committed).tell(kT1, Reply::Done);
  story.commit_order(kT1).commit_product(kT1).phase(kT1, Phase::Ended);
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.verdict("agreement") == Verdict::Holds);
  CHECK(story.verdict("convergence") == Verdict::Holds);
  story.step(FactKind::Rejected, kT1, 2, 0);
  SECTION("as a vote") { story.vote(kPoint, kT1, Vote::No); }
  SECTION("as an end") { story.finish(kPoint, kT1, Outcome::Aborted); }
  CHECK(story.judgement("agreement").explanation ==
        "order 1 was committed by order and aborted by point");
  CHECK(endings(story, Ending::Mixed) == 1);
}

TEST_CASE("unanimity: violated by a participant that commits although another one has not voted") {
  Story story;
  story.begin(kT1).update(kT1, 1).update(kT1, 2).vote(kProduct, kT1, Vote::Yes).crash(kOrder);
  SECTION("by a presumed commit") {
    story.commit_product(kT1);
    CHECK(story.verdict("unanimity") == Verdict::Violated);
    CHECK(story.judgement("unanimity").explanation ==
          "product committed order 1 although point had not voted yes");
  }
  SECTION("by a heuristic decision, which agreement judges") {
    story.fact(kProduct, FactKind::DecidedAlone, kT1, static_cast<int>(Outcome::Committed));
    story.commit_product(kT1);
    CHECK(story.verdict("unanimity") == Verdict::Vacuous);
  }
  SECTION("after the other participant's vote") {
    story.vote(kPoint, kT1, Vote::Yes).commit_product(kT1).commit_point(kT1);
    CHECK(story.verdict("unanimity") == Verdict::Holds);
  }
}

TEST_CASE("isolation: a read after the recovery does not use an update lost in the crash") {
  Story story;
  story.begin(kT1).update(kT1, 1).crash(kProduct).restart(kProduct).recover(kStock, 100);
  story.begin(kT2, 1).step(FactKind::ReadDone, kT2, 0, 0, 1).wait(milliseconds(1));
  CHECK(story.verdict("isolation") == Verdict::Holds);
}

TEST_CASE("convergence: a half-done order that its coordinator has forgotten has not ended") {
  Story story;
  story.begin(kT1).apply_alone(kT1, 1).apply_alone(kT1, 2).crash(kOrder);
  story.restart(kOrder).recover(kRecords, 0).wait(milliseconds(1));
  story.fact(kClient, FactKind::GaveUp, kT1, 0);
  CHECK(story.judgement("convergence").explanation == "order 1 was left half done by order");
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(endings(story, Ending::Mixed) == 1);
  story.apply_alone(kT1, 0).apply_alone(kT1, 3).phase(kT1, Phase::Ended);  // resumed
  CHECK(story.violated().empty());
}

TEST_CASE("bounded-blocking: a wait that a crash ends counts as a wait") {
  Story story(false, {.longest_lock_wait = milliseconds(10)});
  story.begin(kT1).begin(kT2).lock(FactKind::LockTaken, kT1, 1);
  story.lock(FactKind::LockWaited, kT2, 1).wait(milliseconds(11)).crash(kProduct);
  CHECK(story.verdict("bounded-blocking") == Verdict::Violated);
  CHECK(story.judgement("bounded-blocking").event == story.last_event());
}

TEST_CASE("convergence: a wait ends with its timeout, not with its step") {
  Story story;
  story.begin(kT1).lock(FactKind::LockWaited, kT1, 1).tell(kT1, Reply::Failed);
  story.phase(kT1, Phase::Ended);
  CHECK(story.verdict("convergence") == Verdict::Violated);
  story.step(FactKind::Undone, kT1, 1, 0);
  CHECK(story.verdict("convergence") == Verdict::Violated);
  story.lock(FactKind::LockTimedOut, kT1, 1);
  CHECK(story.verdict("convergence") == Verdict::Holds);
}

TEST_CASE("exactly-once: holds if a duplicated message takes effect once") {
  Story story;
  story.commit(kT1);
  EndOfRun end = story.calm_end();
  CHECK(story.judgement("exactly-once", end).verdict == Verdict::Vacuous);
  end.messages_duplicated = true;
  CHECK(story.judgement("exactly-once", end).verdict == Verdict::Holds);
}
