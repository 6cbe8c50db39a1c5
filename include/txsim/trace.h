// The trace of a run: every event as a record of 64 bytes, and the digest that identifies the run.
//
//   TraceRecord       sequence, time, node, kind, transaction, what, peer, cause
//   EventKind         sent, delivered, lost, forced, durable, announced, crashed ...
//   LossReason        why a message was lost
//   Trace             the records in order
//   Digest            a hash of them
//   Observer          receives the records of a run and is copied with the world: e.g. the judge
//   first_difference  the first record in which two traces differ
//   text              an event kind or a loss reason as text
//
// Shapes: a record's `cause` is the sequence of the event that caused it. docs/trace-format.md
// lists the fields of each kind.
// Units: sequences from 1; times in nanoseconds of virtual time.
// Errors: none.
#pragma once

#include <txsim/message.h>
#include <txsim/time.h>

#include "sim/trace.h"
