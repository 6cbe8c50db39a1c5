// Walks: a fault at each moment of a run.
#include "runs/walk.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/runs/fault_walk.h"

using namespace txsim;
using tests::load;

namespace {

constexpr const char* kCommit = "scenarios/order/two-phase-commit/commit.ini";
constexpr NodeId kOrder = 0;

Fault crash_of(NodeId node, std::optional<Duration> lasts = seconds(2)) {
  Fault fault;
  fault.kind = FaultKind::Crash;
  fault.nodes = {node};
  fault.duration = lasts;
  return fault;
}

Fault loss_of(std::string_view message) {
  Fault fault;
  fault.kind = FaultKind::Drop;
  fault.placed = PlacedBy::Event;
  fault.when.what = message.empty() ? Word{} : word(message);
  fault.nth = 0;
  return fault;
}

WalkPlan plan_of(const std::vector<Fault>& faults, const tests::Settings& settings = {}) {
  WalkWanted wanted;
  wanted.faults = faults;
  return plan_walk(load(kCommit, settings), wanted);
}

WalkResult walked(const WalkPlan& plan, unsigned jobs = 1) {
  return walk(plan, jobs, [](std::uint64_t, std::uint64_t) {});
}

std::uint64_t violations(const WalkResult& result) {
  std::uint64_t runs = 0;
  for (const WalkRow& row : result.rows) {
    if (row.outcome.unexpected != 0) runs += row.runs;
  }
  return runs;
}

bool same(const WalkRow& a, const WalkRow& b) {
  return a.first.event == b.first.event && a.last.event == b.last.event && a.runs == b.runs &&
         a.outcome == b.outcome && a.soonest == b.soonest && a.latest == b.latest;
}

}  // namespace

TEST_CASE("walk: a crash comes right after each event, and the rows cover every event once") {
  const WalkPlan plan = plan_of({crash_of(kOrder)});
  CHECK(plan.places.size() == plan.undisturbed.trace.size());
  const WalkResult result = walked(plan);
  std::uint64_t next = 1;
  for (const WalkRow& row : result.rows) {
    CHECK(row.first.event == next);
    CHECK(row.last.event - row.first.event + 1 == row.runs);
    next = row.last.event + 1;
  }
  CHECK(next == plan.undisturbed.trace.size() + 1);
  CHECK(result.is_as_expected());
}

TEST_CASE("walk: each run is the run of the scenario with that fault in its list") {
  const WalkPlan plan = plan_of({crash_of(kOrder)});
  const WalkResult result = walked(plan);
  for (const WalkRow& row : result.rows) {
    const auto scenario =
        load(kCommit, {"faults.fault=" + fault_text(plan.fault_at(row.first), *plan.scenario,
                                                    plan.undisturbed.spec->dictionary)});
    const RunResult run = run_scenario(scenario);
    CAPTURE(row.first.event);
    for (std::size_t i = 0; i < row.outcome.endings.size(); ++i) {
      CHECK(run.verdicts.counters.endings[i] == row.outcome.endings[i]);
    }
    CHECK(run.verdicts.counters.orders_told_done == row.outcome.told_done);
  }
}

TEST_CASE("walk: without the forced decision, a crash after it violates agreement") {
  const tests::Settings off = {"two-phase-commit.force_decision=off"};
  const WalkResult result = walked(plan_of({crash_of(kOrder)}, off));
  CHECK_FALSE(result.is_as_expected());
  const bool disagrees = std::any_of(
      result.rows.begin(), result.rows.end(),
      [](const WalkRow& row) { return (row.outcome.unexpected & bit_of("agreement")) != 0; });
  CHECK(disagrees);
  CHECK(violations(walked(plan_of({crash_of(kOrder)}))) == 0);
}

TEST_CASE("walk: a violation that the scenario expects is no unexpected one") {
  const WalkResult result =
      walked(plan_of({crash_of(kOrder)}, {"two-phase-commit.force_decision=off",
                                          "expect.that=agreement is "
                                          "violated"}));
  for (const WalkRow& row : result.rows) {
    CHECK((row.outcome.unexpected & bit_of("agreement")) == 0);
  }
}

TEST_CASE("walk: all is well again no sooner than the node is back") {
  const WalkResult result = walked(plan_of({crash_of(kOrder, seconds(3))}));
  std::uint64_t struck = 0;
  for (const WalkRow& row : result.rows) {
    if (!row.outcome.struck) continue;
    ++struck;
    CHECK(row.outcome.well == WellAgain::After);
    CHECK(row.soonest >= seconds(3));
    CHECK(row.latest < seconds(10));
  }
  CHECK(struck > 3);
}

TEST_CASE("walk: 2PC blocks, and nothing is well again, if its coordinator never returns") {
  const WalkPlan plan = plan_of({crash_of(kOrder, std::nullopt)});
  const WalkResult result = walked(plan);
  std::uint64_t blocked = 0;
  for (const WalkRow& row : result.rows) {
    if (row.outcome.endings[static_cast<std::size_t>(Ending::InDoubt)] == 0) continue;
    blocked += row.runs;
    CHECK(row.outcome.well != WellAgain::After);
  }
  CHECK(blocked > 10);
  for (std::size_t i = 1; i < result.rows.size(); ++i) {  // no time splits what is never well
    const WalkOutcome& outcome = result.rows[i].outcome;
    if (outcome.well != WellAgain::After) CHECK(outcome != result.rows[i - 1].outcome);
  }
  // After the answer, a crash changes nothing.
  CHECK(result.class_of(result.rows.back().outcome) == WalkClass::Same);
}

TEST_CASE("walk: each matching message is lost in a run of its own") {
  const WalkPlan plan = plan_of({loss_of("Prepare")});
  CHECK(plan.places.size() == 2);
  for (const WalkPlace& place : plan.places) {
    const TraceRecord& record = plan.undisturbed.trace[place.event - 1];
    CHECK(record.kind == EventKind::Sent);
    CHECK(record.what == word("Prepare"));
  }
  const WalkResult result = walked(plan);
  CHECK(result.rows.size() == 1);
  CHECK(result.rows.front().outcome.endings[static_cast<std::size_t>(Ending::Aborted)] == 1);

  Fault second = loss_of("Prepare");
  second.nth = 2;
  const WalkPlan one = plan_of({second});
  CHECK(one.places.size() == 1);
  CHECK(one.places.front().event == plan.places.back().event);
}

TEST_CASE("walk: only moments in the window are taken") {
  WalkWanted wanted;
  wanted.faults = {crash_of(kOrder), crash_of(1)};
  wanted.from = Time{milliseconds(5).ns};
  wanted.to = Time{milliseconds(8).ns};
  const WalkPlan plan = plan_walk(load(kCommit), wanted);
  CHECK(plan.places.size() > 10);
  for (const WalkPlace& place : plan.places) {
    CHECK(place.at >= wanted.from);
    CHECK(place.at <= wanted.to);
  }
  CHECK(walked(plan).rows.back().first.fault == 1);
}

TEST_CASE("walk: beyond the bound, places are left out evenly, and their number is known") {
  WalkWanted wanted;
  wanted.faults = {crash_of(kOrder)};
  wanted.most_runs = 10;
  const WalkPlan plan = plan_walk(load(kCommit), wanted);
  CHECK(plan.places.size() == 10);
  CHECK(plan.moments == plan.undisturbed.trace.size());
  const std::uint64_t step = plan.moments / 10;
  for (std::size_t i = 1; i < plan.places.size(); ++i) {
    const std::uint64_t gap = plan.places[i].event - plan.places[i - 1].event;
    CHECK((gap == step || gap == step + 1));
  }
}

TEST_CASE("walk: any number of jobs gives the same rows") {
  const WalkPlan plan = plan_of({crash_of(kOrder), crash_of(1), loss_of("")});
  const WalkResult one = walked(plan, 1);
  const WalkResult three = walked(plan, 3);
  CHECK(one.rows.size() > 5);
  CHECK(std::equal(one.rows.begin(), one.rows.end(), three.rows.begin(), three.rows.end(), same));
}

TEST_CASE("walk: a fault that meets nothing has no effect") {
  // Order is down from its first Commit on.
  const auto scenario =
      load("scenarios/order/two-phase-commit/coordinator-crashes-after-first-commit.ini");
  WalkWanted wanted;
  wanted.faults = {crash_of(kOrder)};
  const WalkPlan plan = plan_walk(scenario, wanted);
  const WalkResult result = walked(plan);
  const bool meets_nothing = std::any_of(
      result.rows.begin(), result.rows.end(),
      [&](const WalkRow& row) { return result.class_of(row.outcome) == WalkClass::NoEffect; });
  CHECK(meets_nothing);
}
