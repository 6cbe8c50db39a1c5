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
  // Untimed: a violation is checked against the clock (`ExploreResult::by_clock`).
  bool checks_by_clock = false;
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
  std::vector<Move> moves{};
};

// Whether some real timing allows a run that was found where durations are unknown.
struct CheckedByClock {
  enum class Answer : std::uint8_t {
    Possible,    // `timed` is the run with its times
    Impossible,  // in this order: `obstacle` says what the clock forbids
    Unknown      // `why`
  };
  Answer answer = Answer::Unknown;
  std::optional<Counterexample> timed{};
  std::string obstacle{};
  std::string why{};
};

CheckedByClock check_by_clock(const std::shared_ptr<const Scenario>& scenario,
                              const ExploreSettings& settings, const Counterexample& found);

struct ExploreResult {
  SearchResult search;
  std::optional<Counterexample> counterexample;
  bool is_shortest = true;      // no run with fewer choices violates anything; else it may be
  bool is_as_expected = false;  // see explore.cpp
  // By the clock: what could not be followed; the result is void. Empty: nothing.
  std::string lost{};
  // By the clock: more than so many equal messages under way count as "one or more"; none: each
  // copy counts.
  std::optional<std::uint32_t> joins_copies{};
  // Untimed, if the settings ask for it: what the clock says about the counterexample. If that is
  // impossible and not expected, the search by the clock that then decides.
  std::optional<CheckedByClock> by_clock{};
  std::shared_ptr<const ExploreResult> search_by_clock{};
  // Whether nothing is amiss: the result is as expected, or only timers at other speeds than the
  // scenario says lead to the violation.
  bool passes() const { return search_by_clock ? search_by_clock->passes() : is_as_expected; }
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
