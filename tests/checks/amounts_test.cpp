// Conservation, durability and isolation: the rules for amounts and rows.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

using namespace txsim;
using namespace txsim::testing;

TEST_CASE("conservation: violated if an amount is not the sum of its steps") {
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

TEST_CASE("conservation: vacuous if nothing changes an amount") {
  Story story;
  story.begin(kT1).update(kT1, 0);
  CHECK(story.verdict("conservation") == Verdict::Vacuous);
}

TEST_CASE("conservation: a reserved amount is neither available nor taken") {
  Story story;
  story.begin(kT1).step(FactKind::Reserved, kT1, 1, 0);
  Story tcc;
  tcc.begin(kT1).fact(kProduct, FactKind::Reserved, kT1, 2, amount_and_kind(98, 0), 1);
  tcc.fact(kProduct, FactKind::Cancelled, kT1, 2, amount_and_kind(100, 0), 1);
  CHECK(tcc.verdict("conservation") == Verdict::Holds);
  tcc.fact(kProduct, FactKind::Cancelled, kT1, 2, amount_and_kind(102, 0), 1);
  CHECK(tcc.verdict("conservation") == Verdict::Violated);  // `reserved` is below zero
}

TEST_CASE("durability: an update that was not prepared may be lost in a crash") {
  Story story;
  story.begin(kT1).update(kT1, 1).crash(kProduct);
  CHECK(story.verdict("durability") == Verdict::Vacuous);
  story.restart(kProduct).recover(kStock, 100).wait(milliseconds(1));
  CHECK(story.verdict("durability") == Verdict::Holds);
  CHECK(story.verdict("conservation") == Verdict::Holds);
}

TEST_CASE("durability: violated if a yes vote does not survive") {
  Story story;
  story.begin(kT1).prepare(kT1).crash(kProduct).restart(kProduct).recover(kStock, 100);
  const std::uint64_t recovered = story.last_event();
  story.wait(milliseconds(1));
  CHECK(story.verdict("durability") == Verdict::Violated);
  CHECK(story.judgement("durability").event == recovered);
  CHECK(story.verdict("conservation") == Verdict::Violated);
}

TEST_CASE("durability: a recalled abort is no lost vote") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Aborted);
  story.crash(kProduct).restart(kProduct).finish(kProduct, kT1, Outcome::Aborted);
  story.recover(kStock, 100).wait(milliseconds(1));
  CHECK(story.verdict("durability") == Verdict::Holds);
  story.undo_order(kT1).undo_point(kT1).tell(kT1, Reply::Failed).phase(kT1, Phase::Ended);
  CHECK(story.verdict("convergence") == Verdict::Holds);
}

TEST_CASE("durability: holds if a prepared step is in effect again after the crash") {
  Story story;
  story.begin(kT1).prepare(kT1).crash(kProduct).restart(kProduct);
  story.lock(FactKind::LockTaken, kT1, 1).vote(kProduct, kT1, Vote::Yes).recover(kStock, 98);
  story.wait(milliseconds(1)).decide(kT1, Outcome::Committed).tell(kT1, Reply::Done);
  story.commit_order(kT1).commit_product(kT1).lock(FactKind::LockReleased, kT1, 1);
  story.commit_point(kT1).phase(kT1, Phase::Ended);
  CHECK(story.violated().empty());
  CHECK(story.verdict("durability") == Verdict::Holds);
}

// A fact is announced with the record that makes it true, so a vote that was not announced was not
// durable.
TEST_CASE("durability: violated if a node has a step in effect that it had not promised") {
  Story story;
  story.begin(kT1).update(kT1, 0).update(kT1, 1).update(kT1, 2).update(kT1, 3);
  story.crash(kProduct).restart(kProduct);
  SECTION("and announces a vote") { story.vote(kProduct, kT1, Vote::Yes).recover(kStock, 98); }
  SECTION("and announces no vote") { story.recover(kStock, 98); }
  CHECK(story.wait(milliseconds(1)).verdict("durability") == Verdict::Violated);
}

TEST_CASE("durability: a recalled commit is no lost vote") {
  Story story;
  story.begin(kT1).prepare(kT1).decide(kT1, Outcome::Committed).tell(kT1, Reply::Done);
  story.commit_order(kT1).commit_point(kT1);
  story.crash(kProduct).restart(kProduct).finish(kProduct, kT1, Outcome::Committed);
  story.recover(kStock, 98).wait(milliseconds(1)).phase(kT1, Phase::Ended);
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

TEST_CASE("durability: violated if an applied step is lost in a crash") {
  Story story;
  story.commit(kT1);
  story.crash(kPoint).restart(kPoint).recover(kBalance, 100).wait(milliseconds(1));
  CHECK(story.verdict("durability") == Verdict::Violated);
  CHECK(story.judgement("durability").explanation ==
        "balance of point recovered as 100 although 90 was acknowledged");
}

TEST_CASE("isolation: violated if a change is used and then undone") {
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

TEST_CASE("isolation: violated if a change is read and then lost in a crash") {
  Story story;
  story.begin(kT1).update(kT1, 1).begin(kT2, 1).step(FactKind::ReadDone, kT2, 0, 0, 1);
  story.crash(kProduct).restart(kProduct).recover(kStock, 100).wait(milliseconds(1));
  CHECK(story.verdict("isolation") == Verdict::Violated);
}

TEST_CASE("isolation: holds if a change is used after its commit, and vacuous with one user") {
  Story story;
  story.begin(kT1).update(kT1, 1);
  CHECK(story.verdict("isolation") == Verdict::Vacuous);
  story.apply(kT1, 1).begin(kT2).update(kT2, 1).undo(kT2, 1);
  CHECK(story.verdict("isolation") == Verdict::Holds);
}

namespace {

// Two rows at one service. Each kind reads one row and takes from the other, or writes a computed
// value.
constexpr std::uint16_t kLeft = 1;
constexpr std::uint16_t kRight = 2;

std::shared_ptr<const Plan> readers_plan() {
  Plan plan;
  plan.nodes = {"order", "product", "point", "client", "lock"};
  plan.resources = {{"orders", kOrder, 0, true}, {"left", kProduct, 100}, {"right", kPoint, 100}};
  Step computed{Action::Take, kProduct, kLeft, 10};
  computed.as_read = true;
  Step kept{Action::Read, kProduct, kLeft, 0};
  kept.is_kept = true;
  plan.kinds = {{"leave-left",
                 kOrder,
                 {{Action::Read, kPoint, kRight, 0}, {Action::Take, kProduct, kLeft, 1}},
                 {kPoint, kProduct}},
                {"leave-right",
                 kOrder,
                 {{Action::Read, kProduct, kLeft, 0}, {Action::Take, kPoint, kRight, 1}},
                 {kPoint, kProduct}},
                {"compute", kOrder, {kept, computed}, {kProduct}},
                {"take-both",
                 kOrder,
                 {{Action::Take, kPoint, kRight, 1}, {Action::Take, kProduct, kLeft, 1}},
                 {kPoint, kProduct}}};
  return std::make_shared<const Plan>(plan);
}

// Both steps are in effect under lock, and the transaction is committed and ended.
void finish(Story& story, TransactionId id, std::uint16_t kind, bool commits) {
  const Outcome outcome = commits ? Outcome::Committed : Outcome::Aborted;
  story.fact(kOrder, FactKind::Decided, id, static_cast<std::int64_t>(outcome));
  const std::int64_t added = kind == 2 ? -10 : -1;
  if (commits) {
    story.step(FactKind::Applied, id, 1, 0, kind);
  } else {
    story.step(FactKind::Undone, id, 1, -added, kind);
  }
  story.tell(id, commits ? Reply::Done : Reply::Failed).phase(id, Phase::Ended, kind);
}

}  // namespace

TEST_CASE(
    "isolation: a write skew is two transactions that each change the row that the other has "
    "read") {
  Story story(readers_plan());
  story.begin(kT1, 0).begin(kT2, 1);
  story.step(FactKind::ReadDone, kT1, 0, 0, 0).step(FactKind::ReadDone, kT2, 0, 0, 1);
  story.step(FactKind::Updated, kT1, 1, -1, 0).step(FactKind::Updated, kT2, 1, -1, 1);
  const std::uint64_t second = story.last_event();
  finish(story, kT1, 0, true);
  CHECK(story.verdict("isolation") == Verdict::Holds);
  SECTION("both commit") {
    finish(story, kT2, 1, true);
    const Judgement judgement = story.judgement("isolation");
    CHECK(judgement.verdict == Verdict::Violated);
    CHECK(judgement.violations == 1);
    CHECK(judgement.event == second);
    CHECK(judgement.explanation ==
          "write skew: order 2 read left at product before order 1 wrote it, order 1 read right at "
          "point before order 2 wrote it");
    CHECK(story.verdicts(story.calm_end()).counters.write_skews == 1);
    CHECK(story.verdicts(story.calm_end()).counters.lost_updates == 0);
  }
  SECTION("one aborts") {
    finish(story, kT2, 1, false);
    CHECK(story.verdict("isolation") == Verdict::Holds);
  }
}

TEST_CASE("isolation: one anti-dependency alone is no write skew") {
  Story story(readers_plan());
  SECTION("one after the other") {
    story.begin(kT1, 0).begin(kT2, 1);
    story.step(FactKind::ReadDone, kT1, 0, 0, 0).step(FactKind::Updated, kT1, 1, -1, 0);
    story.step(FactKind::ReadDone, kT2, 0, 0, 1).step(FactKind::Updated, kT2, 1, -1, 1);
    finish(story, kT1, 0, true);
    finish(story, kT2, 1, true);
  }
  SECTION("in a cycle with a dependency") {
    story.begin(kT1, 0).step(FactKind::ReadDone, kT1, 0, 0, 0).begin(kT2, 3);
    story.step(FactKind::Updated, kT2, 0, -1, 3).step(FactKind::Updated, kT2, 1, -1, 3);
    story.step(FactKind::Applied, kT2, 0, 0, 3);
    finish(story, kT2, 3, true);
    story.step(FactKind::Updated, kT1, 1, -1, 0);
    finish(story, kT1, 0, true);
  }
  CHECK(story.verdict("isolation") == Verdict::Holds);
  CHECK(story.violated().empty());
}

TEST_CASE(
    "isolation: an update is lost if a computed value overwrites a change made since the read") {
  Story story(readers_plan());
  const auto lost = [&] { return story.verdicts(story.calm_end()).counters.lost_updates; };
  story.begin(kT1, 2).begin(kT2, 2);
  story.step(FactKind::ReadDone, kT1, 0, 0, 2);
  SECTION("read by both before either writes") {
    story.step(FactKind::ReadDone, kT2, 0, 0, 2).step(FactKind::Updated, kT1, 1, -10, 2);
    story.step(FactKind::Updated, kT2, 1, 0, 2);
    const std::uint64_t overwrites = story.last_event();
    finish(story, kT1, 2, true);
    CHECK(lost() == 0);
    finish(story, kT2, 2, true);
    CHECK(lost() == 1);
    const Judgement judgement = story.judgement("isolation");
    CHECK(judgement.event == overwrites);
    CHECK(judgement.transaction == kT2);
    CHECK(judgement.explanation ==
          "lost update: order 2 wrote left at product by what it had read before order 1 wrote "
          "there, whose change is gone");
    CHECK(story.verdict("conservation") == Verdict::Violated);
  }
  SECTION("one after the other") {
    story.step(FactKind::Updated, kT1, 1, -10, 2);
    finish(story, kT1, 2, true);
    story.step(FactKind::ReadDone, kT2, 0, 0, 2).step(FactKind::Updated, kT2, 1, -10, 2);
    finish(story, kT2, 2, true);
    CHECK(lost() == 0);
    CHECK(story.verdict("isolation") == Verdict::Holds);
    CHECK(story.verdict("conservation") == Verdict::Holds);
  }
}
