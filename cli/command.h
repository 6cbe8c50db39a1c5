// The subcommands, and how each is added to the command line.
#pragma once

#include <functional>
#include <string>

#include "cli/errors.h"
#include "cli/terminal.h"

namespace CLI {
class App;
}

namespace txsim {

// The work of the chosen subcommand; returns the exit status.
using Job = std::function<int()>;

// Adds the option --color.
void add_color(CLI::App& command, ColorChoice& color);

// The text with the program's actual name at the beginning of commands: "txsim run FILE" becomes
// "ask run FILE".
std::string as_called(std::string text);
// The same for the help of a command and its subcommands.
void call_by_name(CLI::App& app);

void add_run(CLI::App& app, Job& job);
void add_sweep(CLI::App& app, Job& job);
void add_compare(CLI::App& app, Job& job);
void add_explore(CLI::App& app, Job& job);
void add_replay(CLI::App& app, Job& job);
void add_shrink(CLI::App& app, Job& job);
void add_matrix(CLI::App& app, Job& job);
void add_walk(CLI::App& app, Job& job);
void add_coverage(CLI::App& app, Job& job);
void add_merge(CLI::App& app, Job& job);
void add_list(CLI::App& app, Job& job);
void add_describe(CLI::App& app, Job& job);
void add_keys(CLI::App& app, Job& job);
void add_generate(CLI::App& app, Job& job);

}  // namespace txsim
