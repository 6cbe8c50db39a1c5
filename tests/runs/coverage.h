// What is the same in testing every protocol: its promises held against one more fault at every
// place of every cured scenario of the library, and against bad weather; and that the walk finds a
// broken promise once a mechanism is switched off. A protocol's test file says what is its own: how
// long its crashes last, which settings it is tried with, how many runs there are at least.
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

// The least numbers that must be reached, so that a test that no longer tests is noticed.
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
  std::string title;  // of the lines that it prints
  // A crash lasts one message delay, or so long that every timeout runs out meanwhile.
  std::vector<Duration> downs;
  std::vector<Duration> delays;     // of a message that is late
  std::vector<Duration> copies;     // after so long a message arrives again
  std::vector<Walkable> besides{};  // walked too, besides the cured scenarios as they are
  // Bad weather: one of each of these, in every combination; a later one overrides an earlier.
  std::vector<std::vector<Settings>> choices{};
  std::uint64_t seeds = 0;  // of each combination
  LeastRuns least;
};

// Each fails the test and prints what was broken, with the command that shows it.
void hold_in_crashes(const Coverage& coverage);
void hold_in_losses(const Coverage& coverage);
void hold_in_delays(const Coverage& coverage);
void hold_in_copies(const Coverage& coverage);
// `with` goes over what the choices say.
void hold_in_bad_weather(const Coverage& coverage, const Settings& with = {});
// With each of these settings, which switch a mechanism off, some fault breaks a promise in one of
// the scenarios, which breaks none without that fault.
void find_broken(const std::vector<std::string>& mechanisms,
                 const std::vector<Walkable>& scenarios);

// Of every protocol that promises anything.
const std::vector<Coverage>& coverages();
Coverage two_phase_commit_coverage();
Coverage three_phase_commit_coverage();
Coverage tcc_coverage();
Coverage saga_orchestration_coverage();
Coverage saga_choreography_coverage();

}  // namespace txsim::tests
