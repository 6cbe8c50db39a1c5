// A scenario as sections of keys and texts, each with its place. It consists of layers: the
// included files, the file itself over them, and the settings of the command line on top.
//
// A value in a layer replaces the values of the same key and section in the layers below. For a key
// that may repeat, all values of the topmost layer that names it count, and no others.
#pragma once

#include <any>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/language.h"
#include "scenarios/scenario.h"

namespace txsim {

struct Assignment {
  std::string key;
  std::string value;
  Place place;
  std::any parsed;  // the value as the schema has parsed it, or empty
};

struct Section {
  std::string kind;  // "service"; empty for the lines before any section
  std::string name;  // "product"; empty for a section without a name
  Place place;
  std::vector<Assignment> assignments;

  std::string title() const { return name.empty() ? kind : kind + " " + name; }
  // The values of a key in order; empty if it is not named.
  std::vector<const Assignment*> all(std::string_view key) const;
  const Assignment* one(std::string_view key) const;
};

class Sections {
 public:
  const std::vector<Section>& all() const { return sections_; }
  std::vector<const Section*> of_kind(std::string_view kind) const;
  // The section; creates an empty one at `place` if it is missing.
  Section& obtain(std::string_view kind, std::string_view name, const Place& place);
  Section* find(std::string_view kind, std::string_view name);
  const Section* find(std::string_view kind, std::string_view name) const;
  // Lays another layer over this one.
  void overlay(const Sections& layer);
  // A hash of everything that a run depends on except its seed. Scenarios that say the same in
  // other files and layers have the same digest.
  std::uint64_t digest() const;

 private:
  std::vector<Section> sections_;
  std::map<std::pair<std::string, std::string>, std::size_t, std::less<>> places_;
};

// All errors found so far. `sorted` puts them in the order of their places.
class Errors {
 public:
  static constexpr std::size_t kMost = 1'000;

  void add(const Place& place, const std::string& message);
  // Removes the errors at this place, because another error caused them.
  void drop(const Place& place);
  // No further errors are kept.
  bool is_full() const { return errors_.size() >= kMost; }
  bool empty() const { return errors_.empty(); }
  std::vector<ScenarioError> sorted();

 private:
  std::vector<ScenarioError> errors_;
  std::vector<std::string> files_;  // in the order of their first error
};

struct ReadScenario {
  Sections sections;
  std::string story;
  std::vector<ScenarioError> hints;  // as ParsedScenario has them
  bool readable = true;              // the file itself could be read as text
  // The scenario names an unknown protocol, so the meaning of its words is unknown too.
  bool has_unknown_protocol = false;
  bool has_lines = false;  // anything but comments and blank lines
};

ReadScenario read_sections(const std::string& path, const ReadFile& read_file,
                           const std::vector<std::string>& settings, Errors& errors);

}  // namespace txsim
