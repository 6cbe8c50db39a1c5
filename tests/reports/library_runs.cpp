#include "tests/reports/library_runs.h"

#include <algorithm>
#include <string_view>

#include "tests/runs/fault_walk.h"

namespace txsim {
namespace {

constexpr std::string_view kFolder = "scenarios/";

}  // namespace

std::vector<std::string> library() {
  std::vector<std::string> names;
  for (const std::string& file : tests::library_files()) {
    const std::string name = file.substr(kFolder.size());
    if (std::count(name.begin(), name.end(), '/') == 2) names.push_back(name);
  }
  return names;
}

RunResult run_of(const std::string& name, const std::vector<std::string>& settings) {
  return run_scenario(tests::load(std::string(kFolder) + name, settings), {.keep_trace = true});
}

}  // namespace txsim
