// The program txsim.
#include "cli/program.h"

int main(int argc, char** argv) { return txsim::run_program(argc, argv); }
