// Runs the real txsim program, without a shell.
#pragma once

#include <string>
#include <vector>

namespace txsim {

struct Ran {
  int status = -1;  // exit status; 128 and more: ended by a signal
  std::string output;
  std::string error;
};

// Where standard output goes: kept, to a pipe that nobody reads, or to a device that is full.
enum class Output { Kept, Closed, Full };

// `environment` holds "NAME=value"; nothing else of it is set.
Ran run_program(const std::vector<std::string>& arguments,
                const std::vector<std::string>& environment = {}, Output output = Output::Kept);

}  // namespace txsim
