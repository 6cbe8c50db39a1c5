// Conservation, durability, isolation: what amounts and rows must show.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

TEST_CASE("conservation: violated where an amount is not what the steps add up to") {
  Story story;
  story.begin(kT1).update(kT1, 1);
  CHECK(story.verdict("conservation") == Verdict::Holds);
  story.fact(kProduct, FactKind::Undone, kT1, 2, amount_and_kind(98, 0), 1);
  const Judgement judgement = story.judgement("conservation");
  CHECK(judgement.verdict == Verdict::Violated);
  CHECK(judgement.event == story.last_event());
  CHECK(judgement.explanation == "stock of product: undone with 2 by order 1 comes to 100, not 98");
}

TEST_CASE("conservation: violated below zero") {
  Story story;
  story.begin(kT1).fact(kProduct, FactKind::Updated, kT1, -2, amount_and_kind(-1, 0), 1);
  CHECK(story.judgement("conservation").violations == 2);  // not 98, and below zero
}

TEST_CASE("conservation: vacuous where nothing changes an amount") {
  Story story;
  story.begin(kT1).update(kT1, 0);
  CHECK(story.verdict("conservation") == Verdict::Vacuous);
}

TEST_CASE("conservation: what is reserved is neither available nor taken") {
  Story story;
  story.begin(kT1).step(FactKind::Reserved, kT1, 1, 0);
  Story tcc;
  tcc.begin(kT1).fact(kProduct, FactKind::Reserved, kT1, 2, amount_and_kind(98, 0), 1);
  tcc.fact(kProduct, FactKind::Cancelled, kT1, 2, amount_and_kind(100, 0), 1);
  CHECK(tcc.verdict("conservation") == Verdict::Holds);
  tcc.fact(kProduct, FactKind::Cancelled, kT1, 2, amount_and_kind(102, 0), 1);
  CHECK(tcc.verdict("conservation") == Verdict::Violated);  // reserved below zero
}

TEST_CASE("durability: what was not prepared is lost in a crash, and that is right") {
  Story story;
  story.begin(kT1).update(kT1, 1).crash(kProduct);
  CHECK(story.verdict("durability") == Verdict::Vacuous);
  story.restart(kProduct).recover(kStock, 100).wait(milliseconds(1));
  CHECK(story.verdict("durability") == Verdict::Holds);
  CHECK(story.verdict("conservation") == Verdict::Holds);
}

TEST_CASE("durability: violated where a yes vote does not survive") {
  Story story;
  story.begin(kT1).prepare(kT1).crash(kProduct).restart(kProduct).recover(kStock, 100);
  const std::uint64_t recovered = story.last_event();
  story.wait(milliseconds(1));
  CHECK(story.verdict("durability") == Verdict::Violated);
  CHECK(story.judgement("durability").event == recovered);
  CHECK(story.verdict("conservation") == Verdict::Violated);
}

TEST_CASE("durability: an abort that was durable and not yet told of is no lost vote") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Aborted);
  story.crash(kProduct).restart(kProduct).recover(kStock, 100).wait(milliseconds(1));
  CHECK(story.verdict("durability") == Verdict::Holds);
  story.undo_order(kT1).undo_point(kT1).tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  CHECK(story.verdict("convergence") == Verdict::Holds);
}

TEST_CASE("durability: holds where a prepared step is in effect again after the crash") {
  Story story;
  story.begin(kT1).prepare(kT1).crash(kProduct).restart(kProduct);
  story.lock(FactKind::LockTaken, kT1, 1).vote(kProduct, kT1, Vote::Yes).recover(kStock, 98);
  story.wait(milliseconds(1)).decide(kT1, Outcome::Committed).tell(kT1, Reply::Done);
  story.commit_order(kT1).commit_product(kT1).lock(FactKind::LockReleased, kT1, 1);
  story.commit_point(kT1).phase(kT1, Phase::Ended);
  CHECK(story.violated().empty());
  CHECK(story.verdict("durability") == Verdict::Holds);
}

TEST_CASE("durability: a crash between a durable vote and its announcement is no violation") {
  Story story;
  story.begin(kT1).update(kT1, 0).update(kT1, 1).update(kT1, 2).update(kT1, 3);
  story.crash(kProduct).restart(kProduct);
  SECTION("told on recovery") { story.vote(kProduct, kT1, Vote::Yes).recover(kStock, 98); }
  SECTION("told after the amounts") { story.recover(kStock, 98).vote(kProduct, kT1, Vote::Yes); }
  SECTION("seen by the amounts only") { story.recover(kStock, 98); }
  story.wait(milliseconds(1)).decide(kT1, Outcome::Aborted).undo_order(kT1).undo_point(kT1);
  CHECK(story.verdict("durability") == Verdict::Holds);
  CHECK(story.verdict("convergence") == Verdict::Violated);  // in doubt at product
  story.undo_product(kT1).tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  CHECK(story.violated().empty());
  CHECK(story.verdicts(story.calm_end()).counters.endings[1] == 1);
}

TEST_CASE("durability: a crash between a durable commit and its announcement is no violation") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed).tell(kT1, Reply::Done);
  story.commit_order(kT1).commit_point(kT1);
  story.crash(kProduct).restart(kProduct).recover(kStock, 98);
  story.finish(kProduct, kT1, Outcome::Committed).wait(milliseconds(1)).phase(kT1, Phase::Ended);
  CHECK(story.violated().empty());
  CHECK(story.verdicts(story.calm_end()).counters.endings[0] == 1);
}

TEST_CASE("durability: an abort that was not forced is prepared again after a crash") {
  Story story;
  story.abort(kT1);
  story.crash(kProduct).restart(kProduct).vote(kProduct, kT1, Vote::Yes).recover(kStock, 98);
  story.wait(milliseconds(1));
  CHECK(story.verdict("convergence") == Verdict::Violated);
  story.undo(kT1, 1).finish(kProduct, kT1, Outcome::Aborted);
  CHECK(story.violated().empty());
}

TEST_CASE("durability: a commit that was not forced is prepared again, and must not be undone") {
  Story story;
  story.commit(kT1);
  story.crash(kProduct).restart(kProduct).vote(kProduct, kT1, Vote::Yes).recover(kStock, 98);
  story.wait(milliseconds(1));
  SECTION("committed again") {
    story.apply(kT1, 1).finish(kProduct, kT1, Outcome::Committed);
    CHECK(story.violated().empty());
  }
  SECTION("undone") {
    story.undo(kT1, 1).finish(kProduct, kT1, Outcome::Aborted);
    CHECK(story.verdict("durability") == Verdict::Violated);
    CHECK(story.verdict("irrevocable") == Verdict::Violated);
  }
}

TEST_CASE("durability: violated where an applied step is gone after the crash") {
  Story story;
  story.commit(kT1);
  story.crash(kPoint).restart(kPoint).recover(kBalance, 100).wait(milliseconds(1));
  CHECK(story.verdict("durability") == Verdict::Violated);
  CHECK(story.judgement("durability").explanation ==
        "balance of point recovered as 100 although 90 was acknowledged");
}

TEST_CASE("isolation: violated where a change is used and then undone") {
  Story story;
  story.begin(kT1).update(kT1, 1).begin(kT2).update(kT2, 1);
  CHECK(story.verdict("isolation") == Verdict::Holds);
  story.undo(kT1, 1);
  const Judgement judgement = story.judgement("isolation");
  CHECK(judgement.verdict == Verdict::Violated);
  CHECK(judgement.violations == 1);
  CHECK(judgement.transaction == kT2);
  CHECK(judgement.event == story.last_event());
}

TEST_CASE("isolation: violated where a change is read and then lost in a crash") {
  Story story;
  story.begin(kT1).update(kT1, 1).begin(kT2, 1).step(FactKind::ReadDone, kT2, 0, 0, 1);
  story.crash(kProduct).restart(kProduct).recover(kStock, 100).wait(milliseconds(1));
  CHECK(story.verdict("isolation") == Verdict::Violated);
}

TEST_CASE("isolation: holds where a change is used after its commit, and vacuous with one user") {
  Story story;
  story.begin(kT1).update(kT1, 1);
  CHECK(story.verdict("isolation") == Verdict::Vacuous);
  story.apply(kT1, 1).begin(kT2).update(kT2, 1).undo(kT2, 1);
  CHECK(story.verdict("isolation") == Verdict::Holds);
}
