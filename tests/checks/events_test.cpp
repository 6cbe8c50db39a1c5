// No-lost-event: events announced again after a restart, handled before they are announced, or
// forgotten.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

namespace {

Story& committed(Story& story, std::int64_t id, std::int64_t subscribers) {
  return story.fact(kOrder, FactKind::EventCommitted, kT1, id, subscribers);
}
Story& handled(Story& story, NodeId node, std::int64_t id) {
  return story.fact(node, FactKind::EventHandled, kT1, id);
}
Story& restart(Story& story) { return story.crash(kOrder).restart(kOrder); }
Story& recover(Story& story) { return story.recover(kRecords, 0).wait(milliseconds(1)); }
Story& end(Story& story) { return story.tell(kT1, Reply::Failed).phase(kT1, Phase::Ended); }

}  // namespace

TEST_CASE("no-lost-event: an event announced again after a restart is the same event") {
  Story story;
  committed(story.begin(kT1), 7, 1);
  SECTION("not yet handled") {
    recover(committed(restart(story), 7, 1));
    CHECK(story.verdict("no-lost-event") == Verdict::Violated);
    CHECK(story.judgement("no-lost-event").violations == 1);
    handled(story, kProduct, 7);
    CHECK(story.verdict("no-lost-event") == Verdict::Holds);
  }
  SECTION("handled by all, and not announced again") {
    recover(committed(restart(handled(story, kProduct, 7)), 7, 1));
    CHECK(story.verdict("no-lost-event") == Verdict::Holds);
    end(story);
    CHECK(story.violated().empty());
  }
  SECTION("handled by all, and announced again") {
    recover(committed(restart(handled(story, kProduct, 7)), 7, 1));
    handled(story, kProduct, 7);
    end(story);
    CHECK(story.violated().empty());
  }
  SECTION("of an ended transaction") {
    handled(story, kProduct, 7);
    recover(committed(restart(end(story)), 7, 1));
    CHECK(story.violated().empty());
    handled(story, kProduct, 7);
    CHECK(story.violated().empty());
  }
}

TEST_CASE(
    "no-lost-event: an event whose announcement a crash prevented counts when it is announced") {
  Story story;
  recover(committed(restart(story.begin(kT1)), 7, 1));
  CHECK(story.verdict("no-lost-event") == Verdict::Violated);
  handled(story, kProduct, 7);
  CHECK(story.verdict("no-lost-event") == Verdict::Holds);
}

TEST_CASE("no-lost-event: an event handled before it is announced") {
  Story story;
  handled(story.begin(kT1), kProduct, 7);
  CHECK(story.verdict("no-lost-event") == Verdict::Vacuous);
  SECTION("announced later") {
    committed(story, 7, 2);
    CHECK(story.verdict("no-lost-event") == Verdict::Violated);
    handled(story, kPoint, 7);
    CHECK(story.verdict("no-lost-event") == Verdict::Holds);
  }
  SECTION("never announced") {
    end(story);
    CHECK(story.verdict("no-lost-event") == Verdict::Vacuous);
  }
}

TEST_CASE("no-lost-event: an event of an ended transaction must still be handled") {
  Story story;
  SECTION("announced before the end") { end(committed(story.begin(kT1), 7, 1)); }
  SECTION("announced in the instant of the end") { committed(end(story.begin(kT1)), 7, 1); }
  CHECK(story.verdict("no-lost-event") == Verdict::Violated);
  CHECK(story.verdict("convergence") == Verdict::Holds);
  recover(committed(restart(story), 7, 1));
  CHECK(story.verdict("no-lost-event") == Verdict::Violated);
  handled(story, kProduct, 7);
  CHECK(story.violated().empty());
  handled(story, kProduct, 7);
  recover(committed(restart(story), 7, 1));
  CHECK(story.violated().empty());
}

TEST_CASE("no-lost-event: one lost event among many is found, independent of the others") {
  Story story;
  committed(committed(committed(story.begin(kT1), 7, 1), 8, 1), 9, 1);
  handled(handled(story, kProduct, 9), kProduct, 7);
  end(story);
  CHECK(story.judgement("no-lost-event").violations == 1);
  CHECK(story.judgement("no-lost-event").explanation ==
        "event 8 of order for order 1 was handled by 0 of 1 subscribers");
}
