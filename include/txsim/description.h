// What a protocol says about itself: tables of its names, and its description.
//
//   NamedText    a name and what it means
//   Names        a table of names: messages, log records or timers
//   names        makes a table; kMessages["Prepare"] is the Word of a row
//   Description  name, source, roles, messages, records, timers, states, deviations, promises
//
// Shapes: texts are string_views that outlive the protocol, that is, literals.
// Units: none.
// Errors: a name that has no row does not compile. run_program refuses a promise that names no
// invariant.
#pragma once

#include <txsim/message.h>

#include "services/description.h"
