// Which invariants count if no expectation names them.
#pragma once

#include <string_view>

#include "checks/verdict.h"

namespace txsim {

// Whether the protocol says that it keeps the invariant under its safe settings.
bool is_promised(std::string_view protocol, std::string_view invariant);

// Whether a violation that no expectation names fails a run of the protocol. It does, except for
// invariants that protocols give up by design (InvariantInfo::by_design), if this one does not
// promise them.
bool counts_unnamed(std::string_view protocol, const InvariantInfo& invariant);
// Requires the name of an invariant.
bool counts_unnamed(std::string_view protocol, std::string_view invariant);

}  // namespace txsim
