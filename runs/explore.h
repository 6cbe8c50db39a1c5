// Explores a scenario: every order of events and every placement of a few faults, until the search
// is exhausted, an invariant is violated, or a bound is reached.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runs/fault_budget.h"
#include "runs/reductions.h"
#include "runs/run.h"
#include "runs/schedule.h"
#include "runs/search.h"
#include "runs/timing.h"

namespace txsim {

struct ExploreSettings {
  FaultBudget budget;
  SearchBounds bounds;
  Reductions reductions;
  Timing timing = Timing::Untimed;
  std::vector<std::string> invariants;  // those that count; empty: see `counted_by_default`
  // Goes on from here, and takes all that it holds. It must fit (`can_go_on`).
  std::shared_ptr<StoppedSearch> from;
  bool keeps_stopped = false;  // `ExploreResult::stopped` is wanted
};

// All invariants except bounded-blocking, which is about time, and except those that protocols give
// up by design if this one does not promise them. Invariants that the scenario expects to be
// violated count, and so does non-blocking if the budget has crashes for good.
std::vector<std::string> counted_by_default(const Scenario& scenario,
                                            const FaultBudget& budget = {});

// A fault of the scenario that is not honoured as written, and why.
struct NotHonoured {
  std::string fault;
  std::string why;
};
std::vector<NotHonoured> not_honoured(const Scenario& scenario);

// Why a scenario cannot be explored by the clock; empty: nothing is in the way.
std::string why_not_by_clock(const Scenario& scenario);

// A run to a state that violates an invariant.
struct Counterexample {
  Schedule schedule;
  std::string explanation;
  std::size_t loop = 0;    // livelock: the number of steps in its loop, the last ones
  bool is_at_end = false;  // violated only in the end, when nothing needs to happen any more
  RunResult run;           // of the schedule, with its trace
};

struct ExploreResult {
  SearchResult search;
  std::optional<Counterexample> counterexample;
  bool is_shortest = true;      // no run with fewer choices violates anything; else it may be
  bool is_as_expected = false;  // see explore.cpp
  // By the clock: what could not be followed; the result is void. Empty: nothing.
  std::string lost{};
  // What goes on later, if a bound has stopped the search and the settings ask for it.
  std::shared_ptr<StoppedSearch> stopped;
};

ExploreResult explore(const std::shared_ptr<const Scenario>& scenario,
                      const ExploreSettings& settings);

// Whether the search belongs to this scenario under these settings, as far as a sample of its
// states tells: the same choices lead to the same fingerprints.
bool can_go_on(const std::shared_ptr<const Scenario>& scenario, const ExploreSettings& settings,
               const StoppedSearch& from);

}  // namespace txsim
