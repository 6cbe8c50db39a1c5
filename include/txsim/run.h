// One run of a scenario, with its verdicts and whether it meets the scenario's expectations.
//
//   run_scenario  runs it to its horizon, or until no event is pending
//   RunOptions    whether to keep the trace and all transactions
//   RunResult     verdicts, statistics, digest, trace, faults met, expectations
//   Met           one expectation compared with the run
//   FaultFate     whether a fault of the plan took effect
//
// Shapes: RunResult::all_met determines the exit status of `txsim run`. A result holds its scenario
// and its spec.
// Units: as in <txsim/verdict.h> and <txsim/trace.h>.
// Errors: a violated invariant is a result. A defect of a protocol, or of txsim, is thrown
// (Defect).
#pragma once

#include <txsim/node.h>
#include <txsim/scenario.h>
#include <txsim/trace.h>
#include <txsim/verdict.h>

#include "runs/run.h"
