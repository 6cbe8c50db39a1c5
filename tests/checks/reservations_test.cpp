// The judge on Reserved, Confirmed and Cancelled, before and after a crash.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

namespace {

constexpr std::uint8_t kTakeStock = 1;
constexpr std::uint8_t kComplete = 3;

Story& stock(Story& story, FactKind kind, std::int64_t value, std::int64_t available) {
  return story.fact(kProduct, kind, kT1, value, amount_and_kind(available, 0), kTakeStock);
}

// The node restarts with these amounts available and reserved. It recalls `kind` for the stock.
Story& come_back(Story& story, FactKind kind, std::int64_t available, std::int64_t reserved) {
  story.restart(kProduct);
  stock(story, kind, 2, available);
  return story.fact(kProduct, FactKind::Recovered, 0, available, reserved, 0, kStock)
      .wait(milliseconds(1));
}

}  // namespace

TEST_CASE("conservation: a promised gift becomes available when it is confirmed") {
  Story story;
  story.begin(kT1);
  story.fact(kOrder, FactKind::Reserved, kT1, 0, amount_and_kind(0, 0), kComplete);
  story.fact(kOrder, FactKind::Confirmed, kT1, 1, amount_and_kind(1, 0), kComplete);
  CHECK(story.verdict("conservation") == Verdict::Holds);
}

TEST_CASE("durability: a reservation survives a crash, announced before it or not") {
  for (const bool was_told : {true, false}) {
    Story story;
    story.begin(kT1);
    if (was_told) stock(story, FactKind::Reserved, 2, 98);
    story.crash(kProduct);
    come_back(story, FactKind::Reserved, 98, 2);
    CHECK(story.verdict("durability") == Verdict::Holds);
    CHECK(story.verdict("exactly-once") != Verdict::Violated);
    stock(story, FactKind::Confirmed, 2, 98);
    CHECK(story.verdict("conservation") == Verdict::Holds);
  }
}

TEST_CASE("durability: violated if a reservation does not survive") {
  Story story;
  story.begin(kT1);
  stock(story, FactKind::Reserved, 2, 98).crash(kProduct).restart(kProduct).recover(kStock, 100);
  story.wait(milliseconds(1));
  CHECK(story.verdict("durability") == Verdict::Violated);
}

TEST_CASE("durability: a Confirmed or Cancelled prevented by a crash is announced after it") {
  for (const FactKind kind : {FactKind::Confirmed, FactKind::Cancelled}) {
    Story story;
    story.begin(kT1);
    stock(story, FactKind::Reserved, 2, 98).crash(kProduct);
    come_back(story, kind, kind == FactKind::Confirmed ? 98 : 100, 0);
    CHECK(story.verdict("durability") == Verdict::Holds);
    CHECK(story.verdict("conservation") == Verdict::Holds);
  }
}

TEST_CASE("exactly-once: violated by a second reservation of one step") {
  Story story;
  story.begin(kT1);
  stock(story, FactKind::Reserved, 2, 98);
  stock(story, FactKind::Reserved, 2, 96);
  stock(story, FactKind::Confirmed, 2, 96);
  CHECK(story.verdict("exactly-once") == Verdict::Violated);
  CHECK(story.verdict("conservation") == Verdict::Holds);
}

TEST_CASE("no-hanging: violated by a reservation after its cancel, even an empty cancel") {
  Story story;
  story.begin(kT1);
  stock(story, FactKind::Cancelled, 0, 100);
  CHECK(story.verdict("no-hanging") != Verdict::Violated);
  stock(story, FactKind::Reserved, 2, 98);
  CHECK(story.verdict("no-hanging") == Verdict::Violated);
}
