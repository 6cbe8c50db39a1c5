// What the subcommands share: exit statuses, the errors that end one, and how each is added.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <stdexcept>
#include <string>

#include "cli/terminal.h"

namespace txsim {

enum ExitStatus : int {
  kAllMet = 0,
  kNotMet = 1,    // an invariant or expectation not met, or not all that was asked for was done
  kBadInput = 2,  // bad usage, a bad scenario, a file that cannot be read or written
  kDefect = 3,    // a defect of txsim itself, or out of memory
  kReplayDiffers = 4,
};

// The user can mend it; what() says what is wrong and a way out.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What the chosen subcommand does; gives the exit status.
using Job = std::function<int()>;

// The option --color.
void add_color(CLI::App& command, ColorChoice& color);

void add_run(CLI::App& app, Job& job);
void add_sweep(CLI::App& app, Job& job);
void add_compare(CLI::App& app, Job& job);
void add_explore(CLI::App& app, Job& job);
void add_replay(CLI::App& app, Job& job);
void add_shrink(CLI::App& app, Job& job);
void add_matrix(CLI::App& app, Job& job);
void add_coverage(CLI::App& app, Job& job);
void add_merge(CLI::App& app, Job& job);
void add_list(CLI::App& app, Job& job);
void add_describe(CLI::App& app, Job& job);
void add_keys(CLI::App& app, Job& job);

}  // namespace txsim
