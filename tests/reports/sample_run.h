// Runs made by hand, so that reports can be tested without a simulation.
#pragma once

#include "reports/report.h"

namespace txsim::sample {

// One order by two-phase commit: product is told the decision, the Commit to point is lost in a
// partition, point crashes in doubt. Atomicity is violated, as expected; one expectation is not
// met.
RunResult broken_commit();

// Many orders that all commit, a message each: longer than a screen.
RunResult many_orders(std::uint64_t orders);

}  // namespace txsim::sample
