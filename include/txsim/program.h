// The whole command as one function, for programs with their own protocols.
//
//   run_program  from main's arguments and the program's protocols to the exit status
//
// Shapes: it prints results on standard output and errors on standard error. It ignores SIGPIPE and
// sets a new-handler for the whole process.
// Units: exit status 0: every expectation met; 1: one is not, or an invariant is violated; 2: bad
// usage, bad input, or a protocol that cannot be used; 3: a defect or no memory; 4: a replay that
// differs.
// Errors: none; it throws nothing.
#pragma once

#include <txsim/protocol.h>

#include "cli/program.h"
