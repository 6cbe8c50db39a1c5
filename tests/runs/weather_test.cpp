// Two-phase commit in bad weather: the same orders under other random faults with each seed.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "protocols/catalogue.h"
#include "runs/run.h"
#include "scenarios/language.h"
#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

constexpr const char* kFile = "tests/runs/weather.ini";
constexpr std::uint64_t kSeeds = 400;  // of each of sixteen settings of each variant

std::string broken_with(const std::shared_ptr<const Scenario>& scenario) {
  const std::vector<std::string_view> promises = two_phase_commit_info().promises;
  std::string broken;
  try {
    for (const Judgement& judgement : run_scenario(scenario).verdicts.judgements) {
      const bool promised =
          std::find(promises.begin(), promises.end(), judgement.invariant) != promises.end();
      if (!promised || judgement.verdict != Verdict::Violated) continue;
      broken += fmt::format("\n  {} (event {}): {}", judgement.invariant, judgement.event,
                            judgement.explanation);
    }
  } catch (const std::logic_error& defect) {
    broken = fmt::format("\n  {}", defect.what());
  }
  return broken;
}

Walked sweep(const std::vector<std::string>& settings) {
  Walked walked;
  const auto parsed = load(kFile, settings);
  for (std::uint64_t seed = 1; seed <= std::max<std::uint64_t>(kSeeds / kStride, 10); ++seed) {
    auto scenario = std::make_shared<Scenario>(*parsed);
    scenario->seed = seed;
    scenario->workload.seed = seed;
    ++walked.runs;
    const std::string broken = broken_with(scenario);
    if (broken.empty()) continue;
    std::string command = fmt::format("txsim run {} --seed {}", kFile, seed);
    for (const std::string& setting : settings) command += fmt::format(" --set '{}'", setting);
    walked.note(command + broken);
  }
  return walked;
}

using Settings = std::vector<std::string>;

// Each with and without: asking one another in doubt; orders that repeat at an entrance; delays
// that are all alike, so that much happens in one instant.
const std::vector<std::vector<Settings>> kChoices = {
    {{}, {"two-phase-commit.cooperative_termination=on"}},
    {{},
     {"entrance.enabled=on", "faults.duplication=5%", "workload.retries=2", "workload.repeats=1",
      "workload.repeat_after=300ms"}},
    {{},
     {"network.delay=1ms", "disk.delay=1ms", "service point.disk=2ms",
      "workload.arrivals=every 15ms", "store.lock_timeout=12ms",
      "two-phase-commit.update_timeout=15ms", "two-phase-commit.vote_timeout=15ms",
      "two-phase-commit.idle_timeout=40ms", "two-phase-commit.decision_timeout=8ms",
      "two-phase-commit.resend_after=5ms", "faults.crash_every=80ms", "faults.crash_for=1ms",
      "faults.pause_every=150ms", "faults.pause_for=2ms", "faults.partition_every=150ms",
      "faults.partition_for=3ms", "faults.quiet_after=200ms"}},
    {{}, {"two-phase-commit.with_prepare=on"}}};

void hold_in_bad_weather(const std::string& variant) {
  std::vector<Settings> all = {{"two-phase-commit.variant=" + variant}};
  for (const std::vector<Settings>& choice : kChoices) {
    std::vector<Settings> longer;
    for (const Settings& before : all) {
      for (const Settings& more : choice) {
        longer.push_back(before);
        longer.back().insert(longer.back().end(), more.begin(), more.end());
      }
    }
    all = longer;
  }
  std::uint64_t runs = 0;
  for (const Settings& settings : all) {
    const Walked walked = sweep(settings);
    runs += walked.runs;
    walked.require_nothing_broken();
  }
  fmt::print("{}: {} runs in bad weather\n", variant, runs);
  CHECK((kStride > 1 || runs >= 4'000));
}

TEST_CASE("2PC: basic keeps its promises in bad weather") { hold_in_bad_weather("basic"); }

TEST_CASE("2PC: presumed abort keeps its promises in bad weather") {
  hold_in_bad_weather("presumed-abort");
}

TEST_CASE("2PC: presumed commit keeps its promises in bad weather") {
  hold_in_bad_weather("presumed-commit");
}

}  // namespace
}  // namespace txsim::tests
