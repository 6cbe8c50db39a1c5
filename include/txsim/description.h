// What a protocol says of itself: tables of its names, and its description.
//
//   NamedText    a name and what it means
//   Names        a table of them: of messages, log records or timers
//   names        makes one; kMessages["Prepare"] is the Word of a row
//   Description  name, source, roles, messages, records, timers, states, deviations, promises
//
// Shapes: texts are string_views that outlive the protocol, so literals.
// Units: none.
// Errors: a name that has no row does not compile. A promise that is no invariant is refused by
// run_program.
#pragma once

#include <txsim/message.h>

#include "services/description.h"
