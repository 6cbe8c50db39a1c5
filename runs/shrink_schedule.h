// A recorded schedule as a scenario that runs by the clock and violates the same invariant.
#pragma once

#include <optional>

#include "runs/schedule.h"
#include "scenarios/draft.h"

namespace txsim {

struct TimedSchedule {
  Replay replay;               // of the schedule; if it differs, nothing is shrunk
  std::optional<Draft> draft;  // none: no delays that were tried violate the invariant
};

// Its losses, duplicates and crashes become placed faults. Then the scenario's own delays are
// tried, and delays under which messages arrive in the order of the schedule. `draft`: the
// schedule's scenario with its settings. Requires that the schedule names the invariant that it
// violates.
TimedSchedule time_schedule(const Draft& draft, const Schedule& schedule);

}  // namespace txsim
