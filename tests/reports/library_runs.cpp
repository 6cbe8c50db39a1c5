#include "tests/reports/library_runs.h"

#include <string_view>

#include "tests/runs/fault_walk.h"

namespace txsim {
namespace {

constexpr std::string_view kFolder = "scenarios/";

}  // namespace

std::vector<std::string> library() {
  std::vector<std::string> names;
  for (const std::string& file : tests::library_files()) {
    names.push_back(file.substr(kFolder.size()));
  }
  return names;
}

RunResult run_of(const std::string& name, const std::vector<std::string>& settings) {
  return run_scenario(tests::load(std::string(kFolder) + name, settings), {.keep_trace = true});
}

}  // namespace txsim
