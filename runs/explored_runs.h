// Everything that an exploration meets, as runs with traces: for callers that need events, not
// states.
#pragma once

#include <functional>
#include <memory>

#include "runs/explore.h"

namespace txsim {

// Calls `visit` with a run for each choice in each reachable state: the path to that state, then
// the choice. Nothing is judged, so only the bounds can end the search early. Returns the result of
// the search.
SearchResult each_explored_run(const std::shared_ptr<const Scenario>& scenario,
                               const ExploreSettings& settings,
                               const std::function<void(const RunResult&)>& visit);

}  // namespace txsim
