// The judge on steps that take effect by themselves and are compensated.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

namespace {

constexpr std::uint8_t kNext = 2;  // takes 10 points

std::uint64_t endings(const Story& story, Ending ending) {
  return story.verdicts(story.calm_end()).counters.endings[static_cast<int>(ending)];
}

// The transaction has begun, and the first two steps are done: the record and the stock.
Story& half_done(Story& story, TransactionId t = kT1) {
  return story.begin(t).phase(t, Phase::Working).apply_alone(t, kCreate).apply_alone(t, kStep);
}

// There are no points. The client gets `failed`, and the saga compensates.
Story& turn_back(Story& story, TransactionId t = kT1) {
  story.step(FactKind::Rejected, t, kNext, 0).decide(t, Outcome::Aborted);
  return story.phase(t, Phase::Undoing).tell(t, Reply::Failed);
}

Story& undo_all(Story& story, TransactionId t = kT1) {
  return story.compensate(t, kStep).compensate(t, kCreate).phase(t, Phase::Ended);
}

Story& do_all(Story& story, TransactionId t = kT1) {
  half_done(story, t).apply_alone(t, kNext).apply_alone(t, 3);
  story.decide(t, Outcome::Committed).phase(t, Phase::Finishing).tell(t, Reply::Done);
  return story.phase(t, Phase::Ended);
}

// An order creates its record, takes stock and points in parallel, and completes its record.
std::shared_ptr<const Plan> parallel_plan() {
  auto plan = std::make_shared<Plan>(*story_plan(false));
  plan->steps_in_parallel = true;
  return plan;
}

}  // namespace

TEST_CASE("saga: all steps done or all compensated violates no invariant") {
  Story story;
  SECTION("done") {
    do_all(story);
    CHECK(endings(story, Ending::Committed) == 1);
  }
  SECTION("undone") {
    undo_all(turn_back(half_done(story)));
    CHECK(endings(story, Ending::Compensated) == 1);
    CHECK(story.verdict("compensation-order") == Verdict::Holds);
    CHECK(story.verdict("no-hanging") == Verdict::Holds);
  }
  CHECK(story.violated().empty());
  CHECK(story.verdict("atomicity") == Verdict::Holds);
  CHECK(story.verdict("convergence") == Verdict::Holds);
  CHECK(story.verdict("truthful-reply") == Verdict::Holds);
  CHECK(story.verdict("conservation") == Verdict::Holds);
  CHECK(story.verdict("irrevocable") == Verdict::Holds);
  CHECK(story.verdict("isolation") == Verdict::NotApplicable);
  CHECK(story.verdict("unanimity") == Verdict::NotApplicable);
  CHECK(transactions_held(story.observer()) == 1);
}

TEST_CASE("saga: its steps can be compensated after their nodes have announced Finished") {
  Story story;
  half_done(story).step(FactKind::Rejected, kT1, kNext, 0).decide(kT1, Outcome::Aborted);
  story.finish(kOrder, kT1, Outcome::Aborted).tell(kT1, Reply::Failed);
  CHECK(story.judgement("atomicity", story.disturbed_end()).verdict != Verdict::Violated);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);  // if the run ended here
  story.crash(kOrder).restart(kOrder).recall_applied(kT1, kCreate).recover(kRecords, 0);
  story.phase(kT1, Phase::Undoing).wait(milliseconds(1));
  story.compensate(kT1, kStep).finish(kProduct, kT1, Outcome::Aborted).compensate(kT1, kCreate);
  story.phase(kT1, Phase::Ended);
  CHECK(story.violated().empty());
}

TEST_CASE("saga: one that ends half in effect violates atomicity and truthful-reply") {
  Story story;
  turn_back(half_done(story)).compensate(kT1, kCreate).phase(kT1, Phase::Ended);
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);
  CHECK(story.verdict("compensation-order") == Verdict::Violated);
  CHECK(story.verdict("convergence") == Verdict::Holds);
  CHECK(endings(story, Ending::Mixed) == 1);
}

TEST_CASE("saga: one that waits for its compensation is pending and violates convergence") {
  Story story;
  turn_back(half_done(story));
  CHECK(story.judgement("convergence").explanation == "order 1 was left undoing by order");
  CHECK(endings(story, Ending::Pending) == 1);
  CHECK(story.judgement("truthful-reply", story.disturbed_end()).verdict == Verdict::Vacuous);
  CHECK(story.judgement("atomicity", story.disturbed_end()).verdict == Verdict::Vacuous);
  undo_all(story);
  CHECK(story.violated().empty());
}

TEST_CASE("irrevocable: violated by a saga that compensates after it was decided committed") {
  Story story;
  half_done(story).decide(kT1, Outcome::Committed).decide(kT1, Outcome::Aborted);
  CHECK(story.verdict("irrevocable") == Verdict::Violated);
}

TEST_CASE("no-hanging: violated by a step that is applied after it was compensated there") {
  Story story;
  turn_back(half_done(story)).compensate(kT1, kStep);
  SECTION("compensated") { story.apply_alone(kT1, kStep); }
  SECTION("voided, with nothing to undo") { story.call_off(kT1, kNext).apply_alone(kT1, kNext); }
  CHECK(story.verdict("no-hanging") == Verdict::Violated);
  CHECK(story.verdict("exactly-once") != Verdict::Violated);
  CHECK(story.verdict("atomicity") == Verdict::Violated);
  CHECK(story.verdict("conservation") == Verdict::Holds);
}

TEST_CASE("saga: voiding a step is harmless") {
  Story story;
  turn_back(half_done(story)).call_off(kT1, kNext);
  undo_all(story);
  CHECK(story.violated().empty());
  Story early;  // not even the order's record existed
  early.begin(kT1).decide(kT1, Outcome::Aborted).call_off(kT1, kStep).call_off(kT1, kCreate);
  early.tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  CHECK(early.violated().empty());
  CHECK(endings(early, Ending::Aborted) == 1);
  CHECK(endings(early, Ending::Compensated) == 0);
}

TEST_CASE("conservation: violated by a compensation of a step that was not in effect") {
  Story story;
  turn_back(half_done(story));
  SECTION("twice") { story.compensate(kT1, kStep).compensate(kT1, kStep); }
  SECTION("never done") { story.compensate(kT1, kNext); }
  CHECK(story.verdict("conservation") == Verdict::Violated);
  CHECK(story.verdict("compensation-order") == Verdict::Violated);
}

TEST_CASE("saga: a step that takes effect after the end, for the first time") {
  Story story(false, {.keep_transactions = true});
  undo_all(turn_back(half_done(story)));
  story.apply_alone(kT1, kNext);
  CHECK(story.verdict("no-hanging") != Verdict::Violated);  // refused there, and not voided
  CHECK(story.judgement("atomicity").event == story.last_event());
  CHECK(story.judgement("truthful-reply").explanation ==
        "the client of order 1 was told failed, and some of it is in effect");
  CHECK(story.verdict("agreement") != Verdict::Violated);
  CHECK(story.verdict("exactly-once") != Verdict::Violated);
  CHECK(story.verdict("conservation") == Verdict::Holds);
  CHECK(endings(story, Ending::Compensated) == 0);
  CHECK(endings(story, Ending::Mixed) == 1);
  SECTION("and is compensated") {
    story.compensate(kT1, kNext);
    CHECK(story.verdict("atomicity") == Verdict::Holds);
    CHECK(story.verdict("truthful-reply") == Verdict::Holds);
    CHECK(endings(story, Ending::Compensated) == 1);
  }
}

TEST_CASE("saga: a step that takes effect after the end, for the second time") {
  Story story;
  do_all(story).apply_alone(kT1, kNext);
  CHECK(story.verdict("exactly-once") == Verdict::Violated);
  CHECK(story.verdict("no-hanging") != Verdict::Violated);
  CHECK(story.verdict("atomicity") == Verdict::Holds);
}

TEST_CASE("saga: a step that is compensated after the end") {
  Story story;
  SECTION("of a committed saga") {
    do_all(story).compensate(kT1, kNext);
    CHECK(story.verdict("atomicity") == Verdict::Violated);
    CHECK(story.verdict("truthful-reply") == Verdict::Violated);
    CHECK(story.verdict("conservation") == Verdict::Holds);
  }
  SECTION("of a compensated saga") {
    undo_all(turn_back(half_done(story))).compensate(kT1, kStep);
    CHECK(story.verdict("compensation-order") == Verdict::Violated);
    CHECK(story.verdict("conservation") == Verdict::Violated);
  }
  SECTION("of a compensated saga, without effect") {
    undo_all(turn_back(half_done(story))).call_off(kT1, kStep).call_off(kT1, kCreate);
    CHECK(story.violated().empty());
  }
}

TEST_CASE("saga: each submission of an order is compensated separately") {
  Story story(true);
  undo_all(turn_back(half_done(story)));
  do_all(story, kT1Again);
  SECTION("both recalled after a restart") {
    story.crash(kProduct).restart(kProduct).recall_compensated(kT1, kStep);
    story.recall_applied(kT1Again, kStep).recover(kStock, 98).wait(milliseconds(1));
    CHECK(story.violated().empty());
  }
  SECTION("a late step of the first") {
    story.apply_alone(kT1, kNext);
    CHECK(story.verdict("no-hanging") != Verdict::Violated);
    CHECK(story.verdict("atomicity") == Verdict::Violated);
  }
  SECTION("a late step of the first, voided there") {
    story.apply_alone(kT1, kStep);
    CHECK(story.verdict("no-hanging") == Verdict::Violated);
  }
}

TEST_CASE("compensation-order: steps in parallel have no order among each other") {
  Story story(parallel_plan());
  story.begin(kT1).apply_alone(kT1, kCreate).apply_alone(kT1, kNext).apply_alone(kT1, kStep);
  SECTION("in either order") {
    story.compensate(kT1, kNext).compensate(kT1, kStep).compensate(kT1, kCreate);
    CHECK(story.verdict("compensation-order") == Verdict::Holds);
  }
  SECTION("but not before a later step") {
    story.apply_alone(kT1, 3).compensate(kT1, kStep);
    CHECK(story.verdict("compensation-order") == Verdict::Violated);
  }
  SECTION("nor after an earlier step") {
    story.compensate(kT1, kStep).compensate(kT1, kCreate);
    CHECK(story.verdict("compensation-order") == Verdict::Violated);
  }
}

TEST_CASE("saga: two concurrent sagas do not mix") {
  Story story;
  half_done(story);
  half_done(story, kT2);
  turn_back(story);
  story.apply_alone(kT2, kNext).apply_alone(kT2, 3);
  undo_all(story);
  story.decide(kT2, Outcome::Committed).tell(kT2, Reply::Done).phase(kT2, Phase::Ended);
  CHECK(story.violated().empty());
  CHECK(endings(story, Ending::Compensated) == 1);
  CHECK(endings(story, Ending::Committed) == 1);
}
