// One run of a scenario, with its verdicts and whether it meets what the scenario expects.
//
//   run_scenario  runs it to its horizon, or until nothing is left to happen
//   RunOptions    whether to keep the trace, and all transactions
//   RunResult     verdicts, statistics, digest, trace, faults met, expectations
//   Met           one expectation held against the run
//   FaultFate     what became of a fault of the plan
//
// Shapes: RunResult::all_met is what `txsim run` makes its exit status from. A result holds its
// scenario and its spec.
// Units: as in <txsim/verdict.h> and <txsim/trace.h>.
// Errors: a violated invariant is a result. A defect of a protocol, or of txsim, is thrown
// (Defect).
#pragma once

#include <txsim/node.h>
#include <txsim/scenario.h>
#include <txsim/trace.h>
#include <txsim/verdict.h>

#include "runs/run.h"
