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
  std::string seeds;  // empty: 1..1000, or one where nothing is drawn
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
  std::string advice;  // told after the errors of a scenario that cannot be read
};

void add_sweep_options(CLI::App& command, SweepArguments& arguments);

// Throws InputError. Gives the exit status.
int run_sweep(SweepArguments arguments);

}  // namespace txsim
