// The error for a key that its section does not have.
#pragma once

#include <string>
#include <string_view>

#include "scenarios/schema.h"

namespace txsim {

// Names the nearest key of the section; else the sections that have this key, or one whose name
// ends with it ("vote_timeout" for "timeout"). Those of the protocol in use come first; those of
// other protocols are left out. `protocol`: empty if none has been named.
std::string unknown_key(const Schema& schema, std::string_view kind, std::string_view key,
                        std::string_view protocol);

}  // namespace txsim
