// Many runs: each seed with each combination of settings is one run.
//
//   SweepCell     a scenario with its settings, for any seed
//   SweepPlan     cells and seeds: numbers the runs
//   SweepRun      the figures of one run
//   SweepHeader   what was swept; the input of SweepSummary
//   SweepSummary  the result of all runs: totals, first violations, expectations
//   SweepTotals   the sums over some runs
//   share_of      a share with its 95% interval (Wilson 1927)
//   Share         the share and its interval as numbers
//   json_summary  the summary as JSON, as `txsim sweep --json` prints it
//
// Shapes: runs are independent; several threads may run one cell. The order in which runs are
// summed does not change the result.
// Units: seeds are 64 bits. Latencies are counted in classes that are at most 1/32 wide.
// Errors: SweepRun::is_violated says whether an invariant that counts was violated. A defect is
// thrown.
#pragma once

#include <txsim/scenario.h>
#include <txsim/verdict.h>

#include "reports/sweep_summary.h"
#include "runs/sweep.h"
