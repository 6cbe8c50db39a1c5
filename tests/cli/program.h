// Runs the real txsim program, without a shell.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace txsim {

struct Ran {
  int status = -1;  // exit status; 128 and more: ended by a signal
  std::string output;
  std::string error;
};

// The target of standard output: kept, a pipe without a reader, or a full device.
enum class Output { Kept, Closed, Full };

// `environment` holds "NAME=value". No other variable is set.
Ran run_program(const std::vector<std::string>& arguments,
                const std::vector<std::string>& environment = {}, Output output = Output::Kept);

// The program own_program.cpp with the protocols of this name.
Ran run_own(const std::string& protocols, const std::vector<std::string>& arguments);

// Runs the program after a shell has set limits, such as "ulimit -v 200000".
Ran run_limited(const std::string& limits, const std::vector<std::string>& arguments);

// Calls `meanwhile` with the process id while the program runs.
Ran run_meanwhile(const std::vector<std::string>& arguments,
                  const std::function<void(int process)>& meanwhile);

}  // namespace txsim
