// The schema of scenarios: every section and key with its type, default and help. One table of
// Boost.Program_options descriptions that parses each value once, fills in the typed ones, and
// prints the reference.
#pragma once

#include <any>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/registry.h"
#include "scenarios/language.h"
#include "scenarios/scenario.h"
#include "scenarios/sections.h"

namespace txsim {

// The values of the keys with a type of their own. Keys that hold names or sentences are read from
// the sections.
struct Values {
  Scenario scenario;  // protocol, seed, horizon, network, workload, settings, random faults ...
  // One for each protocol that has a section: all are checked, not only the scenario's own.
  std::map<std::string, AnySettings, std::less<>> of_protocols;
  std::optional<std::uint64_t> orders;
  Delay disk = Delay::constant(Duration{0});
  struct Service {
    std::optional<Delay> disk;
    bool prepares = true;
  } service;
  struct Transaction {
    std::uint32_t share = 1;
    std::optional<std::uint64_t> pivot;
  } transaction;
  struct OneLink {
    std::optional<Delay> delay;
    std::optional<Probability> loss;
    std::optional<Probability> duplication;
    std::optional<bool> fifo;
  } link;

  // The settings that sections have set so far, or the defaults.
  AnySettings& settings_of(const Protocol& protocol) {
    return of_protocols.try_emplace(std::string(protocol.name()), protocol.settings).first->second;
  }
};

struct SectionTitle {
  std::string kind;
  std::string name;    // normal form; empty for a section without a name
  std::string former;  // the section's name in the text, if it is one of an earlier version
};

class Schema {
 public:
  Schema();
  ~Schema();
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  // Parses the text between the brackets. Throws BadValue.
  SectionTitle parse_title(std::string_view text) const;
  bool has_key(std::string_view kind, std::string_view key) const;
  bool repeats(std::string_view kind, std::string_view key) const;
  const std::vector<std::string>& keys(std::string_view kind) const;
  // The parsed value, for `bind`. An empty text of a key that may repeat gives an empty result.
  // Throws BadValue. Requires has_key.
  std::any parse(std::string_view kind, std::string_view key, std::string_view text);

 private:
  struct KeysOfSection;
  std::map<std::string, std::unique_ptr<KeysOfSection>, std::less<>> kinds_;
};

// Fills in the section's typed values, and defaults for the rest.
void bind(const Section& section, Values& values);
// The mechanisms that the section turns off: "tcc.retry".
std::vector<std::string> switched_off(const Section& section);
// The kinds of sections without a name, in the order of the reference.
std::vector<std::string> single_sections();

// Throws BadValue if a node cannot have this name.
void check_name(std::string_view name);
// Words of the language, which cannot be names.
const std::vector<std::string_view>& reserved_words();

}  // namespace txsim
