// Exactly-once, truthful-reply, no-hanging, compensation-order, no-lost-event.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

TEST_CASE("exactly-once: violated if a step is applied twice") {
  Story story;
  story.begin(kT1).apply_alone(kT1, 1);
  CHECK(story.verdict("exactly-once") == Verdict::Vacuous);
  story.fact(kOrder, FactKind::Resent, kT1, 0, 0, 0, kProduct);
  CHECK(story.verdict("exactly-once") == Verdict::Holds);
  story.apply_alone(kT1, 1);
  CHECK(story.verdict("exactly-once") == Verdict::Violated);
  CHECK(story.judgement("exactly-once").explanation == "order 1 at product took effect twice");
}

TEST_CASE("exactly-once: violated if a step takes effect again after its transaction has ended") {
  Story story;
  story.commit(kT1);
  SECTION("a later branch that is undone is harmless") {
    story.update(kT1, 1).undo(kT1, 1).finish(kProduct, kT1, Outcome::Aborted);
    CHECK(story.violated().empty());
    CHECK(story.verdict("exactly-once") == Verdict::Holds);
  }
  SECTION("a later branch that is applied") {
    story.update(kT1, 1).apply(kT1, 1);
    CHECK(story.verdict("exactly-once") == Verdict::Violated);
  }
  SECTION("a step applied by itself") {
    story.apply_alone(kT1, 1);
    CHECK(story.verdict("exactly-once") == Verdict::Violated);
  }
  SECTION("recalled after a crash") {
    story.apply(kT1, 1).finish(kProduct, kT1, Outcome::Committed);
    CHECK(story.violated().empty());
  }
}

TEST_CASE("exactly-once: violated if an order is executed twice") {
  Story story(true);
  SECTION("one after the other") { story.commit(kT1).commit(kT1Again); }
  SECTION("both concurrently") {
    story.begin(kT1).begin(kT1Again).prepare(kT1).prepare(kT1Again);
    for (const TransactionId t : {kT1, kT1Again}) {
      story.decide(t, Outcome::Committed).commit_order(t).commit_product(t).commit_point(t);
      story.tell(t, Reply::Done).phase(t, Phase::Ended);
    }
  }
  CHECK(story.verdict("exactly-once") == Verdict::Violated);
  CHECK(story.judgement("exactly-once").explanation ==
        "order 1 was executed twice, the second time as order 1, submission 2");
}

TEST_CASE("exactly-once: violated if a submission arrives twice and is executed twice") {
  Story story(true);
  story.commit(kT1).commit(kT1);
  CHECK(story.verdict("exactly-once") == Verdict::Violated);
  CHECK(story.judgement("exactly-once").explanation ==
        "order 1 was executed twice: its submission arrived twice");
}

TEST_CASE("exactly-once: holds if a repeated order is recognised") {
  Story story(true);
  story.commit(kT1).submit(kT1Again).fact(kOrder, FactKind::Recognised, kT1Again, 1);
  story.tell(kT1Again, Reply::Done);
  CHECK(story.violated().empty());
  CHECK(story.verdict("exactly-once") == Verdict::Holds);
}

TEST_CASE("truthful-reply: violated if the client gets `done` and the order is undone") {
  Story story;
  story.begin(kT1).tell(kT1, Reply::Done);
  const std::uint64_t told = story.last_event();
  for (std::uint8_t s = 0; s < 4; ++s) story.update(kT1, s);
  story.decide(kT1, Outcome::Aborted).undo_order(kT1).undo_product(kT1).undo_point(kT1);
  story.phase(kT1, Phase::Ended);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);
  CHECK(story.judgement("truthful-reply").event == told);
}

TEST_CASE("truthful-reply: violated if the client gets `failed` and the order is in effect") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed).tell(kT1, Reply::Failed);
  story.commit_order(kT1).commit_product(kT1).commit_point(kT1).phase(kT1, Phase::Ended);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);
}

TEST_CASE("truthful-reply: `done` is judged at the end, and not while a fault is open") {
  Story story;
  story.begin(kT1);
  CHECK(story.verdict("truthful-reply") == Verdict::Vacuous);
  story.prepare(kT1).decide(kT1, Outcome::Committed).tell(kT1, Reply::Done).commit_order(kT1);
  CHECK(story.judgement("truthful-reply", story.disturbed_end()).verdict == Verdict::Vacuous);
  CHECK(story.verdict("truthful-reply") == Verdict::Violated);
  story.commit_product(kT1).commit_point(kT1).phase(kT1, Phase::Ended);
  CHECK(story.verdict("truthful-reply") == Verdict::Holds);
}

TEST_CASE("truthful-reply: a repeated order gets the outcome of the order") {
  Story story(true);
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed);
  story.fact(kClient, FactKind::GaveUp, kT1, 0).submit(kT1Again).tell(kT1Again, Reply::Done);
  SECTION("in effect") {
    story.commit_order(kT1).commit_product(kT1).commit_point(kT1).phase(kT1, Phase::Ended);
    CHECK(story.violated().empty());
  }
  SECTION("not in effect") {
    story.undo_order(kT1).undo_product(kT1).undo_point(kT1).phase(kT1, Phase::Ended);
    CHECK(story.verdict("truthful-reply") == Verdict::Violated);
  }
}

TEST_CASE("truthful-reply: `failed`, and `done` for a later submission, is no lie") {
  Story story(true);
  story.abort(kT1).commit(kT1Again);
  CHECK(story.violated().empty());
  Story lie(true);
  lie.begin(kT1).fact(kClient, FactKind::GaveUp, kT1, 0).prepare(kT1);
  lie.decide(kT1, Outcome::Committed).commit_order(kT1).commit_product(kT1).commit_point(kT1);
  lie.phase(kT1, Phase::Ended).submit(kT1Again).tell(kT1Again, Reply::Failed);
  CHECK(lie.verdict("truthful-reply") == Verdict::Violated);
}

TEST_CASE("no-hanging: violated if a step is reserved after it was cancelled") {
  Story story;
  story.begin(kT1);
  story.fact(kProduct, FactKind::Cancelled, kT1, 0, amount_and_kind(100, 0), 1);
  CHECK(story.verdict("no-hanging") == Verdict::NotApplicable);
  story.fact(kPoint, FactKind::Reserved, kT1, 10, amount_and_kind(90, 0), 2);
  CHECK(story.verdict("no-hanging") == Verdict::Holds);
  story.fact(kProduct, FactKind::Reserved, kT1, 2, amount_and_kind(98, 0), 1);
  CHECK(story.verdict("no-hanging") == Verdict::Violated);
  CHECK(story.judgement("no-hanging").explanation ==
        "order 1 at product was reserved after it had been called off there");
}

TEST_CASE("no-hanging: a late update must be undone at the end") {
  Story story;
  story.abort(kT1).update(kT1, 1);
  CHECK(story.verdict("no-hanging") == Verdict::Violated);
  CHECK(story.verdict("convergence") == Verdict::Violated);
  CHECK(story.judgement("no-hanging", story.disturbed_end()).verdict == Verdict::Holds);
  story.undo(kT1, 1);
  CHECK(story.violated().empty());
  CHECK(story.verdict("no-hanging") == Verdict::Holds);
}

TEST_CASE("compensation-order: violated out of order, twice, and for a step that took no effect") {
  Story story;
  story.begin(kT1).apply_alone(kT1, 0).apply_alone(kT1, 1).apply_alone(kT1, 2);
  CHECK(story.verdict("compensation-order") == Verdict::Vacuous);
  SECTION("in reverse, each once") {
    story.compensate(kT1, 2).compensate(kT1, 1).compensate(kT1, 0);
    CHECK(story.verdict("compensation-order") == Verdict::Holds);
  }
  SECTION("out of order") {
    story.compensate(kT1, 1);
    CHECK(story.verdict("compensation-order") == Verdict::Violated);
  }
  SECTION("twice") {
    story.compensate(kT1, 2).compensate(kT1, 2);
    CHECK(story.verdict("compensation-order") == Verdict::Violated);
  }
  SECTION("without effect") {
    story.compensate(kT1, 3);
    CHECK(story.verdict("compensation-order") == Verdict::Violated);
  }
  SECTION("one forgotten") {
    story.compensate(kT1, 2).tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
    CHECK(story.verdict("compensation-order") == Verdict::Violated);
  }
}

TEST_CASE("no-lost-event: violated if a subscriber never handles an event") {
  Story story;
  story.fact(kOrder, FactKind::EventCommitted, kT1, 7, 2);
  story.fact(kProduct, FactKind::EventHandled, kT1, 7)
      .fact(kProduct, FactKind::EventHandled, kT1, 7);
  CHECK(story.verdict("no-lost-event") == Verdict::Violated);
  CHECK(story.judgement("no-lost-event").explanation ==
        "event 7 of order for order 1 was handled by 1 of 2 subscribers");
  CHECK(story.judgement("no-lost-event", story.disturbed_end()).verdict == Verdict::Vacuous);
  story.fact(kPoint, FactKind::EventHandled, kT1, 7);
  CHECK(story.verdict("no-lost-event") == Verdict::Holds);
}

TEST_CASE("no-lost-event: vacuous without a subscriber") {
  Story story;
  story.fact(kOrder, FactKind::EventCommitted, kT1, 7, 0);
  CHECK(story.verdict("no-lost-event") == Verdict::Vacuous);
}
