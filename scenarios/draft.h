// A scenario as lines that can be removed, added and written out as one file that includes no
// other. A written draft is read back to the same scenario.
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
  std::vector<Section> sections;  // those of one kind are in order

  Section* find(std::string_view kind, std::string_view section_name = {});
  const Section* find(std::string_view kind, std::string_view section_name = {}) const;
  // The section; creates it if it is missing.
  Section& obtain(std::string_view kind, std::string_view section_name = {});
  // The last value of a key; empty: none.
  std::string value(std::string_view kind, std::string_view key) const;
  // Replaces all values of the key.
  void set(std::string_view kind, std::string_view key, const std::vector<std::string>& values);
  void erase(std::string_view kind, std::string_view key);
};

// Replaces all values of a key of one section.
void set_values(Section& section, std::string_view key, const std::vector<std::string>& values);

// The draft and its scenario, or neither and the errors.
struct ReadDraft {
  std::optional<Draft> draft;
  std::shared_ptr<const Scenario> scenario;
  std::vector<ScenarioError> errors;
  std::vector<ScenarioError> hints;
};
ReadDraft read_draft(const std::string& path, const ReadFile& read_file,
                     const std::vector<std::string>& settings = {});

// The draft as a file: sections in the order of the reference, without empty ones.
std::string text(const Draft& draft);
// Goes through the draft's text, so that no scenario is tried that cannot be written down.
ParsedScenario parse(const Draft& draft);

}  // namespace txsim
