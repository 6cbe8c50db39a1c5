// The error for a key that its section does not have.
#pragma once

#include <string>
#include <string_view>

#include "scenarios/schema.h"

namespace txsim {

// Names the nearest key of the section, and then the sections that have this key; without a near
// one, also those with a key whose name ends with it ("vote_timeout" for "timeout"). Protocols
// come first; all but the one in use are left out. `protocol`: empty if none has been named.
std::string unknown_key(const Schema& schema, std::string_view kind, std::string_view key,
                        std::string_view protocol);

}  // namespace txsim
