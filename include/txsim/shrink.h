// Shrinking: the smallest scenario that still violates an invariant, and the changes that would
// prevent the violation.
//
//   shrink               leaves out faults, transactions, services, steps, settings and draws
//   ShrinkSettings       the invariant, and how many runs to try
//   ShrinkProgress       how far the search is
//   ShrinkResult         the draft that is left, and its run
//   ShrinkSize           the size of a scenario
//   invariant_to_shrink  the invariant that is used if none is named
//   find_turning_point   the step after which no continuation ends well
//   TurningPoint         that step
//   try_single_changes   the scenario with one fault less, or one mechanism on
//   SavingChange         such a change, and whether it helps
//
// Shapes: a Draft is input and output (<txsim/scenario.h>).
// Units: ShrinkSettings::tries counts runs.
// Errors: ShrinkResult::invariant is empty if no invariant is violated; is_least is false if the
// bound on tries ended the search.
// Source: Zeller, Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002 (ddmin).
#pragma once

#include <txsim/run.h>
#include <txsim/scenario.h>

#include "runs/shrink.h"
#include "runs/turning_point.h"
