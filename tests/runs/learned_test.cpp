// Defects that walks over faults have found, each with the fault that exposed it.
#include <catch2/catch.hpp>

#include "runs/run.h"
#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

const std::string kCommitFolder = "scenarios/order/two-phase-commit/";

RunResult run_with(const std::string& file, const std::string& fault) {
  return run_scenario(
      load(kCommitFolder + file, {"faults.fault=" + fault, "scenario.horizon=60s"}));
}

Verdict verdict_of_run(const RunResult& result, std::string_view invariant) {
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.invariant == invariant) return judgement.verdict;
  }
  FAIL("no verdict on " << invariant);
  return Verdict::NotApplicable;
}

// 1. The coordinator forces its collecting record, sends Prepare and crashes. Its own steps are
// lost.
// 2. It restarts, finds the collecting record and is about to abort.
// 3. All votes arrive in the same instant and are yes. The coordinator used to commit: the
// participants' steps were in effect, its own were not.
TEST_CASE("2PC: a coordinator that crashed while collecting aborts although all votes arrive") {
  const RunResult result =
      run_with("presumed-commit.ini", "crash order when product has forced prepared, 1st, for 1ms");
  CHECK(verdict_of_run(result, "atomicity") == Verdict::Holds);
  CHECK(verdict_of_run(result, "unanimity") != Verdict::Violated);
  CHECK(result.verdicts.counters.endings[static_cast<int>(Ending::Aborted)] == 1);
}

// 1. The idempotent receiver requests the order's lock and crashes. When the grant arrives, it
// sends ReleaseLock.
// 2. A copy of the submission arrives. The receiver requests the lock again and still owns it.
// 3. The ReleaseLock of (1) frees the lock, and a second submission of the order gets it. Both
// submissions used to be executed.
TEST_CASE("idempotent receiver: a lock released after a crash is not the lock requested since") {
  for (const char* fault : {"crash order at 76033us for 1ms",
                            "crash order when lock sends LockAcquired to order, 15th, for 1ms"}) {
    const RunResult result = run_with("duplicate-messages.ini", fault);
    INFO(fault);
    CHECK(verdict_of_run(result, "exactly-once") == Verdict::Holds);
    CHECK(verdict_of_run(result, "convergence") == Verdict::Holds);
  }
}

}  // namespace
}  // namespace txsim::tests
