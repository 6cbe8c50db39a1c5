// Findings of the comparison that are known and not yet mended. The list is to be empty.
#pragma once

#include <string_view>

namespace txsim::reference {

bool is_open_difference(std::string_view kind);

}  // namespace txsim::reference
