// Exploration: every order of what may happen, and every placing of a few faults.
//
//   explore          searches breadth first, so that the first violation is a shortest one
//   ExploreSettings  budget, bounds, reductions, invariants that count
//   FaultBudget      crashes, losses, duplicates and early timeouts that a run may have
//   SearchBounds     depth, memory, states, threads
//   Reductions       which runs that cannot change the verdict are left out
//   ExploreResult    how the search ended, and what it found
//   SearchResult     states, transitions, ends
//   SearchEnd        exhausted, violated, or which bound was met
//   Counterexample   a schedule, its run with its trace, an explanation
//   Schedule         a run as a list of choices in words
//   schedule_text    writes one; parse_schedule reads it
//   parse_schedule   the schedule, or the line that is wrong
//   ParsedSchedule   both
//
// Shapes: the result is the same however many threads there are.
// Units: SearchBounds::memory in bytes; depth in choices.
// Errors: a search that a bound has cut off proves nothing: SearchResult::end tells. A node without
// `digest_into` asserts.
// Source: breadth-first explicit-state model checking; docs/explore.md tells when two states are
// the same.
#pragma once

#include <txsim/run.h>

#include "runs/explore.h"
