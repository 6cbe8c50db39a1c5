// Which txsim this is. cmake/version.cmake writes its source when the build begins, so that another
// commit recompiles only that file. No text that a test compares may contain it.
#pragma once

namespace txsim {

// "0.1.0"; in a git checkout with the commit, "0.1.0+g36b43a2ff0c1"; followed by "-dirty" if the
// source differs from that commit.
extern const char* const kVersion;

}  // namespace txsim
