// The whole command: reads the command line, runs the subcommand, gives the exit status. A program
// with protocols of its own registers them (protocols/registry.h) and calls it from main.
#pragma once

namespace txsim {

// Arguments as main has them. Prints results on standard output and errors on standard error.
// Returns the exit status: 0 every expectation met, 1 an invariant or expectation not met, 2 bad
// usage or bad input, 3 a defect or no memory, 4 a replay that differs. Throws nothing.
int run_program(int argc, char** argv);

}  // namespace txsim
