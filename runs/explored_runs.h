// Everything that an exploration meets, as runs with traces: for callers that need events, not
// states.
#pragma once

#include <functional>
#include <memory>

#include "runs/explore.h"

namespace txsim {

// Calls `visit` with a run for each choice that can be made in each state that can be reached: the
// way to that state, and the choice. Nothing is judged, so nothing ends the search but its bounds.
// Gives what the search came to.
SearchResult each_explored_run(const std::shared_ptr<const Scenario>& scenario,
                               const ExploreSettings& settings,
                               const std::function<void(const RunResult&)>& visit);

}  // namespace txsim
