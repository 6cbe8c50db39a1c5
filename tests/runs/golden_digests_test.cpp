// Compares the digest of every scenario with a file, so that no change alters a run unnoticed.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "runs/run.h"
#include "tests/golden.h"
#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream input(text);
  for (std::string line; std::getline(input, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("golden: every scenario has its recorded digest") {
  std::string actual;
  for (const std::string& file : library_files()) {
    actual += fmt::format("{:016x} {}\n", run_scenario(load(file)).digest, file);
  }
  const std::string expected = golden("digests.txt", actual);
  if (actual == expected) return;
  const std::vector<std::string> was = lines_of(expected);
  std::string changed;
  for (const std::string& line : lines_of(actual)) {
    if (std::find(was.begin(), was.end(), line) == was.end()) changed += "  is now " + line + "\n";
  }
  FAIL(changed << "Meant? TXSIM_UPDATE_GOLDEN=1 txsim_tests 'golden: *' writes "
                  "tests/golden/digests.txt again.\nNot meant? Build txsim as it was and "
                  "as it is; scripts/compare-digests OLD NEW prints the first differing event.");
}

}  // namespace
}  // namespace txsim::tests
