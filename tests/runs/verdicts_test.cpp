// Runs that the judge once misjudged, each minimal, and messages and timers under way at the end of
// a run.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "reports/timeline.h"
#include "runs/run.h"
#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

const std::string kMisjudged = "tests/runs/verdicts/";

Judgement judgement_in(const RunResult& result, std::string_view invariant) {
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.invariant == invariant) return judgement;
  }
  FAIL("no verdict on " << invariant);
  return {};
}

RunResult run_case(const std::string& file, const Settings& settings = {}) {
  return run_scenario(load(kMisjudged + file, settings), {.keep_trace = true});
}

TEST_CASE("verdicts: runs that were once misjudged get the expected verdicts") {
  const char* file = GENERATE(
      "judged-before-its-end", "take-and-give-of-one-resource-aborted-then-crash",
      "one-phase-commit-arrives-late", "submitted-twice-second-execution-aborts",
      "refused-repeat-told-failed", "reserved-forever", "compensated-while-a-sibling-is-active",
      "cause-blamed-ten-seconds-early", "cause-blamed-cured", "local-as-read-survives-a-crash",
      "put-off-again-without-inbox", "executed-twice-then-crashes-local",
      "executed-twice-then-crashes-two-phase-commit", "a-vote-of-the-execution-before",
      "called-off-before-the-action-is-written", "records-lost-in-a-crash",
      "locked-forever-by-one-of-two-kinds", "a-client-set-back-submits-again",
      "commits-while-a-lost-step-waits", "held-up-by-another-submission",
      "a-later-submission-succeeds", "one-is-cut-one-is-stuck", "cut-off-behind-a-busy-sweep",
      "blocked-by-its-coordinator", "confirmed-in-part-and-left", "one-dirty-use",
      "compensated-after-it-was-committed", "forgotten-and-executed-again",
      "compensated-once-of-twice", "executed-again-then-crashes");
  const RunResult result = run_case(std::string(file) + ".ini");
  for (const Met& met : result.expectations) {
    INFO(file << ": " << met.seen);
    CHECK(met.met);
  }
}

TEST_CASE(
    "verdicts: of two executions of one transaction, a restarted coordinator recalls the last") {
  const char* protocol = GENERATE("tcc", "saga-orchestration", "saga-choreography");
  const RunResult result =
      run_case("executed-again-then-crashes.ini", {std::string("scenario.protocol=") + protocol});
  INFO(protocol);
  CHECK(result.all_met);
  const Trace& records = result.trace;
  const auto restart = std::find_if(records.begin(), records.end(), [](const TraceRecord& record) {
    return record.kind == EventKind::Restarted && record.time > Time{0};
  });
  REQUIRE(restart != records.end());
  std::vector<std::int64_t> recalled;
  for (auto record = restart; record != records.end(); ++record) {
    if (record->what == fact_word(FactKind::Decided)) recalled.push_back(record->value);
  }
  CHECK(recalled == std::vector{static_cast<std::int64_t>(Outcome::Aborted)});
}

TEST_CASE("verdicts: a healthy run at its horizon is cut off, for every seed") {
  int cut = 0;
  for (int seed = 1; seed <= 40; ++seed) {
    const RunResult result =
        run_case("cut-by-its-horizon.ini", {fmt::format("scenario.seed={}", seed)});
    INFO(seed);
    CHECK(result.all_met);
    CHECK_FALSE(result.idle);
    const Judgement judgement = judgement_in(result, "convergence");
    CHECK(judgement.verdict != Verdict::Violated);
    if (judgement.verdict != Verdict::Vacuous) continue;
    ++cut;
    CHECK(judgement.explanation.starts_with("cut off with "));
    CHECK(judgement.explanation.ends_with(" under way"));
  }
  CHECK(cut > 5);
}

TEST_CASE(
    "verdicts: of two open transactions at the horizon, the one that is cut off is not reported") {
  const RunResult result = run_case("one-is-cut-one-is-stuck.ini");
  for (const char* invariant : {"convergence", "atomicity", "truthful-reply"}) {
    const Judgement judgement = judgement_in(result, invariant);
    INFO(invariant << ": " << judgement.explanation);
    CHECK(judgement.violations == 1);
    CHECK(judgement.explanation.find("order 2") != std::string::npos);
  }
}

TEST_CASE("verdicts: a run is cut off even if many events precede the timer that helps") {
  for (const char* every : {"2ms", "20ms", "500ms", "3s"}) {
    const Settings settings = {std::string("tcc.sweep_after=") + every};
    INFO(every);
    CHECK(judgement_in(run_case("cut-off-behind-a-busy-sweep.ini", settings), "atomicity")
              .explanation.starts_with("cut off with "));
  }
  const RunResult whole = run_case("cut-off-behind-a-busy-sweep.ini", {"scenario.horizon=20m"});
  CHECK(judgement_in(whole, "convergence").verdict == Verdict::Holds);
}

TEST_CASE("verdicts: the reported event is the crash of the named node") {
  const RunResult result = run_case("blocked-by-its-coordinator.ini");
  const Judgement judgement = judgement_in(result, "non-blocking");
  CHECK(judgement.explanation.find("desk is down for good") != std::string::npos);
  REQUIRE(judgement.event > 0);
  const TraceRecord& event = result.trace[judgement.event - 1];
  CHECK(event.kind == EventKind::Crashed);
  CHECK(event.time == Time{9'500'000});
}

TEST_CASE("verdicts: a half-done transaction is reported without an event") {
  const RunResult result = run_case("confirmed-in-part-and-left.ini");
  CHECK(judgement_in(result, "atomicity").event == 0);
}

TEST_CASE("verdicts: a livelock is a violation, wherever the horizon cuts it") {
  for (const char* horizon : {"20s", "21s", "200s"}) {
    const RunResult result =
        run_case("refused-forever.ini", {std::string("scenario.horizon=") + horizon});
    INFO(horizon);
    CHECK_FALSE(result.idle);
    CHECK(judgement_in(result, "convergence").verdict == Verdict::Violated);
  }
}

TEST_CASE("verdicts: a drop without an end is an open fault, one with an end has healed") {
  const auto convergence = [](const std::string& window) {
    const RunResult result =
        run_case("a-sale.ini", {"faults.fault=drop Commit desk -> depot" + window});
    return judgement_in(result, "convergence").verdict;
  };
  CHECK(convergence("") == Verdict::Vacuous);
  CHECK(convergence(" from 0s to 5s") == Verdict::Holds);
}

TEST_CASE("verdicts: a long timeline shows a repeat once, and every event that a violation names") {
  const RunResult result = run_case("judged-before-its-end.ini", {"service tracker.disk=100s"});
  const std::string cut = timeline(result, {}, {20, 100, Paint()});
  CAPTURE(cut);
  CHECK(cut.find("more, until") != std::string::npos);
}

}  // namespace
}  // namespace txsim::tests
