// What `txsim sweep` and `txsim compare` share: their options, and the runs.
#pragma once

#include <string>
#include <vector>

#include "cli/ci.h"
#include "cli/errors.h"
#include "cli/terminal.h"

namespace txsim {

struct SweepArguments {
  std::vector<std::string> paths;
  std::string seeds;  // empty: 1..1000, or a single one if nothing is random
  std::vector<std::string> settings;
  std::vector<std::string> varied;
  std::string out;
  std::string jobs;
  std::string stop_at;
  std::string time;
  std::string shard;
  std::string verify;
  CiReport ci;
  ColorChoice color = ColorChoice::Auto;
  bool resume = false;
  bool json = false;
  std::string advice;  // printed after the errors of a scenario that cannot be read
};

void add_sweep_options(CLI::App& command, SweepArguments& arguments);

// Returns the exit status. Throws InputError.
int run_sweep(SweepArguments arguments);

}  // namespace txsim
