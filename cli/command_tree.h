// The command line as a tree of plain values, read from CLI11's. Completion scripts and the manual
// page are written from it, so they cover every subcommand and option.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace txsim {

enum class Takes { Nothing, Text, Files, Folders, Words };

// An option or a positional argument.
struct Argument {
  std::vector<std::string> names;  // "-h", "--help"; empty for a positional
  std::string form;                // "KEY=VALUE", as in the help text; empty if it takes nothing
  std::string help;
  Takes takes = Takes::Nothing;
  std::vector<std::string> words;  // Takes::Words: what can be given; after "key=" a value follows
  bool is_list = false;            // several words, separated by commas
  bool repeats = false;
  bool is_required = false;
};

struct CommandTree {
  std::string name;  // "txsim", "run"
  std::string help;
  std::string footer;  // examples and exit statuses, in lines
  std::vector<Argument> options;
  std::vector<Argument> positionals;
  std::vector<CommandTree> commands;
};

// Leaves out what the help text hides. The form of an argument says what it accepts: FILE
// and SCHEDULE are files, DIR and FOLDER folders; in a|b|c the words in small letters are choices;
// KEY, PROTOCOL, INVARIANT and the like are names that this program knows; ",..." at its end makes
// a list.
CommandTree command_tree(const CLI::App& app);

}  // namespace txsim
