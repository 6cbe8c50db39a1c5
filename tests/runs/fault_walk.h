// Runs a scenario repeatedly, each time with one more fault at another place. Reports the promised
// invariants that were violated, with the command that reproduces each.
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

// Builds without optimisation are about twenty times slower, and sanitizer builds even more. There
// a walk takes every 23rd or 97th place only. Both numbers are prime, so that a stride does not
// follow the repeating patterns of a trace.
#if TXSIM_SANITIZED
inline constexpr std::uint64_t kStride = 97;
#elif !defined(__OPTIMIZE__)
inline constexpr std::uint64_t kStride = 23;
#else
inline constexpr std::uint64_t kStride = 1;
#endif

// The maximum number of events that all runs for one kind of fault at every place of a scenario may
// have. Up to 2,400 events a walk takes each place. In longer traces it takes fewer, evenly spread.
// TXSIM_WALK_ALL=1 takes all places.
inline constexpr std::uint64_t kMostEvents = 6'000'000;
bool walks_all();

// TXSIM_SHARD=2/3: this process takes every third item, starting with the second.
struct Shard {
  std::uint64_t part = 1;
  std::uint64_t parts = 1;
  bool takes(std::uint64_t number) const { return number % parts == part - 1; }
};
Shard shard();

// Settings as in --set: "tcc.retry=off".
using Settings = std::vector<std::string>;

// All scenario files of the library, sorted by name, relative to its root.
std::vector<std::string> library_files();
// Reads a file of the project. `path` starts at the root.
FileText read_text(const std::string& path);
// Loads a scenario file of the project. Fails the test if it has errors.
std::shared_ptr<const Scenario> load(const std::string& path, const Settings& settings = {});

// The same scenario, marked for a message that arrives twice: its orders may repeat.
std::shared_ptr<const Scenario> as_if_repeating(const Scenario& scenario);

class FaultWalk {
 public:
  // Runs the unchanged scenario once, with two more minutes to converge. `settings`: the settings
  // of the scenario, for the command that reproduces a run.
  explicit FaultWalk(std::shared_ptr<const Scenario> scenario, Settings settings = {});

  const Scenario& scenario() const { return *scenario_; }
  const Trace& trace() const { return trace_; }
  // The stride through this number of places.
  std::uint64_t stride(std::uint64_t places) const;
  // Runs the scenario with one more fault. Returns the broken promises; empty if there are none.
  std::string run_with(const Fault& fault);
  std::string run_as_it_is() const;
  std::uint64_t runs() const { return runs_; }

 private:
  std::string tell_event(std::uint64_t sequence) const;

  std::shared_ptr<const Scenario> scenario_;
  Settings settings_;
  std::shared_ptr<const WorldSpec> spec_;
  WorldSpec bare_;  // without names, because copying them is slow
  std::unique_ptr<Observer> judge_;
  Trace trace_;
  std::uint64_t runs_ = 0;
};

// The totals of walks over several scenarios.
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
  // Prints the first broken promises and fails the test, if there are any.
  void require_nothing_broken() const;
};

// Crashes each node right after each event. The node restarts after `down`.
void crash_everywhere(FaultWalk& walk, Duration down, Walked& walked);
// Crashes each node right after each of its own events. The node restarts after `down`. Between two
// of its events only the messages under way to it change.
void crash_at_own_events(FaultWalk& walk, Duration down, Walked& walked);
// Applies the fault (Drop, Slow or Duplicate, by `delay`) to each message.
void harm_each_message(FaultWalk& walk, FaultKind kind, Duration delay, Walked& walked);

}  // namespace txsim::tests
