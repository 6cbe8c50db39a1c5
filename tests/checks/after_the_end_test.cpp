// Late events of a transaction that has ended, and verdicts at the end of the run: late steps that
// make it whole, later branches, a second reservation, and which events are blamed.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

namespace {

constexpr std::uint8_t kNext = 2;

// Told done and ended, with two of its four steps still to be committed where they are done.
Story& end_early(Story& story) {
  story.begin(kT1).apply_alone(kT1, kCreate).apply_alone(kT1, 3).decide(kT1, Outcome::Committed);
  return story.tell(kT1, Reply::Done).phase(kT1, Phase::Ended);
}

std::uint64_t ended_as(const Story& story, Ending ending) {
  return story.verdicts(story.calm_end()).counters.endings[static_cast<int>(ending)];
}

std::shared_ptr<const Plan> take_and_give_plan() {
  Plan plan = *story_plan(false);
  plan.kinds[0].steps[2] = {Action::Give, kProduct, kStock, 2};
  plan.kinds[0].participants = {kProduct};
  return std::make_shared<const Plan>(plan);
}

}  // namespace

TEST_CASE("atomicity: a slow local commit that comes after the end makes the order whole") {
  Story story(false, {.keep_transactions = true});
  end_early(story);
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);
  CHECK(violated_so_far(story.observer()) == 0);  // it may still come right
  story.apply_alone(kT1, kStep).apply_alone(kT1, kNext);
  CHECK(story.violated().empty());
  CHECK(story.verdict("atomicity") == Verdict::Holds);
  CHECK(story.verdict("truthful-reply") == Verdict::Holds);
  CHECK(ended_as(story, Ending::Committed) == 1);
  CHECK(ended_as(story, Ending::Mixed) == 0);
}

TEST_CASE("no-lost-event: handled before the end, committed after it") {
  Story story;
  story.begin(kT1).fact(kProduct, FactKind::EventHandled, kT1, 7);
  story.tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  story.fact(kOrder, FactKind::EventCommitted, kT1, 7, 1);
  CHECK(story.verdict("no-lost-event") == Verdict::Holds);
}

TEST_CASE(
    "no-hanging: called off at one service, a step that comes late at another does not hang") {
  Story story;
  story.begin(kT1).apply_alone(kT1, kCreate).decide(kT1, Outcome::Aborted);
  story.compensate(kT1, kCreate).tell(kT1, Reply::Failed);
  SECTION("nobody called it off there") {
    story.phase(kT1, Phase::Ended).apply_alone(kT1, kStep);
    CHECK(story.verdict("no-hanging") != Verdict::Violated);
  }
  SECTION("it was called off there") {
    story.call_off(kT1, kStep).phase(kT1, Phase::Ended).apply_alone(kT1, kStep);
    CHECK(story.verdict("no-hanging") == Verdict::Violated);
  }
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);
  CHECK(story.verdict("compensation-order") == Verdict::Violated);  // one has no compensation
}

TEST_CASE("a participant that took and gave one amount holds its abort prepared again") {
  Story story(take_and_give_plan());
  story.begin(kT1).update(kT1, kCreate).update(kT1, kStep).update(kT1, kNext).update(kT1, 3);
  story.vote(kProduct, kT1, Vote::Yes).decide(kT1, Outcome::Aborted).undo_order(kT1);
  story.undo(kT1, kStep).undo(kT1, kNext).finish(kProduct, kT1, Outcome::Aborted);
  story.tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  story.crash(kProduct).restart(kProduct).vote(kProduct, kT1, Vote::Yes).recover(kStock, 100);
  story.wait(milliseconds(1));
  story.undo(kT1, kStep).undo(kT1, kNext).finish(kProduct, kT1, Outcome::Aborted);
  for (const char* invariant : {"agreement", "irrevocable", "atomicity", "truthful-reply",
                                "durability", "conservation", "exactly-once", "no-hanging"}) {
    INFO(invariant);
    CHECK(story.verdict(invariant) != Verdict::Violated);
  }
}

TEST_CASE("exactly-once: a branch that commits after its coordinator forgot it takes effect once") {
  Story story;
  story.begin(kT1).crash(kOrder).restart(kOrder).recover(kRecords, 0).wait(milliseconds(1));
  story.fact(kClient, FactKind::GaveUp, kT1, 0);
  story.update(kT1, kStep).vote(kProduct, kT1, Vote::Yes).commit_product(kT1);
  CHECK(story.verdict("exactly-once") != Verdict::Violated);
  CHECK(story.verdict("agreement") != Verdict::Violated);
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  SECTION("and once more: twice") {
    story.update(kT1, kStep).vote(kProduct, kT1, Vote::Yes).commit_product(kT1);
    CHECK(story.verdict("exactly-once") == Verdict::Violated);
  }
}

TEST_CASE("convergence: violated by what a second, unintended reservation leaves behind") {
  Story story;
  const auto stock = [&](FactKind kind, std::int64_t available) {
    story.fact(kProduct, kind, kT1, 2, amount_and_kind(available, 0), kStep);
  };
  story.begin(kT1);
  stock(FactKind::Reserved, 98);
  stock(FactKind::Reserved, 96);
  const std::uint64_t second = story.last_event();
  stock(FactKind::Confirmed, 96);
  story.tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  const Judgement judgement = story.judgement("convergence");
  CHECK(judgement.verdict == Verdict::Violated);
  CHECK(judgement.event == second);
  CHECK(judgement.transaction == kT1);
  CHECK(judgement.explanation ==
        "order 1 still has reserved 2: take of stock of product, which it has reserved twice");
  stock(FactKind::Cancelled, 98);
  CHECK(story.verdict("convergence") == Verdict::Holds);
}

TEST_CASE("convergence: violated by a reservation that came after all was over") {
  Story story;
  story.begin(kT1).decide(kT1, Outcome::Aborted).tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  story.fact(kProduct, FactKind::Reserved, kT1, 2, amount_and_kind(98, 0), kStep);
  CHECK(story.verdict("convergence") == Verdict::Violated);
  CHECK(story.verdict("no-hanging") != Verdict::Violated);  // nobody had cancelled it there
  story.fact(kProduct, FactKind::Cancelled, kT1, 2, amount_and_kind(100, 0), kStep);
  CHECK(story.verdict("convergence") == Verdict::Holds);
  CHECK(story.violated().empty());
}

TEST_CASE("atomicity: blamed is the event after which all or nothing could no longer come of it") {
  Story story;
  story.begin(kT1).apply_alone(kT1, kCreate).apply_alone(kT1, kStep);
  const std::uint64_t applied = story.last_event();
  story.decide(kT1, Outcome::Aborted).tell(kT1, Reply::Failed).compensate(kT1, kCreate);
  const std::uint64_t compensated = story.last_event();
  story.wait(seconds(10)).phase(kT1, Phase::Ended);
  const Judgement judgement = story.judgement("atomicity");
  CHECK(judgement.event == story.last_event());  // until then stock could be given back
  CHECK(judgement.sides == Sides{applied, compensated});
  CHECK(violated_so_far(story.observer()) != 0);
}

TEST_CASE("agreement: names the events of both sides") {
  Story story;
  story.begin(kT1).prepare(kT1).commit_product(kT1);
  const std::uint64_t committed = story.last_event();
  story.undo_point(kT1);
  const Judgement judgement = story.judgement("agreement");
  CHECK(judgement.event == story.last_event());
  CHECK(judgement.sides == Sides{committed, story.last_event()});
}

TEST_CASE("judge: an id under which an order is executed twice names two transactions") {
  Story story(true);
  story.commit(kT1);
  story.phase(kT1, Phase::Begun).update(kT1, kStep).finish(kPoint, kT1, Outcome::Aborted);
  story.undo_product(kT1).decide(kT1, Outcome::Aborted).phase(kT1, Phase::Ended);
  CHECK(story.violated().empty());  // agreement is about the participants of one
}
