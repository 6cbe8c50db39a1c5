// One run from a scenario to its result: it is deterministic, is compared with the expectations,
// and can be written without its random draws and run again.
#include "runs/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "scenarios/language.h"
#include "tests/runs/fault_walk.h"
#include "tests/scenarios/parse.h"

namespace txsim::tests {
namespace {

const std::string kStormFile = "scenarios/order/two-phase-commit/storm.ini";
const std::string kCommit = "scenarios/order/two-phase-commit/commit.ini";
const std::string kDoubt = "scenarios/order/two-phase-commit/coordinator-never-returns.ini";

// Runs a file with these expectations instead of its own.
RunResult run_expecting(const std::string& file, const std::vector<std::string>& sentences,
                        std::vector<std::string> settings = {}) {
  for (const std::string& sentence : sentences) settings.push_back("expect.that=" + sentence);
  return run_scenario(load(file, settings));
}

bool meets(const std::string& file, const std::string& sentence) {
  const RunResult result = run_expecting(file, {sentence});
  REQUIRE(!result.expectations.empty());
  const Met& met = result.expectations.front();
  CHECK(met.expectation.text == sentence);
  CHECK(!met.seen.empty());
  return met.met;
}

TEST_CASE("run: the same scenario gives the same digest, with and without its trace") {
  for (const std::string& file : library_files()) {
    const auto scenario = load(file);
    const RunResult once = run_scenario(scenario);
    const RunResult again = run_scenario(scenario);
    const RunResult traced = run_scenario(scenario, {.keep_trace = true});
    INFO(file);
    CHECK(once.digest == again.digest);
    CHECK(once.digest == traced.digest);
    CHECK(once.trace.empty());
    CHECK(traced.trace.size() == traced.statistics.events);
    CHECK(once.all_met == traced.all_met);
  }
}

TEST_CASE("run: another seed gives another run, if the scenario has random draws") {
  CHECK(run_scenario(load(kStormFile, {"scenario.seed=1"})).digest !=
        run_scenario(load(kStormFile, {"scenario.seed=2"})).digest);
  CHECK(run_scenario(load(kCommit, {"scenario.seed=1"})).digest ==
        run_scenario(load(kCommit, {"scenario.seed=2"})).digest);
}

TEST_CASE("run: an expected verdict is met or not") {
  CHECK(meets(kCommit, "agreement holds"));
  CHECK_FALSE(meets(kCommit, "agreement is violated"));
  CHECK_FALSE(meets(kCommit, "agreement is vacuous"));
  CHECK(meets(kDoubt, "convergence is vacuous"));
  CHECK(meets(kCommit, "compensation-order is not applicable"));
}

TEST_CASE("run: an expected number of outcomes is met or not") {
  CHECK(meets(kCommit, "1 transaction is committed"));
  CHECK(meets(kCommit, "all transactions are committed"));
  CHECK(meets(kCommit, "no transaction is aborted"));
  CHECK_FALSE(meets(kCommit, "2 transactions are committed"));
  CHECK_FALSE(meets(kDoubt, "all transactions are aborted"));
  CHECK(meets(kDoubt, "at least 1 transaction is in doubt"));
  CHECK_FALSE(meets(kDoubt, "at most 0 transactions are in doubt"));
}

TEST_CASE("run: an expected reply to clients is met or not") {
  CHECK(meets(kCommit, "all clients are told done"));
  CHECK(meets(kDoubt, "1 client is told nothing"));
  CHECK_FALSE(meets(kDoubt, "all clients are told failed"));
  CHECK_FALSE(meets(kCommit, "no client is told done"));
}

TEST_CASE("run: an expected amount is met or not") {
  CHECK(meets(kCommit, "stock at product is 98"));
  CHECK(meets(kCommit, "stock at product is at least 98"));
  CHECK(meets(kCommit, "reserved stock at product is 0"));
  CHECK_FALSE(meets(kCommit, "stock at product is at most 97"));
}

TEST_CASE("run: an expected counter is met or not") {
  CHECK(meets(kCommit, "messages.Prepare is 2"));
  CHECK(meets(kCommit, "messages is 14"));
  CHECK(meets(kCommit, "forces.order is 1"));
  CHECK(meets(kCommit, "records.product is 2"));
  CHECK(meets(kCommit, "retries is 0"));
  CHECK(meets(kCommit, "lost is 0"));
  CHECK(meets(kCommit, "violations is 0"));
  CHECK(meets(kDoubt, "longest_lock_wait is 8s"));
  CHECK_FALSE(meets(kDoubt, "longest_lock_wait is at most 7999ms"));
  CHECK_FALSE(meets(kCommit, "messages.Prepare is at least 3"));
}

TEST_CASE("run: a violated invariant without an expectation fails the run") {
  const std::string file = "scenarios/order/two-phase-commit/decision-not-forced.ini";
  const RunResult result = run_expecting(file, {"unanimity holds"});
  CHECK_FALSE(result.all_met);
  CHECK(result.expectations.front().met);
  REQUIRE(result.expectations.size() >= 2);
  for (std::size_t i = 1; i < result.expectations.size(); ++i) {
    CHECK_FALSE(result.expectations[i].met);
    CHECK(result.expectations[i].seen == "violated");
  }
}

TEST_CASE("run: one unmet expectation is enough, and the others are still reported") {
  const RunResult result =
      run_expecting(kCommit, {"stock at product is 98", "stock at product is 7"});
  CHECK_FALSE(result.all_met);
  REQUIRE(result.expectations.size() == 2);
  CHECK(result.expectations[0].met);
  CHECK_FALSE(result.expectations[1].met);
  CHECK(result.expectations[1].seen == "98");
}

TEST_CASE("run: a run that the horizon cuts off is reported as cut off") {
  const RunResult whole = run_expecting(kCommit, {"atomicity holds"});
  CHECK(whole.idle);
  const RunResult cut = run_expecting(kCommit, {}, {"scenario.horizon=9ms"});
  CHECK_FALSE(cut.idle);
  CHECK(cut.end <= Time{milliseconds(9).ns});
  CHECK(cut.statistics.events < whole.statistics.events);
}

// The scenario with the run's faults as fault lines, and without random rates.
std::shared_ptr<const Scenario> written_out(const std::string& file, const std::string& seed,
                                            const RunResult& result) {
  std::vector<std::string> settings = {seed, "network.loss=0", "network.duplication=0"};
  for (const std::string& own : result.scenario->fault_texts) {
    settings.push_back("faults.fault=" + own);
  }
  for (const Fault& fault : result.faults_met) {
    settings.push_back("faults.fault=" +
                       fault_text(fault, *result.scenario, result.spec->dictionary));
  }
  Scenario scenario = *load(file, settings);
  scenario.random_faults = {};
  return std::make_shared<const Scenario>(std::move(scenario));
}

TEST_CASE("run: random faults written out as fault lines give the same run") {
  for (const std::string& file :
       {kStormFile, std::string("scenarios/order/two-phase-commit/lost-messages.ini"),
        std::string("tests/runs/weather.ini")}) {
    for (int number = 1; number <= 5; ++number) {
      const std::string seed = fmt::format("scenario.seed={}", number);
      const RunResult drawn = run_scenario(load(file, {seed}), {.keep_trace = true});
      const RunResult placed = run_scenario(written_out(file, seed, drawn), {.keep_trace = true});
      INFO(file << ", " << seed << ": " << drawn.faults_met.size() << " faults met");
      CHECK(drawn.faults_met.size() >= 5);
      CHECK(first_difference(drawn.trace, placed.trace) == -1);
      CHECK(drawn.digest == placed.digest);
      CHECK(placed.faults_met.empty());
    }
  }
}

// The coordinator aborts although all participants vote yes, and no failure occurred. The delay of
// a message that was never sent is no failure.
TEST_CASE("run: a fault that never struck excuses no violation") {
  const std::string file = "scenarios/order/two-phase-commit/impatient-coordinator.ini";
  const auto nontrivial = [&](const std::string& fault) {
    const RunResult result = run_scenario(load(file, {"faults.fault=" + fault}));
    for (const Judgement& one : result.verdicts.judgements) {
      if (one.invariant == "nontrivial") return one.verdict;
    }
    return Verdict::NotApplicable;
  };
  CHECK(nontrivial("slow Prepare order -> point 9th by 1ms") == Verdict::Violated);
  CHECK(nontrivial("slow Prepare order -> point 1st by 1us") == Verdict::Vacuous);
}

}  // namespace
}  // namespace txsim::tests
