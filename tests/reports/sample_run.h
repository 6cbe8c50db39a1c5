// Hand-made runs, so that reports can be tested without a simulation.
#pragma once

#include "reports/report.h"

namespace txsim::sample {

// One order under two-phase commit. Product receives the decision. A partition drops the Commit to
// point, which crashes in doubt. Atomicity is violated, as expected. One expectation is not met.
RunResult broken_commit();

// Many orders that all commit, with one message each. The report is longer than a screen.
RunResult many_orders(std::uint64_t orders);

}  // namespace txsim::sample
