// The scenario language: text in, Scenario or errors out. All errors of a file are reported at
// once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/scenario.h"
#include "sim/world_spec.h"

namespace txsim {

struct ScenarioError {
  Place place;
  std::string message;  // what is wrong and a way out
};
std::string text(const ScenarioError& error);  // "file:line: message"

// How the language reads files, so that only the command touches the disk: the text of a file, or
// nothing and why.
struct FileText {
  std::optional<std::string> text;
  std::string error;
};
using ReadFile = std::function<FileText(const std::string& path)>;

struct ParsedScenario {
  std::shared_ptr<const Scenario> scenario;  // null if there are errors
  std::vector<ScenarioError> errors;
  std::vector<ScenarioError> hints;  // names of earlier versions, which are still accepted
};

// `settings`: "key=value" texts that override the file, as from --set.
ParsedScenario parse_scenario(const std::string& path, const ReadFile& read_file,
                              const std::vector<std::string>& settings = {});

// The spec of a scenario's world. `keep_trace`: whether the world keeps its trace.
std::shared_ptr<const WorldSpec> build_world(const Scenario& scenario, bool keep_trace);

// The reference of all keys, from the schema that parses them: section, key, type, default, help.
struct KeyInfo {
  std::string section;
  std::string key;
  std::string type;
  std::string fallback;  // the default as text
  std::string help;
  bool repeats = false;
  bool is_switch = false;  // it turns a mechanism off
};
std::vector<KeyInfo> scenario_keys();
// The current name of a section or a section.key; names of earlier versions are accepted, too.
std::string current_name(std::string_view name);
// The sentences for faults, steps and expectations, each with its meaning.
struct SentenceInfo {
  std::string form;  // "crash NODE at TIME [for DURATION]"
  std::string meaning;
  std::string example;  // of the order domain
};
std::vector<SentenceInfo> fault_sentences();
std::vector<SentenceInfo> step_sentences();
std::vector<SentenceInfo> expectation_sentences();

// A fault as a sentence, which is read back to the same fault.
std::string fault_text(const Fault& fault, const Scenario& scenario, const Dictionary& dictionary);

}  // namespace txsim
