// Which txsim this is. cmake/version.cmake writes its source when the build begins, so that another
// commit compiles that one file and no other. Nothing that a test compares may hold it.
#pragma once

namespace txsim {

// "0.1.0"; from a git checkout with its commit, "0.1.0+g36b43a2ff0c1"; "-dirty" behind it where the
// source was not as in that commit.
extern const char* const kVersion;

}  // namespace txsim
