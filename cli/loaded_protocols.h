// Protocols from shared libraries (protocols/loadable.h).
#pragma once

#include <string>
#include <vector>

#include "protocols/protocol.h"

namespace txsim {

// The files that the command line names with --protocol before its subcommand, in that order.
std::vector<std::string> libraries_named(int argc, char** argv);

// The last value that the command line gives to --protocol, wherever it stands; empty: none.
std::string protocol_given(int argc, char** argv);
// The end of an error about such a text where a protocol cannot stand: it is a protocol's name, or
// that of a library. `sets`: the command takes --set.
std::string instead_of_protocol(const std::string& given, bool sets);

// The protocols of one library, which stays loaded. Throws InputError if it cannot be loaded, is no
// such library, or was compiled against other headers.
std::vector<Protocol> load_protocols(const std::string& file);

}  // namespace txsim
