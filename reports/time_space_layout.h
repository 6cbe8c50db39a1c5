// Gives everything its place on the page.
#pragma once

#include "reports/time_space_page.h"

namespace txsim::time_space {

// Distances between moments follow the time between them as long as it is short, and grow where
// labels need the room; long waits are cut short and marked.
// Requires that the story outlives the page.
Page lay_out(const Story& story, const RunResult& result);

}  // namespace txsim::time_space
