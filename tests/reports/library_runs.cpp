#include "tests/reports/library_runs.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "scenarios/language.h"

namespace txsim {
namespace {

namespace fs = std::filesystem;
const fs::path kLibrary = fs::path(TXSIM_SOURCE_DIR) / "scenarios";

FileText read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {std::nullopt, "cannot be opened"};
  std::ostringstream text;
  text << file.rdbuf();
  return {text.str(), ""};
}

}  // namespace

std::vector<std::string> library() {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(kLibrary)) {
    const fs::path path = fs::relative(entry.path(), kLibrary);
    const bool is_scenario = std::distance(path.begin(), path.end()) == 3;
    if (is_scenario && path.extension() == ".ini") names.push_back(path.string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

RunResult run_of(const std::string& name, const std::vector<std::string>& settings) {
  const ParsedScenario parsed = parse_scenario((kLibrary / name).string(), read_text, settings);
  REQUIRE(parsed.scenario);
  auto scenario = std::make_shared<Scenario>(*parsed.scenario);
  scenario->name = "scenarios/" + name;
  return run_scenario(scenario, {.keep_trace = true});
}

}  // namespace txsim
