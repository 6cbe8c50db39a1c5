// A grader with txsim as a library: it runs a scenario once, with many seeds and in every order,
// and shrinks what it finds. docs/library.md explains it piece by piece.
//
// usage: grade FILE [KEY=VALUE...]
// Exit status 0: nothing is violated; 1: something is; 2: the file is not a scenario.
#include <fmt/format.h>
#include <txsim/explore.h>
#include <txsim/run.h>
#include <txsim/scenario.h>
#include <txsim/shrink.h>
#include <txsim/sweep.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace txsim;
using ScenarioPointer = std::shared_ptr<const Scenario>;

constexpr std::uint64_t kSeeds = 300;

// ---- From text to a scenario

FileText read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {std::nullopt, "cannot be read"};
  return {std::string(std::istreambuf_iterator<char>(file), {}), ""};
}

ScenarioPointer read(const std::string& path, const std::vector<std::string>& settings) {
  const ParsedScenario parsed = parse_scenario(path, read_file, settings);
  for (const ScenarioError& error : parsed.errors) fmt::print(stderr, "{}\n", text(error));
  return parsed.scenario;
}

// ---- One run, and what the judge says of it

bool run_once(const ScenarioPointer& scenario) {
  const RunResult result = run_scenario(scenario);
  fmt::print("run      {} events, digest {:016x}\n", result.statistics.events, result.digest);
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict != Verdict::Violated) continue;
    fmt::print("         {}: {}\n", judgement.invariant, judgement.explanation);
  }
  return result.all_met;
}

// ---- Many seeds; the first that violates an invariant

std::optional<std::uint64_t> sweep(const ScenarioPointer& scenario) {
  const SweepCell cell(scenario, {});
  std::uint64_t violated = 0;
  std::optional<std::uint64_t> first;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    if (!cell.run(seed).is_violated(scenario->protocol_name())) continue;
    ++violated;
    if (!first) first = seed;
  }
  fmt::print("sweep    {} of {} seeds violate an invariant\n", violated, kSeeds);
  return first;
}

// ---- Every order of events, with a crash at every place

bool explore_all(const ScenarioPointer& scenario) {
  ExploreSettings settings;
  settings.budget.crashes = 1;
  const ExploreResult result = explore(scenario, settings);
  fmt::print("explore  {} states{}\n", result.search.states,
             result.search.end == SearchEnd::Exhausted ? ", exhausted" : "");
  if (!result.counterexample) return result.search.end == SearchEnd::Exhausted;
  const Counterexample& found = *result.counterexample;
  fmt::print("         {} after {} choices: {}\n", found.schedule.violated,
             found.schedule.steps.size(), found.explanation);
  return false;
}

// ---- The least scenario that still violates it

void shrink_seed(const std::string& path, std::vector<std::string> settings, std::uint64_t seed) {
  settings.push_back(fmt::format("scenario.seed={}", seed));
  const ReadDraft read = read_draft(path, read_file, settings);
  const ShrinkResult least = shrink(*read.draft, {});
  fmt::print("shrink   seed {} violates {}: from {} events to {}\n\n{}", seed, least.invariant,
             least.before.events, least.after.events, text(least.draft));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: grade FILE [KEY=VALUE...]\n");
    return 2;
  }
  const std::vector<std::string> settings(argv + 2, argv + argc);
  const ScenarioPointer scenario = read(argv[1], settings);
  if (!scenario) return 2;
  bool is_good = run_once(scenario);
  const std::optional<std::uint64_t> violating = sweep(scenario);
  is_good &= explore_all(scenario);
  if (violating) shrink_seed(argv[1], settings, *violating);
  return is_good && !violating ? 0 : 1;
}
