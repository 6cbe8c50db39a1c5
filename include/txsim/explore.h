// Exploration: every order of possible events, and every placement of a few faults.
//
//   explore          searches breadth first, so the first violation is a shortest one
//   ExploreSettings  budget, bounds, reductions, invariants that count
//   FaultBudget      crashes, losses, duplicates and early timeouts that a run may have
//   SearchBounds     depth, memory, states, threads, and a watch that may stop the search
//   SearchWatch      is asked every few milliseconds, and tells why the search is to stop
//   SearchProgress   how far the search has come
//   StoppedSearch    what a search that was stopped needs to go on (ExploreSettings::from)
//   can_go_on        whether it belongs to a scenario
//   Reductions       which runs are left out because they cannot change the verdict
//   ExploreResult    how the search ended, and its findings
//   SearchResult     states, transitions, ends
//   SearchEnd        exhausted, violated, or which bound was met
//   Counterexample   a schedule, its run with its trace, an explanation
//   Schedule         a run as a list of choices in words
//   schedule_text    writes a schedule as text
//   parse_schedule   reads it
//   ParsedSchedule   the schedule, or the line that is wrong
//
// Shapes: the result does not depend on the number of threads.
// Units: SearchBounds::memory in bytes; depth in choices.
// Errors: a search that met a bound proves nothing; SearchResult::end says which bound. A node
// without `digest_into` asserts.
// Source: breadth-first explicit-state model checking; docs/explore.md explains when two states are
// the same.
#pragma once

#include <txsim/run.h>

#include "runs/explore.h"
