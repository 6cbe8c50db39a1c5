// Expected texts as files in tests/golden/. With TXSIM_UPDATE_GOLDEN=1 in the environment the tests
// rewrite them. Review the difference in git.
#pragma once

#include <string>

namespace txsim {

// The expected text. With TXSIM_UPDATE_GOLDEN=1 the file is first overwritten with `actual`.
std::string golden(const std::string& file, const std::string& actual);

}  // namespace txsim
