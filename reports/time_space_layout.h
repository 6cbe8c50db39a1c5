// Places everything on the page.
#pragma once

#include "reports/time_space_page.h"

namespace txsim::time_space {

// Short distances between moments are to scale, and grow where labels need room. Long waits are cut
// short and marked.
// Requires that the story outlives the page.
Page lay_out(const Story& story, const RunResult& result);

}  // namespace txsim::time_space
