// The manual page, in the man macros of groff and mandoc.
#pragma once

#include <string>

#include "cli/command_tree.h"

namespace txsim {

std::string manual_page(const CommandTree& tree);

}  // namespace txsim
