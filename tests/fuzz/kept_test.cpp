// Inputs that once exposed a defect, or represent a kind of input. Every build runs each through
// its target. scripts/fuzz searches for more.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/targets.h"

namespace txsim::fuzz {
namespace {

namespace fs = std::filesystem;

TEST_CASE("fuzz: no kept input exposes a defect") {
  for (const Target& target : kTargets) {
    const fs::path folder = fs::path(TXSIM_SOURCE_DIR) / "tests/fuzz/kept" / target.name;
    REQUIRE(fs::is_directory(folder));
    int inputs = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      INFO(entry.path());
      CHECK_NOTHROW(target.run(bytes));
      ++inputs;
    }
    INFO(target.name);
    CHECK(inputs > 0);
  }
}

}  // namespace
}  // namespace txsim::fuzz
