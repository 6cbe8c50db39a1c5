#include "scenarios/language.h"

#include <fmt/format.h>

#include "protocols/registry.h"
#include "scenarios/resolve.h"
#include "scenarios/sections.h"

namespace txsim {

std::shared_ptr<const Protocol> default_protocol() { return find_protocol("two-phase-commit"); }

std::string_view Scenario::protocol_name() const { return protocol->name(); }

std::string text(const ScenarioError& error) {
  if (error.place.line == 0) return fmt::format("{}: {}", error.place.file, error.message);
  return fmt::format("{}:{}: {}", error.place.file, error.place.line, error.message);
}

ParsedScenario parse_scenario(const std::string& path, const ReadFile& read_file,
                              const std::vector<std::string>& settings) {
  ParsedScenario parsed;
  Errors errors;
  const ReadScenario read = read_sections(path, read_file, settings, errors);
  Scenario scenario;
  if (read.readable) scenario = resolve(path, read, errors);
  scenario.digest = read.sections.digest();
  parsed.errors = errors.sorted();
  parsed.hints = read.hints;
  if (parsed.errors.empty())
    parsed.scenario = std::make_shared<const Scenario>(std::move(scenario));
  return parsed;
}

}  // namespace txsim
