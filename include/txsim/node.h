// A node and its context: the state machine of a protocol, and its only way to affect the outside.
//
//   Node          handlers: `start`, `on` a message, `on` a timer, `on_refused`
//   NodeOf        gives a node class the functions that copy it
//   Context       send, set_timer, cancel_timer, append, force, announce, note, now, stream,
//                 begin_period, is_over, set_timer_at_end
//   Period        a length of time that has begun; explorations by the clock can follow it
//   TXSIM_ASSERT  checks an assumption, also in release builds
//   Defect        what a failed assertion throws
//
// Shapes: a node is a value of plain data. A handler is a function of state and event: it reads no
// clock but Context::now and draws from no stream but Context::stream. A context is valid during
// one handler. An effect leaves the node once the log records that it depends on are durable
// (output commit).
// Units: timers run by the node's own clock, which a fault may skew.
// Errors: a modelled failure (a crash, a lost message, a timeout) is an event. A broken assumption
// is a Defect, which the command reports with exit status 3.
// Source: Elnozahy, Alvisi, Wang, Johnson, A Survey of Rollback-Recovery Protocols, 2002 (output
// commit).
#pragma once

#include <txsim/message.h>
#include <txsim/random.h>
#include <txsim/state.h>
#include <txsim/time.h>

#include "sim/assert.h"
#include "sim/node.h"
