// Compares the two judges on random scenarios. scripts/judges runs the long, hidden test:
// TXSIM_RUNS is the number of scenarios, TXSIM_FIRST_SEED (1) the first seed, TXSIM_SHARD=1/2
// selects every second scenario, TXSIM_KEEP names a folder for the findings.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "scenarios/values.h"
#include "tests/judge/compare.h"
#include "tests/judge/random_runs.h"
#include "tests/runs/sweep.h"

namespace txsim::reference {
namespace {

// All four tests together run this number of scenarios.
constexpr std::uint64_t kRuns = TXSIM_SANITIZED ? 200 : 20'000;
constexpr std::uint64_t kParts = 4;

std::string from_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

void keep(const std::string& folder, std::string kind, const std::string& scenario) {
  if (folder.empty()) return;
  std::replace_if(
      kind.begin(), kind.end(), [](char c) { return (c < 'a' || c > 'z') && (c < '0' || c > '9'); },
      '-');
  std::filesystem::create_directories(folder);
  std::ofstream(std::filesystem::path(folder) / (kind + ".ini")) << scenario;
}

void hold_against_each_other(const RandomRuns& runs, const std::string& folder) {
  const FoundInRuns found = find_in_random_runs(runs);
  for (const auto& [kind, one] : found.kinds) {
    const std::string scenario = as_scenario(kind, one);
    keep(folder, kind, scenario);
    UNSCOPED_INFO(scenario);
  }
  CHECK(found.kinds.empty());
  CHECK(found.too_long <= 1 + found.runs / 10'000);
  if (runs.runs > kRuns || !folder.empty()) {
    fmt::print("{}/{}: {} scenarios, {} too long to compare, {} events, {} kinds of findings\n",
               runs.part, runs.parts, found.runs, found.too_long, found.events, found.kinds.size());
  }
}

}  // namespace

TEST_CASE("judges: they agree on random scenarios, first quarter") {
  hold_against_each_other({kRuns, 1, 1, kParts}, {});
}
TEST_CASE("judges: they agree on random scenarios, second quarter") {
  hold_against_each_other({kRuns, 1, 2, kParts}, {});
}
TEST_CASE("judges: they agree on random scenarios, third quarter") {
  hold_against_each_other({kRuns, 1, 3, kParts}, {});
}
TEST_CASE("judges: they agree on random scenarios, last quarter") {
  hold_against_each_other({kRuns, 1, 4, kParts}, {});
}

// For tests/mutants. Findings are not shrunk.
TEST_CASE("judges: the first of few random scenarios on which they differ", "[.comparison]") {
  constexpr std::uint64_t kFew = 4'000;
  const FoundInRuns found = find_in_random_runs({.runs = kFew, .stops_at_first = true});
  if (found.stopped) fmt::print("differ after {} scenarios\n", found.runs);
  for (const auto& [kind, one] : found.kinds) UNSCOPED_INFO(kind << " in " << one.first);
  CHECK_FALSE(found.stopped);
}

// TXSIM_SCENARIO names the file, for example one that scripts/judges wrote.
TEST_CASE("judges: they agree on a scenario", "[.judge]") {
  std::ifstream file(from_environment("TXSIM_SCENARIO", ""));
  REQUIRE(file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const Finding& finding : compare(text).findings) {
    FAIL_CHECK(finding.kind << ": " << finding.why);
  }
}

TEST_CASE("judges: they agree on very many random scenarios", "[.judges]") {
  const auto number = [](const std::string& text) {
    return parse_whole(text, 1'000'000'000, "1000000");
  };
  RandomRuns runs;
  runs.runs = number(from_environment("TXSIM_RUNS", "1000000"));
  runs.first_seed = number(from_environment("TXSIM_FIRST_SEED", "1"));
  const auto [part, parts] = tests::shard();
  runs.part = static_cast<std::uint64_t>(part);
  runs.parts = static_cast<std::uint64_t>(parts);
  hold_against_each_other(runs, from_environment("TXSIM_KEEP", ""));
}

}  // namespace txsim::reference
