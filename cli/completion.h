// Completion scripts for shells. They hold all words that they offer and run no program.
#pragma once

#include <string>

#include "cli/command_tree.h"

namespace txsim {

// The name of the tree is that of the completed program: letters, digits, - and _.
std::string bash_completion(const CommandTree& tree);
std::string zsh_completion(const CommandTree& tree);
std::string fish_completion(const CommandTree& tree);

}  // namespace txsim
