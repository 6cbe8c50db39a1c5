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

// Where standard output goes: kept, to a pipe without a reader, or to a full device.
enum class Output { Kept, Closed, Full };

// `environment` holds "NAME=value"; nothing else of it is set.
Ran run_program(const std::vector<std::string>& arguments,
                const std::vector<std::string>& environment = {}, Output output = Output::Kept);

// The program own_program.cpp, with the protocols of this name.
Ran run_own(const std::string& protocols, const std::vector<std::string>& arguments);

// Under what a shell sets first, such as "ulimit -v 200000".
Ran run_limited(const std::string& limits, const std::vector<std::string>& arguments);

// Calls `meanwhile` with the process's id while it runs.
Ran run_meanwhile(const std::vector<std::string>& arguments,
                  const std::function<void(int process)>& meanwhile);

}  // namespace txsim
