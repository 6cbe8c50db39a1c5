// Agreement, irrevocable, unanimity, nontrivial and atomicity, the core of atomic commitment.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

TEST_CASE("judge: a correct commit violates nothing") {
  Story story;
  story.commit(kT1);
  CHECK(story.violated().empty());
  CHECK(story.verdict("agreement") == Verdict::Holds);
  CHECK(story.verdict("irrevocable") == Verdict::Holds);
  CHECK(story.verdict("unanimity") == Verdict::Holds);
  CHECK(story.verdict("nontrivial") == Verdict::Holds);
  CHECK(story.verdict("convergence") == Verdict::Holds);
  CHECK(story.verdict("atomicity") == Verdict::Holds);
  CHECK(story.verdict("conservation") == Verdict::Holds);
  CHECK(story.verdict("exactly-once") == Verdict::Vacuous);
  CHECK(story.verdict("truthful-reply") == Verdict::Holds);
  CHECK(story.verdict("durability") == Verdict::Vacuous);
  CHECK(story.verdict("no-hanging") == Verdict::Vacuous);
  CHECK(story.verdict("compensation-order") == Verdict::NotApplicable);
  CHECK(story.verdict("no-lost-event") == Verdict::NotApplicable);
  CHECK(story.verdict("isolation") == Verdict::Vacuous);
  CHECK(story.verdict("bounded-blocking") == Verdict::NotApplicable);
}

TEST_CASE("judge: a correct abort violates nothing") {
  Story story;
  story.abort(kT1);
  CHECK(story.violated().empty());
  CHECK(story.verdict("agreement") == Verdict::Holds);
  CHECK(story.verdict("unanimity") == Verdict::Holds);
  CHECK(story.verdict("nontrivial") == Verdict::Vacuous);
  CHECK(story.verdict("atomicity") == Verdict::Holds);
  CHECK(story.verdict("truthful-reply") == Verdict::Holds);
}

TEST_CASE("judge: a run without facts has the verdict not applicable everywhere") {
  Story story;
  for (const Judgement& one : story.verdicts(story.calm_end()).judgements) {
    CAPTURE(one.invariant);
    CHECK(one.verdict == Verdict::NotApplicable);
  }
}

TEST_CASE("judge: every invariant is described, in the order of its verdicts") {
  Story story;
  const auto judgements = story.verdicts(story.calm_end()).judgements;
  REQUIRE(invariants().size() == 16);
  REQUIRE(judgements.size() == 16);
  for (std::size_t i = 0; i < 16; ++i) {
    CHECK(invariants()[i].name == judgements[i].invariant);
    CHECK_FALSE(invariants()[i].says.empty());
    CHECK_FALSE(invariants()[i].reads.empty());
    CHECK_FALSE(invariants()[i].vacuous.empty());
    CHECK_FALSE(invariants()[i].source.empty());
  }
}

TEST_CASE("agreement: violated if one participant commits and another aborts") {
  Story story;
  story.begin(kT1).prepare(kT1).commit_product(kT1);
  CHECK(story.verdict("agreement") == Verdict::Vacuous);
  story.undo(kT1, 2).finish(kPoint, kT1, Outcome::Aborted);
  const Judgement judgement = story.judgement("agreement");
  CHECK(judgement.verdict == Verdict::Violated);
  CHECK(judgement.event == story.last_event());
  CHECK(judgement.transaction == kT1);
  CHECK(judgement.violations == 1);
  CHECK(judgement.explanation == "order 1 was committed by product and aborted by point");
  CHECK(story.verdict("atomicity") == Verdict::Violated);
}

TEST_CASE("agreement: violated by a heuristic decision against the coordinator's") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed);
  story.fact(kPoint, FactKind::DecidedAlone, kT1, static_cast<std::int64_t>(Outcome::Aborted));
  CHECK(story.verdict("agreement") == Verdict::Violated);
  CHECK(story.judgement("agreement").explanation ==
        "order 1 was committed by order and aborted by point");
}

TEST_CASE("agreement: a later branch that aborts by itself does not violate it") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed).commit_product(kT1);
  story.lock(FactKind::LockTaken, kT1, 1).update(kT1, 1);  // a duplicated request
  story.undo(kT1, 1).lock(FactKind::LockReleased, kT1, 1);
  story.finish(kProduct, kT1, Outcome::Aborted);
  story.tell(kT1, Reply::Done).commit_order(kT1).commit_point(kT1).phase(kT1, Phase::Ended);
  CHECK(story.violated().empty());
  CHECK(story.verdict("exactly-once") == Verdict::Holds);
  CHECK(story.verdicts(story.calm_end()).counters.endings[0] == 1);
}

TEST_CASE("irrevocable: violated if the coordinator decides a second time differently") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed);
  story.crash(kOrder).restart(kOrder).recover(kRecords, 1).wait(milliseconds(1));
  story.decide(kT1, Outcome::Committed);
  CHECK(story.verdict("irrevocable") == Verdict::Holds);
  story.decide(kT1, Outcome::Aborted);
  CHECK(story.verdict("irrevocable") == Verdict::Violated);
  CHECK(story.judgement("irrevocable").event == story.last_event());
}

TEST_CASE("irrevocable: violated if a participant ends its part a second time differently") {
  Story story;
  story.begin(kT1).prepare(kT1).commit_product(kT1);
  story.finish(kProduct, kT1, Outcome::Committed);
  CHECK(story.verdict("irrevocable") == Verdict::Holds);
  story.finish(kProduct, kT1, Outcome::Aborted);
  CHECK(story.verdict("irrevocable") == Verdict::Violated);
}

TEST_CASE("irrevocable: violated if a committed step is undone after the end") {
  Story story;
  story.commit(kT1).undo(kT1, 1);
  CHECK(story.verdict("irrevocable") == Verdict::Violated);
}

TEST_CASE("unanimity: violated by a commit without a vote, and by a commit against a no") {
  Story story;
  story.begin(kT1);
  for (std::uint8_t s = 0; s < 4; ++s) story.update(kT1, s);
  story.vote(kProduct, kT1, Vote::Yes);
  SECTION("without a vote") {
    CHECK(story.verdict("unanimity") == Verdict::Vacuous);
    story.decide(kT1, Outcome::Committed);
    CHECK(story.verdict("unanimity") == Verdict::Violated);
    CHECK(story.judgement("unanimity").explanation ==
          "order decided to commit order 1 although point had not voted yes");
  }
  SECTION("against a no") {
    story.vote(kPoint, kT1, Vote::No).decide(kT1, Outcome::Committed);
    CHECK(story.verdict("unanimity") == Verdict::Violated);
    CHECK(story.judgement("unanimity").explanation ==
          "order decided to commit order 1 although point had voted no");
  }
  SECTION("the vote is too late") {
    story.decide(kT1, Outcome::Committed).vote(kPoint, kT1, Vote::Yes);
    CHECK(story.verdict("unanimity") == Verdict::Violated);
  }
}

TEST_CASE("unanimity: not applicable without votes, and one phase needs no vote") {
  Story story;
  story.begin(kT1, 1).step(FactKind::ReadDone, kT1, 0, 0, 1).decide(kT1, Outcome::Committed);
  CHECK(story.verdict("unanimity") == Verdict::NotApplicable);
  CHECK(story.verdict("nontrivial") == Verdict::NotApplicable);
  story.commit(transaction_id(2, 0));
  CHECK(story.verdict("unanimity") == Verdict::Holds);
}

TEST_CASE("nontrivial: violated by an abort although all voted yes and nothing failed") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Aborted);
  CHECK(story.verdict("nontrivial") == Verdict::Violated);
  EndOfRun faulty = story.calm_end();
  faulty.faults_met = true;
  CHECK(story.judgement("nontrivial", faulty).verdict == Verdict::Vacuous);
}

TEST_CASE("nontrivial: a yes vote after the decision does not count") {
  Story story;
  story.begin(kT1).update(kT1, 1).vote(kProduct, kT1, Vote::Yes);
  story.decide(kT1, Outcome::Aborted).vote(kPoint, kT1, Vote::Yes);
  CHECK(story.verdict("nontrivial") == Verdict::Vacuous);
}

TEST_CASE("atomicity: violated if calls succeed until one fails") {
  Story story;
  story.begin(kT1).apply_alone(kT1, 0).apply_alone(kT1, 1);
  story.step(FactKind::Rejected, kT1, 2, 0);
  CHECK(story.judgement("atomicity", story.disturbed_end()).verdict == Verdict::Vacuous);
  story.tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  const Judgement judgement = story.judgement("atomicity");
  CHECK(judgement.verdict == Verdict::Violated);
  CHECK(judgement.event != 0);
  CHECK(judgement.explanation ==
        "order 1: create of orders of order is in effect for good, take of balance of point is "
        "not");
  CHECK(story.verdicts(story.calm_end()).counters.endings[static_cast<int>(Ending::Mixed)] == 1);
}

TEST_CASE("atomicity: a transaction in doubt at the end violates it, unless a fault holds it up") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed).commit_order(kT1);
  story.commit_product(kT1);
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.verdict("convergence") == Verdict::Violated);
  EndOfRun disturbed = story.calm_end();
  disturbed.disturbed = true;
  CHECK(story.judgement("atomicity", disturbed).verdict == Verdict::Vacuous);
  story.commit_point(kT1).tell(kT1, Reply::Done).phase(kT1, Phase::Ended);
  CHECK(story.verdict("atomicity") == Verdict::Holds);
  CHECK(story.verdict("convergence") == Verdict::Holds);
}

TEST_CASE("atomicity: a compensated step is not in effect") {
  Story story;
  story.begin(kT1).apply_alone(kT1, 0).apply_alone(kT1, 1);
  story.compensate(kT1, 1).compensate(kT1, 0).tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  CHECK(story.violated().empty());
  CHECK(story.verdict("atomicity") == Verdict::Holds);
  const Counters counters = story.verdicts(story.calm_end()).counters;
  CHECK(counters.endings[static_cast<int>(Ending::Compensated)] == 1);
}
