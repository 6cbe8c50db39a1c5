// Many runs: each seed with each combination of settings is one run.
//
//   SweepCell     a scenario with its settings, to be run with any seed
//   SweepPlan     cells and seeds: the runs by number
//   SweepRun      one run in numbers
//   SweepHeader   what was swept; SweepSummary is made from it
//   SweepSummary  what the runs come to: totals, first violations, expectations
//   SweepTotals   the sums over some runs
//   share_of      a share with its 95% interval (Wilson 1927)
//   Share         the same as numbers
//   json_summary  the summary as JSON, as `txsim sweep --json` prints it
//
// Shapes: runs are independent; several threads may run one cell. Their sums are the same in any
// order.
// Units: seeds are 64 bits. Latencies are kept in classes that are at most 1/32 wide.
// Errors: SweepRun::is_violated tells whether an invariant that counts was violated. A defect is
// thrown.
#pragma once

#include <txsim/scenario.h>
#include <txsim/verdict.h>

#include "reports/sweep_summary.h"
#include "runs/sweep.h"
