// Protocols from shared libraries (protocols/loadable.h).
#pragma once

#include <string>
#include <vector>

#include "protocols/protocol.h"

namespace txsim {

// The files that the command line names with --protocol before its subcommand, in that order.
std::vector<std::string> libraries_named(int argc, char** argv);

// The protocols of one library, which stays loaded. Throws InputError if it cannot be loaded, is no
// such library, or was compiled against other headers.
std::vector<Protocol> load_protocols(const std::string& file);

}  // namespace txsim
