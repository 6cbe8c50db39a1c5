// A scenario as sections of keys and texts, each with its place: the files it includes, the file
// itself and the settings of the command line laid over each other.
//
// What a layer names replaces what the layers below it say under the same key of the same section;
// of a key that may stand several times all values of the topmost layer count, and no others.
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
  std::any parsed;  // what the schema has made of the value; empty: nothing
};

struct Section {
  std::string kind;  // "service"; of the lines before any section: empty
  std::string name;  // "product"; of a section that stands once: empty
  Place place;
  std::vector<Assignment> assignments;

  std::string title() const { return name.empty() ? kind : kind + " " + name; }
  // The values of a key in their order; empty: not named.
  std::vector<const Assignment*> all(std::string_view key) const;
  const Assignment* one(std::string_view key) const;
};

class Sections {
 public:
  const std::vector<Section>& all() const { return sections_; }
  std::vector<const Section*> of_kind(std::string_view kind) const;
  // The section, made empty at `place` if it is not there.
  Section& obtain(std::string_view kind, std::string_view name, const Place& place);
  Section* find(std::string_view kind, std::string_view name);
  const Section* find(std::string_view kind, std::string_view name) const;
  // Lays another layer over this one.
  void overlay(const Sections& layer);
  // A hash of all that a run depends on but its seed: two scenarios that say the same, in whatever
  // files and layers, have the same.
  std::uint64_t digest() const;

 private:
  std::vector<Section> sections_;
  std::map<std::pair<std::string, std::string>, std::size_t, std::less<>> places_;
};

// All errors found so far, in the order of their places once sorted.
class Errors {
 public:
  static constexpr std::size_t kMost = 1'000;

  void add(const Place& place, const std::string& message);
  // The text at this place follows from another error.
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
