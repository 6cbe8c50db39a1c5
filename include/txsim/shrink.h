// Shrinking: the least scenario that still violates an invariant, and what would have saved the
// run.
//
//   shrink               leaves out faults, transactions, services, steps, settings and draws
//   ShrinkSettings       the invariant, how many runs to try
//   ShrinkProgress       how far it is
//   ShrinkResult         the draft that is left, and its run
//   ShrinkSize           how much there is in a scenario
//   invariant_to_shrink  the one that is taken where none is named
//   find_turning_point   the step after which no continuation ends well
//   TurningPoint         that step
//   try_single_changes   the scenario with one fault less, or one mechanism on
//   SavingChange         one of these, and whether it helps
//
// Shapes: a Draft goes in and comes out (<txsim/scenario.h>).
// Units: ShrinkSettings::tries counts runs.
// Errors: ShrinkResult::invariant is empty where nothing is violated; is_least is false where the
// bound on tries came first.
// Source: Zeller, Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002 (ddmin).
#pragma once

#include <txsim/run.h>
#include <txsim/scenario.h>

#include "runs/shrink.h"
#include "runs/turning_point.h"
