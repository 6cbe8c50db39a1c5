// A service's memory of steps, which makes each phase of a step happen once: for TCC and sagas.
//
//   StepMemory           the memory that both are built on; a protocol's own can be, too
//   StepPlace            a step of a transaction
//   Reservations         the three phases of TCC: reserve, confirm, cancel
//   ReservationSettings  its switches
//   StepState            the state of a step: tried, confirmed, cancelled, suspended
//   Actions              actions of sagas and their compensations
//   ActionSettings       its switches
//   ActionState          the state of a step: applied, compensated, void, released
//
// Shapes: one memory for each service. What one handler does is one local transaction. `flush` ends
// it: it forces the log, and then announces what was done.
// Units: amounts and places as in <txsim/transaction.h>.
// Errors: a function returns false if the step cannot be reserved, done or taken back now.
// Source: Helland, Life beyond Distributed Transactions, 2007; the fence tables of Seata and dtm.
#pragma once

#include <txsim/store.h>

#include "services/actions.h"
#include "services/reservations.h"
#include "services/step_memory.h"
