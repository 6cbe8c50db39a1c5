// Coverage of states: combinations seen in runs, and combinations that an exploration reaches.
#include "reports/state_coverage.h"

#include <catch2/catch.hpp>

#include "runs/explored_runs.h"
#include "tests/runs/fault_walk.h"

namespace {

using namespace txsim;

RunResult run(const std::string& file, const std::vector<std::string>& settings = {}) {
  RunOptions options;
  options.keep_trace = true;
  return run_scenario(tests::load(file, settings), options);
}

std::uint64_t count(const StateCoverage& coverage, const char* role, const char* state,
                    const char* what, Meeting meeting) {
  const auto machine = coverage.machines().find({"two-phase-commit", role});
  if (machine == coverage.machines().end()) return 0;
  const auto spot = machine->second.find({state, what});
  return spot == machine->second.end() ? 0 : spot->second[static_cast<std::size_t>(meeting)];
}

constexpr const char* kCommit = "scenarios/order/two-phase-commit/commit.ini";

}  // namespace

TEST_CASE("coverage: a message is counted in the state of its receiver at its arrival") {
  StateCoverage coverage;
  coverage.add(run(kCommit));
  CHECK(count(coverage, "participant", "updated", "Prepare", Meeting::Arrives) == 2);
  CHECK(count(coverage, "participant", "prepared", "Commit", Meeting::Arrives) == 2);
  CHECK(count(coverage, "participant", "prepared", "Prepare", Meeting::Arrives) == 0);
  CHECK(count(coverage, "participant", "prepared", "Commit", Meeting::Lost) == 0);
}

TEST_CASE("coverage: a fault is counted in the state of the affected receiver") {
  StateCoverage coverage;
  coverage.add(run("scenarios/order/two-phase-commit/commit-resent.ini"));
  coverage.add(run("scenarios/order/two-phase-commit/duplicate-vote-ignored.ini"));
  coverage.add(run("scenarios/order/two-phase-commit/product-crashes-after-its-vote.ini"));
  CHECK(coverage.runs() == 3);
  CHECK(count(coverage, "participant", "prepared", "Commit", Meeting::Refused) +
            count(coverage, "participant", "prepared", "Commit", Meeting::Lost) >
        0);
  CHECK(count(coverage, "coordinator", "deciding", "VoteYes", Meeting::Again) > 0);
  CHECK(count(coverage, "participant", "prepared", "", Meeting::Crashes) == 1);
}

TEST_CASE("coverage: an exploration covers everything that a run covers, and more") {
  const auto scenario = tests::load(kCommit);
  ExploreSettings settings;
  settings.budget = {.losses = 1};
  StateCoverage all;
  const SearchResult search =
      each_explored_run(scenario, settings, [&](const RunResult& one) { all.add(one); });
  CHECK(search.end == SearchEnd::Exhausted);
  CHECK(all.runs() == search.transitions);
  CHECK(count(all, "participant", "prepared", "Commit", Meeting::Lost) > 0);
  StateCoverage met;
  met.add(run(kCommit));
  const CoverageReport report{&met, &all, "one run", "all"};
  const CoverageTally held = tally(report);
  CHECK(held.met < held.of);
  CoverageReport itself{&all, &all, "all", "all"};
  CHECK(tally(itself).met == tally(itself).of);
  CHECK(tally(itself).of == held.of);
  CHECK(text_coverage(report, Paint()).find("al") != std::string::npos);
}
