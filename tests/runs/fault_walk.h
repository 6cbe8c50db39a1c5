// Runs a scenario again and again with one more fault, another one each time, and says which
// invariants that its protocol promises were broken, and how to see it at a shell.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

namespace txsim::tests {

// Builds without optimisation are some twenty times slower, with sanitizers more: there a walk
// takes every 23rd or 97th place only. Numbers prime to the patterns that a trace repeats.
#if TXSIM_SANITIZED
inline constexpr std::uint64_t kStride = 97;
#elif !defined(__OPTIMIZE__)
inline constexpr std::uint64_t kStride = 23;
#else
inline constexpr std::uint64_t kStride = 1;
#endif

// The most events that are run again for one fault at every place of a scenario: up to 2,400 events
// each place is taken, in longer traces fewer, evenly spread. TXSIM_WALK_ALL=1 takes all of them.
inline constexpr std::uint64_t kMostEvents = 6'000'000;
bool walks_all();

// TXSIM_SHARD=2/3: of what there is to do, this process does every third, from the second on.
struct Shard {
  std::uint64_t part = 1;
  std::uint64_t parts = 1;
  bool takes(std::uint64_t number) const { return number % parts == part - 1; }
};
Shard shard();

// As with --set: "tcc.retry=off".
using Settings = std::vector<std::string>;

// All scenario files of the library in the order of their names, relative to its root.
std::vector<std::string> library_files();
// How a file of the project is read, by its path from the root.
FileText read_text(const std::string& path);
// A file of the project, likewise. Fails the test if it has errors.
std::shared_ptr<const Scenario> load(const std::string& path, const Settings& settings = {});

// The scenario as the language has it where a message arrives twice: orders may repeat.
std::shared_ptr<const Scenario> as_if_repeating(const Scenario& scenario);

class FaultWalk {
 public:
  // Runs the scenario once as it is, but that it may last two minutes longer to converge.
  // `settings`: those that it was parsed with, for the command that runs it again.
  explicit FaultWalk(std::shared_ptr<const Scenario> scenario, Settings settings = {});

  const Scenario& scenario() const { return *scenario_; }
  const Trace& trace() const { return trace_; }
  // Of so many places for a fault, every how many-th is taken.
  std::uint64_t stride(std::uint64_t places) const;
  // One more run, with this fault besides the scenario's own. What was broken; empty: nothing.
  std::string run_with(const Fault& fault);
  std::string run_as_it_is() const;
  std::uint64_t runs() const { return runs_; }

 private:
  std::string tell_event(std::uint64_t sequence) const;

  std::shared_ptr<const Scenario> scenario_;
  Settings settings_;
  std::shared_ptr<const WorldSpec> spec_;
  WorldSpec bare_;  // without names, which are slow to copy
  std::unique_ptr<Observer> judge_;
  Trace trace_;
  std::uint64_t runs_ = 0;
};

// What walks over several scenarios have come to.
struct Walked {
  std::uint64_t scenarios = 0;
  std::uint64_t runs = 0;
  std::vector<std::string> broken;

  void add(const FaultWalk& walk) {
    ++scenarios;
    runs += walk.runs();
  }
  void note(std::string problem) {
    if (!problem.empty()) broken.push_back(std::move(problem));
  }
  // Prints the first few that are, and fails the test.
  void require_nothing_broken() const;
};

// Right after each event, each node crashes and comes back `down` later.
void crash_everywhere(FaultWalk& walk, Duration down, Walked& walked);
// Right after each event of a node, that node crashes and comes back `down` later. Between two of
// its events only what is on its way to it changes.
void crash_at_own_events(FaultWalk& walk, Duration down, Walked& walked);
// Each message meets the fault (Drop, Slow or Duplicate, by `delay`).
void harm_each_message(FaultWalk& walk, FaultKind kind, Duration delay, Walked& walked);

}  // namespace txsim::tests
