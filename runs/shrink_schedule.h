// A recorded schedule as a scenario that runs by the clock and violates the same invariant.
#pragma once

#include <optional>

#include "runs/schedule.h"
#include "scenarios/draft.h"

namespace txsim {

struct TimedSchedule {
  Replay replay;               // of the schedule: what differs cannot be shrunk
  std::optional<Draft> draft;  // none: no clock that was tried brings it about
};

// What was lost, doubled or crashed in it becomes placed faults. Then the scenario's own delays are
// tried, and such as bring messages in the order of the schedule. `draft`: of the schedule's
// scenario and settings. Requires that the schedule names what it violates.
TimedSchedule time_schedule(const Draft& draft, const Schedule& schedule);

}  // namespace txsim
