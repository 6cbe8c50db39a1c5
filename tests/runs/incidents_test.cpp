// Further effects of the settings that reproduce incidents: with crashes and in combination.
#include <catch2/catch.hpp>

#include "runs/run.h"
#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

const std::string kFolder = "scenarios/incidents/";

RunResult run(const std::string& file, const Settings& settings) {
  return run_scenario(load(kFolder + file, settings));
}

Verdict verdict_on(const RunResult& result, std::string_view invariant) {
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.invariant == invariant) return judgement.verdict;
  }
  FAIL("no verdict on " << invariant);
  return Verdict::NotApplicable;
}

std::uint64_t ended(const RunResult& result, Ending ending) {
  return result.verdicts.counters.endings[static_cast<int>(ending)];
}

TEST_CASE("2PC: last resources commit when all others have voted yes") {
  for (const char* file :
       {"narayana-3881-one-last-resource.ini", "narayana-3881-two-last-resources.ini"}) {
    for (const char* variant : {"basic", "presumed-abort", "presumed-commit"}) {
      CAPTURE(file, variant);
      const RunResult result =
          run(file, {"faults.fault=", std::string("two-phase-commit.variant=") + variant});
      CHECK(ended(result, Ending::Committed) == 1);
      CHECK(verdict_on(result, "atomicity") == Verdict::Holds);
      CHECK(verdict_on(result, "convergence") == Verdict::Holds);
    }
  }
}

// Product loses its branch, and the coordinator's wait for its vote times out before it asks point.
TEST_CASE("2PC: a last resource that was not yet asked to vote receives Abort") {
  for (const char* variant : {"basic", "presumed-abort", "presumed-commit"}) {
    CAPTURE(variant);
    const RunResult result =
        run("narayana-3881-one-last-resource.ini",
            {"faults.fault=crash product when product receives Prepare, 1st, for 1ms",
             "two-phase-commit.idle_timeout=never",
             std::string("two-phase-commit.variant=") + variant});
    CHECK(ended(result, Ending::Aborted) == 1);
    CHECK(verdict_on(result, "atomicity") == Verdict::Holds);
    CHECK(verdict_on(result, "convergence") == Verdict::Holds);
  }
}

TEST_CASE("2PC: a step done outside its transaction is in effect once after a crash") {
  const RunResult result = run(
      "seata-3387-retry-commits-by-itself.ini",
      {"service point.resource=balance 1000", "faults.fault=slow Update order -> point 1st by 50ms",
       "faults.fault=crash product at 1s for 10ms"});
  CHECK(ended(result, Ending::Committed) == 2);
  CHECK(verdict_on(result, "conservation") == Verdict::Holds);
  CHECK(verdict_on(result, "durability") == Verdict::Holds);
}

TEST_CASE("2PC: a branch that has released its rows releases them in a crash, too") {
  const RunResult result =
      run("seata-3056-branch-gone-lock-left.ini",
          {"workload.arrivals=at 0ms, 1s, 5s", "service point.resource=balance 2000",
           "faults.fault=crash product when product has forced prepared, 2nd, for 10ms"});
  CHECK(ended(result, Ending::Committed) == 2);  // the second loses its vote
  CHECK(ended(result, Ending::Aborted) == 1);
}

TEST_CASE("2PC: a step undone by the Abort of another branch stays undone after a crash") {
  const RunResult result =
      run("artemis-6168-rolls-back-another.ini",
          {"faults.fault=crash point when point receives Update, 1st, for 10ms",
           "faults.fault=crash point when point has forced committed, 1st, for 10ms"});
  CHECK(ended(result, Ending::Mixed) == 1);
  CHECK(verdict_on(result, "atomicity") == Verdict::Violated);
  CHECK(verdict_on(result, "conservation") == Verdict::Holds);
  CHECK(verdict_on(result, "convergence") == Verdict::Holds);
  CHECK(result.all_met);  // this includes the expected amounts
}

TEST_CASE("outbox: a relay's cursor survives a crash, and events below it are not published") {
  const RunResult result =
      run("kamu-1398-cursor-skips-a-row.ini", {"faults.fault=crash order at 500ms for 10ms"});
  CHECK(ended(result, Ending::Pending) == 2);  // as without the crash
}

TEST_CASE("outbox: tailing the log publishes events that polling with a cursor skips") {
  const RunResult result =
      run("kamu-1398-cursor-skips-a-row.ini", {"saga-choreography.relay=tailing"});
  CHECK(verdict_on(result, "no-lost-event") == Verdict::Holds);
}

TEST_CASE("broker: without durable queues only events published before they are back are lost") {
  const RunResult result = run("eventuate-194-no-queue-yet.ini", {"broker.queues_after=100ms"});
  CHECK(verdict_on(result, "no-lost-event") == Verdict::Holds);
  CHECK(ended(result, Ending::Committed) == 1);
}

TEST_CASE("TCC: an amount that a phase moves outside its database survives a restart") {
  const RunResult result = run("seata-6374-effect-outside-the-database.ini",
                               {"faults.fault=crash point at 1s for 10ms"});
  CHECK(ended(result, Ending::Committed) == 1);
  CHECK(verdict_on(result, "conservation") == Verdict::Holds);
}

TEST_CASE(
    "orchestrated saga: a refusal saved in its own write is harmless if a crash turns sagas back") {
  for (const char* setting :
       {"saga-orchestration.recovery=backward", "saga-orchestration.deadline=5s"}) {
    CAPTURE(setting);
    const RunResult result = run("dtm-035b86a-refusal-alone.ini", {setting});
    CHECK(verdict_on(result, "atomicity") == Verdict::Holds);
    CHECK(verdict_on(result, "convergence") == Verdict::Holds);
  }
}

// The orchestrator forgets the numbers of failures. At worst all compensations start at zero.
TEST_CASE(
    "orchestrated saga: a compensation that fails repeatedly lets others go first, even after "
    "crashes") {
  for (const char* at : {"500ms", "1500ms", "2500ms", "3s", "4s"}) {
    CAPTURE(at);
    const RunResult result = run("dtm-306-failing-one-backs-off.ini",
                                 {"faults.fault=slow Action order -> product by 80ms",
                                  "faults.fault=refuse point from 70ms to 1s",
                                  std::string("faults.fault=crash order at ") + at + " for 10ms"});
    CHECK(ended(result, Ending::Compensated) == 3);
    CHECK(verdict_on(result, "convergence") == Verdict::Holds);
  }
}

TEST_CASE(
    "orchestrated saga: without back-off no compensation starves if all are tried each time") {
  for (const char* batch : {"0", "2", "3"}) {
    CAPTURE(batch);
    const RunResult result = run("dtm-306-failing-one-first.ini",
                                 {std::string("saga-orchestration.registry_batch=") + batch});
    CHECK(ended(result, Ending::Compensated) == 3);
  }
}

}  // namespace
}  // namespace txsim::tests
