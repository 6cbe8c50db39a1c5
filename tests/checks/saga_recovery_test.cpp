// The judge on services that recall applied and compensated steps after a crash.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

namespace {

Story& begin(Story& story) { return story.begin(kT1).apply_alone(kT1, kCreate); }

Story& restart(Story& story) { return story.crash(kProduct).restart(kProduct); }

Story& recover(Story& story, std::int64_t stock) {
  return story.recover(kStock, stock).wait(milliseconds(1));
}

// Everything is undone, and the client got `failed`.
Story& end_undone(Story& story) {
  story.decide(kT1, Outcome::Aborted).tell(kT1, Reply::Failed);
  return story.compensate(kT1, kCreate).phase(kT1, Phase::Ended);
}

}  // namespace

TEST_CASE("saga: an applied step survives a crash, announced before it or not") {
  for (const bool was_told : {true, false}) {
    Story story;
    begin(story);
    if (was_told) story.apply_alone(kT1, kStep);
    recover(restart(story).recall_applied(kT1, kStep), 98);
    INFO(was_told);
    CHECK(story.verdict("durability") == Verdict::Holds);
    CHECK(story.verdict("exactly-once") != Verdict::Violated);
    CHECK(story.verdict("conservation") == Verdict::Holds);
    story.apply_alone(kT1, 2).apply_alone(kT1, 3).decide(kT1, Outcome::Committed);
    story.tell(kT1, Reply::Done).phase(kT1, Phase::Ended);
    CHECK(story.violated().empty());
    CHECK(story.verdict("atomicity") == Verdict::Holds);
  }
}

TEST_CASE("saga: a compensation survives a crash, announced before it or not") {
  for (const bool told : {false, true}) {
    Story story;
    begin(story);
    if (told) story.apply_alone(kT1, kStep).compensate(kT1, kStep);
    recover(restart(story).recall_compensated(kT1, kStep), 100);
    end_undone(story);
    INFO(told);
    CHECK(story.violated().empty());
    CHECK(story.verdict("durability") == Verdict::Holds);
    CHECK(story.verdict("conservation") != Verdict::Violated);
  }
}

TEST_CASE("saga: a voided step stays void after a crash") {
  const bool was_told = GENERATE(true, false);
  Story story;
  begin(story);
  if (was_told) story.call_off(kT1, kStep);
  recover(restart(story).recall(FactKind::Compensated, kT1, kStep, 0), 100);
  SECTION("undone") {
    end_undone(story);
    CHECK(story.violated().empty());
  }
  SECTION("applied anyway") {
    story.apply_alone(kT1, kStep);
    CHECK(story.verdict("no-hanging") == Verdict::Violated);
  }
}

TEST_CASE("saga: compensations made before a crash may be recalled in any order") {
  auto plan = std::make_shared<Plan>(*story_plan(false));
  plan->kinds[0].steps[2] = {Action::Take, kProduct, kStock, 5};
  Story story(plan);
  begin(story).apply_alone(kT1, kStep).apply_alone(kT1, 2).step(FactKind::Compensated, kT1, 2, 5);
  story.compensate(kT1, kStep);
  restart(story).recall_compensated(kT1, kStep).recall_compensated(kT1, 2);
  recover(story, 100);
  end_undone(story);
  CHECK(story.violated().empty());
}

TEST_CASE("durability: violated if a saga's participant has lost a step or a compensation") {
  Story story;
  begin(story).apply_alone(kT1, kStep);
  SECTION("the step") { recover(restart(story), 100); }
  SECTION("the step, and announces that there was nothing to undo") {
    recover(restart(story).recall(FactKind::Compensated, kT1, kStep, 0), 100);
    end_undone(story);
    CHECK(story.verdict("atomicity") == Verdict::Holds);
  }
  SECTION("its compensation") {
    story.compensate(kT1, kStep);
    recover(restart(story).recall_applied(kT1, kStep), 98);
    end_undone(story);
    CHECK(story.verdict("atomicity") == Verdict::Violated);
  }
  SECTION("its compensation, in the presence of another open step") {
    story.begin(kT2).apply_alone(kT2, kCreate).compensate(kT1, kStep);
    recover(restart(story).recall_applied(kT1, kStep), 98);
  }
  CHECK(story.verdict("durability") == Verdict::Violated);
}

TEST_CASE("saga: an ended step is announced again after a crash without effect") {
  Story story;
  SECTION("applied") {
    begin(story).apply_alone(kT1, kStep).apply_alone(kT1, 2).apply_alone(kT1, 3);
    story.decide(kT1, Outcome::Committed).tell(kT1, Reply::Done).phase(kT1, Phase::Ended);
    recover(restart(story).recall_applied(kT1, kStep), 98);
    CHECK(story.violated().empty());
    SECTION("and then the opposite") {
      recover(restart(story).recall_compensated(kT1, kStep), 100);
      CHECK(story.verdict("atomicity") == Verdict::Violated);
      CHECK(story.verdict("durability") == Verdict::Violated);
    }
  }
  SECTION("compensated") {
    begin(story).apply_alone(kT1, kStep).compensate(kT1, kStep);
    end_undone(story);
    recover(restart(story).recall_compensated(kT1, kStep), 100);
    CHECK(story.violated().empty());
    SECTION("and then the opposite") {
      recover(restart(story).recall_applied(kT1, kStep), 98);
      CHECK(story.verdict("atomicity") == Verdict::Violated);
      CHECK(story.verdict("durability") == Verdict::Violated);
    }
  }
}

TEST_CASE("saga: its coordinator resumes it after a crash, or has forgotten it") {
  Story story;
  begin(story).apply_alone(kT1, kStep).crash(kOrder);
  SECTION("resumed") {
    story.restart(kOrder).recall_applied(kT1, kCreate).recover(kRecords, 0);
    story.phase(kT1, Phase::Undoing).wait(milliseconds(1)).compensate(kT1, kStep);
    end_undone(story);
    CHECK(story.violated().empty());
  }
  SECTION("forgotten") {
    story.restart(kOrder).recall_applied(kT1, kCreate).recover(kRecords, 0).wait(milliseconds(1));
    story.fact(kClient, FactKind::GaveUp, kT1, 0);
    CHECK(story.judgement("convergence").explanation == "order 1 was left half done by order");
    CHECK(story.verdict("atomicity") == Verdict::Violated);
  }
  SECTION("forgotten before any step: a late step must not remain") {
    Story early;
    early.begin(kT1).crash(kOrder).restart(kOrder).recover(kRecords, 0).wait(milliseconds(1));
    early.fact(kClient, FactKind::GaveUp, kT1, 0);
    early.begin(kT2).apply_alone(kT2, kCreate).apply_alone(kT1, kStep);
    CHECK(early.verdict("atomicity") == Verdict::Violated);
    CHECK(early.verdict("no-hanging") != Verdict::Violated);  // no node cancelled it
  }
}
