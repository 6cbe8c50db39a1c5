// The fault tests that all protocols share. They add one more fault at every place of every cured
// scenario of the library, run each protocol in bad weather, and check that its promises hold. They
// also check that a walk finds a broken promise if a mechanism is off. Each protocol's test file
// gives its own crash durations, settings and minimum numbers of runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/registry.h"
#include "tests/runs/fault_walk.h"

namespace txsim::tests {

struct Walkable {
  std::string file;
  Settings settings;
};

// Minimum numbers, so that a test that no longer tests anything fails.
struct LeastRuns {
  std::uint64_t scenarios = 0;
  std::uint64_t crashes = 0;
  std::uint64_t losses = 0;
  std::uint64_t delays = 0;
  std::uint64_t copies = 0;
  std::uint64_t storms = 0;
};

struct Coverage {
  std::shared_ptr<const Protocol> protocol;
  std::string title;  // title of the printed lines
  // Crash durations: one message delay, and long enough for every timeout to fire.
  std::vector<Duration> downs;
  std::vector<Duration> delays;     // of a late message
  std::vector<Duration> copies;     // until a message arrives a second time
  std::vector<Walkable> besides{};  // walked in addition to the cured scenarios
  // Bad weather: every combination with one element of each list. A later setting overrides an
  // earlier one.
  std::vector<std::vector<Settings>> choices{};
  std::uint64_t seeds = 0;  // for each combination
  LeastRuns least;
};

// Each function fails the test on a broken promise and prints the command that reproduces it.
void hold_in_crashes(const Coverage& coverage);
void hold_in_losses(const Coverage& coverage);
void hold_in_delays(const Coverage& coverage);
void hold_in_copies(const Coverage& coverage);
// `with` overrides the choices.
void hold_in_bad_weather(const Coverage& coverage, const Settings& with = {});
// Each of these settings switches a mechanism off. With each, some fault breaks a promise in one of
// the scenarios. Without the fault that scenario breaks none.
void find_broken(const std::vector<std::string>& mechanisms,
                 const std::vector<Walkable>& scenarios);

// The coverage of every protocol that promises anything.
const std::vector<Coverage>& coverages();
Coverage two_phase_commit_coverage();
Coverage three_phase_commit_coverage();
Coverage tcc_coverage();
Coverage saga_orchestration_coverage();
Coverage saga_choreography_coverage();

}  // namespace txsim::tests
