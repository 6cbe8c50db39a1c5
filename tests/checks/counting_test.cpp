// Each order, submission and transaction is counted once, and their shares add up.
#include <catch2/catch.hpp>

#include "tests/checks/story.h"

namespace txsim {
namespace {

using testing::kClient;
using testing::kOrder;
using testing::kProduct;
using testing::kT1;
using testing::kT1Again;
using testing::kT2;
using testing::Story;

constexpr TransactionId kT3 = transaction_id(3, 0);

std::uint64_t endings(const Counters& counters, Ending ending) {
  return counters.endings[static_cast<int>(ending)];
}

Story& give_up(Story& story, TransactionId t) {
  return story.fact(kClient, FactKind::GaveUp, t, 0);
}
Story& recognise(Story& story, TransactionId t) {
  return story.fact(kOrder, FactKind::Recognised, t, static_cast<std::int64_t>(order_of(t)));
}

// Checks that each submission has one fate, each transaction has one ending, and the summaries
// agree with the counters.
Counters counted(const Story& story, const EndOfRun& end) {
  const Verdicts verdicts = story.verdicts(end);
  const Counters& counters = verdicts.counters;
  CHECK(counters.begun() + counters.recognised + counters.never_begun() == counters.submitted);
  std::uint64_t by_fate[kFates] = {};
  std::uint64_t by_ending[kEndings] = {};
  std::uint64_t told = 0;
  std::uint64_t with_latency = 0;
  for (const TransactionSummary& summary : verdicts.transactions) {
    ++by_fate[static_cast<int>(summary.fate)];
    if (summary.is_begun()) ++by_ending[static_cast<int>(summary.ending)];
    told += summary.told ? 1U : 0U;
    with_latency += summary.has_latency() ? 1U : 0U;
  }
  CHECK(by_fate[static_cast<int>(Fate::Begun)] == counters.begun());
  CHECK(by_fate[static_cast<int>(Fate::Recognised)] == counters.recognised);
  CHECK(by_fate[static_cast<int>(Fate::NeverBegun)] == counters.never_begun());
  for (int i = 0; i < kEndings; ++i) CHECK(by_ending[i] == counters.endings[i]);
  CHECK(told == counters.submitted - counters.told_nothing());
  CHECK(with_latency == counters.latency.count);
  CHECK(with_latency + counters.told_busy == told);
  return counters;
}
Counters counted(const Story& story) { return counted(story, story.calm_end()); }

TEST_CASE("counting: a submission that never began is no transaction") {
  Story story(false, {.keep_transactions = true});
  story.commit(kT1).submit(kT2).submit(kT3);
  give_up(story, kT2);
  const Counters counters = counted(story);
  CHECK(counters.submitted == 3);
  CHECK(counters.orders == 3);
  CHECK(counters.begun() == 1);
  CHECK(counters.never_begun() == 2);
  CHECK(endings(counters, Ending::Committed) == 1);
  CHECK(counters.told_done == 1);
  CHECK(counters.told_nothing() == 2);
  CHECK(outcome_text(story.verdicts(story.calm_end()).transactions[1]) == "never begun");
}

TEST_CASE("counting: a transaction that has done nothing when the run ends is unfinished") {
  Story story(false, {.keep_transactions = true});
  story.begin(kT1);
  const Counters counters = counted(story, story.disturbed_end());
  CHECK(counters.never_begun() == 0);
  CHECK(endings(counters, Ending::Unfinished) == 1);
}

TEST_CASE("counting: a duplicate that the receiver recognised is neither begun nor lost") {
  Story story(true, {.keep_transactions = true});
  story.commit(kT1).submit(kT1Again);
  recognise(story, kT1Again).tell(kT1Again, Reply::Done);
  const Counters counters = counted(story);
  CHECK(counters.submitted == 2);
  CHECK(counters.orders == 1);
  CHECK(counters.recognised == 1);
  CHECK(counters.never_begun() == 0);
  CHECK(counters.begun() == 1);
}

TEST_CASE("counting: a submission recognised after its client gave up is recognised") {
  Story story(true, {.keep_transactions = true});
  story.commit(kT1).submit(kT1Again);
  give_up(story, kT1Again);
  CHECK(counted(story).never_begun() == 1);
  recognise(story, kT1Again);
  recognise(story, kT1Again);
  const Counters counters = counted(story);
  CHECK(counters.recognised == 1);
  CHECK(counters.never_begun() == 0);
}

TEST_CASE("counting: a second copy of its own Submit does not make a transaction a duplicate") {
  Story story(true, {.keep_transactions = true});
  story.commit(kT1);
  recognise(story, kT1);
  story.begin(kT2);
  recognise(story, kT2);
  const Counters counters = counted(story);
  CHECK(counters.recognised == 0);
  CHECK(counters.begun() == 2);
}

TEST_CASE("counting: a submission begun after its client gave up is one transaction") {
  Story story(false, {.keep_transactions = true});
  story.wait(milliseconds(3)).submit(kT1);
  give_up(story, kT1);
  CHECK(counted(story).never_begun() == 1);
  story.phase(kT1, Phase::Begun).prepare(kT1).decide(kT1, Outcome::Committed);
  story.commit_order(kT1).commit_product(kT1).commit_point(kT1).phase(kT1, Phase::Ended);
  const Counters counters = counted(story);
  CHECK(counters.never_begun() == 0);
  CHECK(endings(counters, Ending::Committed) == 1);
  CHECK(counters.begun() == 1);
  const auto transactions = story.verdicts(story.calm_end()).transactions;
  CHECK(transactions[0].submitted == Time{0} + milliseconds(3));
}

TEST_CASE("counting: a submission that is executed twice is one transaction") {
  const auto again = [](Story& story, bool commits) {
    story.phase(kT1, Phase::Begun).prepare(kT1);
    if (!commits) {
      story.decide(kT1, Outcome::Aborted).undo_order(kT1).undo_product(kT1).undo_point(kT1);
      story.phase(kT1, Phase::Ended);
      return;
    }
    story.decide(kT1, Outcome::Committed).commit_order(kT1).commit_product(kT1).commit_point(kT1);
    story.phase(kT1, Phase::Ended);
  };
  for (const bool first : {true, false}) {
    for (const bool second : {true, false}) {
      CAPTURE(first, second);
      Story story(true, {.keep_transactions = true});
      if (first) {
        story.commit(kT1);
      } else {
        story.abort(kT1);
      }
      again(story, second);
      const Counters counters = counted(story);
      CHECK(counters.begun() == 1);
      CHECK(endings(counters, Ending::Committed) == (first || second ? 1 : 0));
      CHECK(endings(counters, Ending::Aborted) == (first || second ? 0 : 1));
      CHECK(counters.told_done + counters.told_failed == 1);
    }
  }
}

TEST_CASE("counting: an answer to an earlier submission counts, even if a later one was answered") {
  Story story(true, {.keep_transactions = true});
  story.submit(kT1).wait(milliseconds(2)).submit(kT1Again);
  story.wait(milliseconds(2)).tell(kT1Again, Reply::Failed);
  story.wait(milliseconds(2)).tell(kT1, Reply::Done);
  const Counters counters = counted(story);
  CHECK(counters.told_done == 1);
  CHECK(counters.told_failed == 1);
  CHECK(counters.told_nothing() == 0);
  CHECK(counters.latency.most == milliseconds(6));
  CHECK(counters.orders_told_done == 1);  // once, even with several replies
  CHECK(counters.orders_told_failed == 0);
  CHECK(counters.orders_told_nothing() == 0);
}

TEST_CASE("counting: an order has the answers of all its submissions") {
  Story story(true, {.keep_transactions = true});
  story.submit(kT1).submit(kT1Again).submit(kT2).submit(kT3);
  give_up(story, kT1);
  story.wait(milliseconds(1)).tell(kT1Again, Reply::Failed).tell(kT2, Reply::Busy);
  const Counters counters = counted(story);
  CHECK(counters.orders == 3);
  CHECK(counters.orders_told_failed == 1);
  CHECK(counters.orders_told_nothing() == 2);  // `busy` is no answer to the order
  CHECK(counters.told_busy == 1);
  CHECK(counters.told_nothing() == 2);
  CHECK(counters.latency.count == 1);  // of T2's client, told busy, there is none
}

TEST_CASE("counting: the loss of a message without a transaction counts for no phase") {
  Story story;
  story.lose_message(kOrder, kProduct).commit(kT1).begin(kT2).lose_message(kOrder, kProduct);
  story.commit(kT3).lose_message(kOrder, kProduct);
  const std::vector<FaultCount> fault_coverage = story.verdicts(story.calm_end()).fault_coverage;
  REQUIRE(fault_coverage.size() == 1);
  CHECK(fault_coverage[0].part == Part::Other);
  CHECK(fault_coverage[0].count == 3);
}

TEST_CASE("counting: durable order records, in any status") {
  Story story(true);
  story.commit(kT1).abort(kT2);
  CHECK(story.verdicts(story.calm_end()).records[testing::kRecords] == 1);
  story.begin(kT3).update(kT3, testing::kCreate);
  CHECK(story.verdicts(story.calm_end()).records[testing::kRecords] == 1);
  story.apply(kT3, testing::kCreate);
  CHECK(story.verdicts(story.calm_end()).records[testing::kRecords] == 2);
  CHECK(story.verdicts(story.calm_end()).amounts[testing::kRecords].first == 1);
}

}  // namespace
}  // namespace txsim
