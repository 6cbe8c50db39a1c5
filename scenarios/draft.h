// A scenario as lines that can be taken away, put in and written out: one file that includes no
// other. What is written is read back to the same scenario.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language.h"
#include "scenarios/sections.h"

namespace txsim {

struct Draft {
  std::string name;               // the file it is read from, for messages
  std::string story;              // the comment that opens it, lines without their marks
  std::vector<Section> sections;  // with those of a kind in their order

  Section* find(std::string_view kind, std::string_view section_name = {});
  const Section* find(std::string_view kind, std::string_view section_name = {}) const;
  // The section, made if it is not there.
  Section& obtain(std::string_view kind, std::string_view section_name = {});
  // The last value of a key; empty: none.
  std::string value(std::string_view kind, std::string_view key) const;
  // Instead of all values of the key.
  void set(std::string_view kind, std::string_view key, const std::vector<std::string>& values);
  void erase(std::string_view kind, std::string_view key);
};

// Instead of all values of a key of one section.
void set_values(Section& section, std::string_view key, const std::vector<std::string>& values);

// Null, and the errors, if it is no scenario.
struct ReadDraft {
  std::optional<Draft> draft;
  std::shared_ptr<const Scenario> scenario;
  std::vector<ScenarioError> errors;
  std::vector<ScenarioError> hints;
};
ReadDraft read_draft(const std::string& path, const ReadFile& read_file,
                     const std::vector<std::string>& settings = {});

// Sections in the order of the reference, without those in which nothing stands.
std::string text(const Draft& draft);
// Through its text, so that nothing is tried that could not be written down.
ParsedScenario parse(const Draft& draft);

}  // namespace txsim
