// Expected texts as files in tests/golden/. TXSIM_UPDATE_GOLDEN=1 in the environment writes them
// again; the difference is then reviewed in git.
#pragma once

#include <string>

namespace txsim {

// The text as it should be; with TXSIM_UPDATE_GOLDEN=1 the file becomes `actual` first.
std::string golden(const std::string& file, const std::string& actual);

}  // namespace txsim
