#include "tests/golden.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace txsim {

std::string golden(const std::string& file, const std::string& actual) {
  const std::filesystem::path path =
      std::filesystem::path(TXSIM_SOURCE_DIR) / "tests" / "golden" / file;
  const char* update = std::getenv("TXSIM_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << actual;
  }
  std::ifstream expected(path, std::ios::binary);
  if (!expected) return "(there is no " + path.string() + "; TXSIM_UPDATE_GOLDEN=1 writes it)";
  return {std::istreambuf_iterator<char>(expected), {}};
}

}  // namespace txsim
