// Where scenarios are: files, folders, and the library that comes with txsim.
#pragma once

#include <string>
#include <vector>

namespace txsim {

// The scenario library: ./scenarios if it exists, else the one installed with the program
// or in a folder of XDG_DATA_DIRS; empty if there is none.
std::string library_folder();

// The path itself if it exists, else its place in a library:
// "order/tcc/commit.ini" and "scenarios/order/tcc/commit.ini" are the same there. A path that is
// absolute or begins with "." or ".." is not searched in a library.
std::string find_in_library(const std::string& path);

// The scenarios below a folder, in the order of their paths. Files ending in .ini that are parts
// that others include are left out. Throws InputError for a folder that cannot be read.
std::vector<std::string> scenarios_in(const std::string& folder);

// Files as given or found in the library, and for each folder the scenarios in it. Throws
// InputError if there are none.
std::vector<std::string> find_scenarios(const std::vector<std::string>& paths);

// Whether the text of a file is a scenario by itself: it has a title, and it says which protocol
// runs or what is expected or includes a file that may. Others are parts, such as the services and
// transactions of a domain.
bool is_scenario(const std::string& text);

}  // namespace txsim
