// The scenario library: every file meets its expectations, and for every promised invariant one
// setting violates it.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "checks/verdict.h"
#include "protocols/registry.h"
#include "runs/run.h"
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

// A file's own keys, without its includes. Requires a file that parses.
struct OwnLines {
  std::vector<std::string> includes;
  std::map<std::string, std::string> keys;  // "section.key": value, except [scenario] and [expect]
  std::string cured_by;                     // "# Cured by: FILE"
  bool has_title = false;
  bool has_source = false;
  bool has_expectations = false;
};

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

OwnLines own_lines(const fs::path& path) {
  OwnLines own;
  std::istringstream text(*read_text(path.string()).text);
  std::string section;
  for (std::string line; std::getline(text, line);) {
    const std::string kCuredBy = "# Cured by: ";
    if (line.starts_with(kCuredBy)) own.cured_by = trimmed(line.substr(kCuredBy.size()));
    line = trimmed(line.substr(0, line.find('#')));
    if (line.starts_with("[")) {
      section = line.substr(1, line.find(']') - 1);
      own.has_expectations = own.has_expectations || section == "expect";
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string key = trimmed(line.substr(0, equals));
    const std::string value = trimmed(line.substr(equals + 1));
    if (key == "include") own.includes.push_back(value);
    if (section == "scenario") {
      own.has_title = own.has_title || key == "title";
      own.has_source = own.has_source || key == "source";
    } else if (!section.empty() && section != "expect") {
      own.keys[section + "." + key] = value;
    }
  }
  return own;
}

// A file without expectations is the base of a domain.
bool is_base(const fs::path& path) { return !own_lines(path).has_expectations; }

std::vector<fs::path> library() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(kLibrary)) {
    if (entry.path().extension() == ".ini") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string name_of(const fs::path& path) { return fs::relative(path, kLibrary).string(); }

ParsedScenario parse_file(const fs::path& path) {
  return parse_scenario(path.lexically_normal().string(), read_text);
}

std::vector<std::string> expected_to_be(const Scenario& scenario, std::string_view verdict) {
  std::vector<std::string> names;
  for (const Expectation& expected : scenario.expectations) {
    const bool is_verdict = expected.kind == Expectation::Kind::Verdict;
    if (is_verdict && expected.verdict == verdict) names.push_back(expected.subject);
  }
  return names;
}

// A broken scenario and its cured twin, which differ in one setting.
struct Twins {
  fs::path broken;
  fs::path cured;
  std::string setting;  // "two-phase-commit.resend = off"
};

std::vector<Twins> all_twins() {
  std::vector<Twins> twins;
  for (const fs::path& file : library()) {
    const OwnLines own = own_lines(file);
    if (own.cured_by.empty()) continue;
    std::string settings;
    for (const auto& [key, value] : own.keys) {
      settings += (settings.empty() ? "" : ", ") + key + " = " + value;
    }
    twins.push_back({file, (file.parent_path() / own.cured_by).lexically_normal(), settings});
  }
  return twins;
}

Verdict verdict_in(const RunResult& result, std::string_view invariant) {
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.invariant == invariant) return judgement.verdict;
  }
  FAIL("no verdict on " << invariant);
  return Verdict::NotApplicable;
}

TEST_CASE("library: every scenario runs as it expects") {
  int scenarios = 0;
  for (const fs::path& file : library()) {
    const ParsedScenario parsed = parse_file(file);
    std::string errors;
    for (const ScenarioError& error : parsed.errors) errors += text(error) + "\n";
    INFO(name_of(file) << "\n" << errors);
    REQUIRE(parsed.scenario != nullptr);
    const RunResult result = run_scenario(parsed.scenario);
    std::string unmet;
    for (const Met& met : result.expectations) {
      if (!met.met) unmet += met.expectation.text + ", but: " + met.seen + "\n";
    }
    INFO(unmet << "txsim run scenarios/" << name_of(file));
    CHECK(result.all_met);
    scenarios += is_base(file) ? 0 : 1;
  }
  CHECK(scenarios >= 70);
}

TEST_CASE("library: every scenario has a title, a story, a source and expectations") {
  std::set<std::string> titles;
  for (const fs::path& file : library()) {
    INFO(name_of(file));
    const ParsedScenario parsed = parse_file(file);
    REQUIRE(parsed.scenario != nullptr);
    CHECK(own_lines(file).has_title);
    CHECK(!parsed.scenario->story.empty());
    CHECK(titles.insert(parsed.scenario->title).second);
    if (is_base(file)) continue;
    CHECK(!parsed.scenario->source.empty());
    CHECK(parsed.scenario->expectations.size() >= 3);
  }
}

TEST_CASE("library: a broken scenario differs from its cured twin in one setting") {
  CHECK(all_twins().size() >= 15);
  for (const Twins& twins : all_twins()) {
    INFO(name_of(twins.broken) << ", cured by " << name_of(twins.cured));
    REQUIRE(fs::exists(twins.cured));
    const OwnLines own = own_lines(twins.broken);
    CHECK(own.includes == std::vector<std::string>{own.cured_by});
    CHECK(own.keys.size() == 1);
    const ParsedScenario broken = parse_file(twins.broken);
    const ParsedScenario cured = parse_file(twins.cured);
    REQUIRE(broken.scenario != nullptr);
    REQUIRE(cured.scenario != nullptr);
    const std::vector<std::string> violated = expected_to_be(*broken.scenario, "violated");
    CHECK(!violated.empty());
    CHECK(expected_to_be(*cured.scenario, "violated").empty());
    const RunResult result = run_scenario(cured.scenario);
    for (const std::string& invariant : violated) {
      INFO(invariant);
      CHECK(verdict_in(result, invariant) != Verdict::Violated);
    }
  }
}

// Most settings are switches that are off. A few others violate or cure by their value.
TEST_CASE(
    "library: one setting violates each promised invariant, and it holds without that setting") {
  std::map<std::string, std::string> broken_by;
  for (const Twins& twins : all_twins()) {
    const RunResult cured = run_scenario(parse_file(twins.cured).scenario);
    const ParsedScenario broken = parse_file(twins.broken);
    for (const std::string& invariant : expected_to_be(*broken.scenario, "violated")) {
      if (verdict_in(cured, invariant) == Verdict::Holds)
        broken_by[invariant] += twins.setting + "\n";
    }
  }
  std::set<std::string> promised = {"bounded-blocking"};  // if a scenario sets the bound
  for (const auto& protocol : protocols()) {
    promised.insert(protocol->description.promises.begin(), protocol->description.promises.end());
  }
  for (const InvariantInfo& invariant : invariants()) {
    INFO(invariant.name);
    const std::string name(invariant.name);
    if (promised.count(name) != 0) CHECK(broken_by.count(name) == 1);
  }
}

TEST_CASE("library: a scenario that expects a violation turns each switch off") {
  std::set<std::string> turned_off;
  for (const fs::path& file : library()) {
    const ParsedScenario parsed = parse_file(file);
    REQUIRE(parsed.scenario != nullptr);
    if (expected_to_be(*parsed.scenario, "violated").empty()) continue;
    for (const auto& [key, value] : own_lines(file).keys) {
      if (value == "off" || value == "never") turned_off.insert(key);
    }
  }
  for (const KeyInfo& key : scenario_keys()) {
    if (!key.is_switch) continue;
    INFO(key.section << "." << key.key << ": " << key.help);
    CHECK(turned_off.count(key.section + "." + key.key) == 1);
  }
}

}  // namespace
}  // namespace txsim
