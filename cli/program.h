// The whole command: reads the command line, runs the subcommand, gives the exit status. A program
// with protocols of its own calls it from main.
#pragma once

#include <vector>

#include "protocols/protocol.h"

namespace txsim {

// Arguments as main has them; the commands that texts suggest begin with the last part of argv[0].
// Prints results on standard output and errors on standard error. Returns the exit status: 0 every
// expectation met, 1 an invariant or expectation not met, 2 bad usage, bad input or a protocol that
// cannot be used, 3 a defect or no memory, 4 a replay that differs. Throws nothing.
//
// For the whole process it ignores SIGPIPE (a pipe without a reader ends the output, not the
// program) and sets a new-handler: out of memory, the process ends at once with status 3.
int run_program(int argc, char** argv);
// Adds these protocols to txsim's own. A protocol that cannot be used (protocols/registry.h), or
// that promises a name that is not an invariant, is an error: status 2.
int run_program(int argc, char** argv, std::vector<Protocol> own);

}  // namespace txsim
