// Runs whose times were calculated by hand, event by event. scenarios/hand-calculated has the
// derivation.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "runs/run.h"
#include "tests/runs/fault_walk.h"
#include "transactions/transaction.h"

namespace txsim::tests {
namespace {

RunResult by_hand(const std::string& name, const Settings& settings = {}) {
  return run_scenario(load("scenarios/hand-calculated/" + name + ".ini", settings),
                      {.keep_trace = true});
}

// The times of a fact as "T1 5ms at s", in the order of the run. `extra` selects the facts of one
// node.
std::string moments(const RunResult& result, FactKind fact, const std::string& node = "") {
  std::string told;
  for (const TraceRecord& record : result.trace) {
    if (record.kind != EventKind::Announced || record.what != fact_word(fact)) continue;
    if (!node.empty() && result.spec->nodes[record.node].name != node) continue;
    if (!told.empty()) told += ", ";
    told += fmt::format("T{} {}ms", order_of(record.transaction), record.time.ns / 1'000'000);
  }
  return told;
}

TEST_CASE("by hand: group commit, and rows locked until the record is durable") {
  const RunResult group = by_hand("group-commit");
  CHECK(moments(group, FactKind::LockTaken) == "T1 1ms, T2 1ms, T3 2ms, T4 6ms, T5 7ms");
  CHECK(moments(group, FactKind::LockReleased) == "T1 5ms, T2 9ms, T3 9ms, T4 13ms, T5 13ms");
  CHECK(moments(group, FactKind::Told) == "T1 6ms, T2 10ms, T3 10ms, T4 14ms, T5 14ms");
  const RunResult row = by_hand("row-locked-until-durable");
  CHECK(moments(row, FactKind::LockWaited) == "T2 2ms, T3 3ms");
  CHECK(moments(row, FactKind::LockGranted) == "T2 5ms, T3 9ms");
  CHECK(moments(row, FactKind::LockTaken) == "T1 1ms, T2 5ms, T3 9ms");
  CHECK(moments(row, FactKind::LockReleased) == "T1 5ms, T2 9ms, T3 9ms");
  CHECK(row.verdicts.counters.lock_wait.total == milliseconds(9));
}

TEST_CASE("by hand: two-phase commit is in doubt from the vote until the decision is learned") {
  const RunResult commit = by_hand("two-phase-commit-times");
  CHECK(moments(commit, FactKind::Voted, "product") == "T1 15ms");
  CHECK(moments(commit, FactKind::Voted, "point") == "T1 20ms");
  CHECK(moments(commit, FactKind::Decided) == "T1 26ms");
  CHECK(moments(commit, FactKind::DoubtEnded, "product") == "T1 27ms");
  CHECK(moments(commit, FactKind::DoubtEnded, "point") == "T1 30ms");
  CHECK(moments(commit, FactKind::Finished, "product") == "T1 30ms");
  CHECK(moments(commit, FactKind::Finished, "point") == "T1 35ms");
  const Spread& doubt = commit.verdicts.counters.in_doubt;
  CHECK(doubt.count == 2);
  CHECK(doubt.total == milliseconds(12 + 10));
  CHECK(doubt.most == milliseconds(12));
}

// Presumed commit forces a record before Prepare (2 ms), and its participant does not force the
// commit record. Presumed abort differs in aborts only.
TEST_CASE("by hand: the doubt is the same under each variant of two-phase commit") {
  for (const char* variant : {"basic", "presumed-abort", "presumed-commit"}) {
    INFO(variant);
    const RunResult commit =
        by_hand("two-phase-commit-times", {fmt::format("two-phase-commit.variant={}", variant)});
    CHECK(commit.verdicts.counters.in_doubt.total == milliseconds(12 + 10));
  }
}

TEST_CASE("by hand: other disk writes do not change the length of a lock wait") {
  const RunResult wait = by_hand("lock-wait-beside-a-write");
  CHECK(wait.all_met);
  CHECK(moments(wait, FactKind::LockWaited) == "T3 6ms");
  CHECK(moments(wait, FactKind::LockGranted) == "T3 86ms");
  CHECK(moments(wait, FactKind::Voted) == "T1 24ms, T2 44ms, T3 108ms");
  const RunResult allowed = by_hand("lock-wait-beside-a-write", {"checks.longest_lock_wait=80ms"});
  CHECK_FALSE(allowed.all_met);  // the wait is within its bound
}

TEST_CASE(
    "by hand: a refused saga and a duplicate Try have the calculated duration and forced writes") {
  const RunResult saga = by_hand("saga-refused-last");
  CHECK(saga.all_met);
  CHECK(moments(saga, FactKind::Decided) == "T1 31ms");
  CHECK(moments(saga, FactKind::Told) == "T1 34ms");
  const RunResult tcc = by_hand("tcc-duplicate-try");
  CHECK(tcc.all_met);
  CHECK(moments(tcc, FactKind::Told) == "T1 24ms");
  CHECK(tcc.verdicts.counters.reservation_hold.total == milliseconds(20));
}

}  // namespace
}  // namespace txsim::tests
