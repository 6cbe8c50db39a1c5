// A service's database: amounts, row locks, and the steps that are not yet in effect for good.
//
//   Store         update, commit, abort; or apply, a local transaction of one step
//   StepResult    Done, Waiting (for a row lock), Refused
//   LockNews      the result of a step that waited
//   Fence         the newest token of each order: Store::fence
//   FencingToken  ascends with each grant of an order's lock; 0: none
//   kStepApplied  the record of `apply`: transaction, kind, step; value: what it added
//
// Shapes: each service owns one store. The store appends no records but those of `apply`: the
// protocol logs which steps its transactions have here, and after a crash passes them to `redo` and
// `hold`.
// Units: amounts as in <txsim/transaction.h>.
// Errors: a refused step is a result, and so is a lock wait that timed out. Each function states
// its requirements.
// Source: Bernstein, Hadzilacos, Goodman, Concurrency Control and Recovery in Database Systems,
// 1987; DeWitt et al., Implementation Techniques for Main Memory Database Systems, 1984 (early lock
// release); Burrows, The Chubby Lock Service, 2006 (sequencers).
#pragma once

#include <txsim/node.h>
#include <txsim/transaction.h>

#include "services/fence.h"
#include "services/store.h"
