// Late events of ended transactions, and verdicts at the end of the run: late steps that complete
// an order, later branches, a second reservation, and the events that violations name.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

namespace {

constexpr std::uint8_t kNext = 2;

// The client has the reply `done` and the transaction has ended. Two of its four steps are not
// committed yet.
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

TEST_CASE("atomicity: a slow local commit after the end completes the order") {
  Story story(false, {.keep_transactions = true});
  end_early(story);
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);
  CHECK(violated_so_far(story.observer()) == 0);  // it can still come right
  story.apply_alone(kT1, kStep).apply_alone(kT1, kNext);
  CHECK(story.violated().empty());
  CHECK(story.verdict("atomicity") == Verdict::Holds);
  CHECK(story.verdict("truthful-reply") == Verdict::Holds);
  CHECK(ended_as(story, Ending::Committed) == 1);
  CHECK(ended_as(story, Ending::Mixed) == 0);
}

TEST_CASE("no-lost-event: an event may be handled before the end and committed after it") {
  Story story;
  story.begin(kT1).fact(kProduct, FactKind::EventHandled, kT1, 7);
  story.tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  story.fact(kOrder, FactKind::EventCommitted, kT1, 7, 1);
  CHECK(story.verdict("no-lost-event") == Verdict::Holds);
}

TEST_CASE("no-hanging: a late step does not hang if only another service cancelled its part") {
  Story story;
  story.begin(kT1).apply_alone(kT1, kCreate).decide(kT1, Outcome::Aborted);
  story.compensate(kT1, kCreate).tell(kT1, Reply::Failed);
  SECTION("not cancelled at its service") {
    story.phase(kT1, Phase::Ended).apply_alone(kT1, kStep);
    CHECK(story.verdict("no-hanging") != Verdict::Violated);
  }
  SECTION("cancelled at its service") {
    story.call_off(kT1, kStep).phase(kT1, Phase::Ended).apply_alone(kT1, kStep);
    CHECK(story.verdict("no-hanging") == Verdict::Violated);
  }
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);
  CHECK(story.verdict("compensation-order") == Verdict::Violated);  // one step has no compensation
}

TEST_CASE("a participant that took and gave one amount is prepared again after its abort") {
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

TEST_CASE(
    "exactly-once: a branch that commits after its coordinator has forgotten it takes effect "
    "once") {
  Story story;
  story.begin(kT1).crash(kOrder).restart(kOrder).recover(kRecords, 0).wait(milliseconds(1));
  story.fact(kClient, FactKind::GaveUp, kT1, 0);
  story.update(kT1, kStep).vote(kProduct, kT1, Vote::Yes).commit_product(kT1);
  CHECK(story.verdict("exactly-once") != Verdict::Violated);
  CHECK(story.verdict("agreement") != Verdict::Violated);
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  SECTION("a second commit takes effect twice") {
    story.update(kT1, kStep).vote(kProduct, kT1, Vote::Yes).commit_product(kT1);
    CHECK(story.verdict("exactly-once") == Verdict::Violated);
  }
}

TEST_CASE("convergence: violated by the rest of a second, unintended reservation") {
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

TEST_CASE("convergence: violated by a reservation after the end") {
  Story story;
  story.begin(kT1).decide(kT1, Outcome::Aborted).tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  story.fact(kProduct, FactKind::Reserved, kT1, 2, amount_and_kind(98, 0), kStep);
  CHECK(story.verdict("convergence") == Verdict::Violated);
  CHECK(story.verdict("no-hanging") != Verdict::Violated);  // no node had cancelled it there
  story.fact(kProduct, FactKind::Cancelled, kT1, 2, amount_and_kind(100, 0), kStep);
  CHECK(story.verdict("convergence") == Verdict::Holds);
  CHECK(story.violated().empty());
}

TEST_CASE("atomicity: names the event after which neither all nor nothing could take effect") {
  Story story;
  story.begin(kT1).apply_alone(kT1, kCreate).apply_alone(kT1, kStep);
  const std::uint64_t applied = story.last_event();
  story.decide(kT1, Outcome::Aborted).tell(kT1, Reply::Failed).compensate(kT1, kCreate);
  const std::uint64_t compensated = story.last_event();
  story.wait(seconds(10)).phase(kT1, Phase::Ended);
  const Judgement judgement = story.judgement("atomicity");
  CHECK(judgement.event == story.last_event());  // until then stock could be compensated
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

TEST_CASE("judge: two executions of an order under one id are two transactions") {
  Story story(true);
  story.commit(kT1);
  story.phase(kT1, Phase::Begun).update(kT1, kStep).finish(kPoint, kT1, Outcome::Aborted);
  story.undo_product(kT1).decide(kT1, Outcome::Aborted).phase(kT1, Phase::Ended);
  CHECK(story.violated().empty());  // agreement compares the participants of one transaction
}
