// What `txsim describe` tells of a protocol or a part of a service, and what the scenario language
// needs to know of it.
#pragma once

#include <string_view>
#include <vector>

namespace txsim {

struct NamedText {
  std::string_view name;
  std::string_view text;
};

struct ProtocolInfo {
  std::string_view name;  // "two-phase-commit"; also its section in scenarios
  std::string_view what;  // one or two sentences
  std::string_view source;
  std::vector<NamedText> roles;
  std::vector<NamedText> messages;  // by the names that traces and faults use
  std::vector<NamedText> records;   // log records likewise
  std::vector<NamedText> timers;
  std::vector<NamedText> states;  // of each role: state, what it means and what it may become
  std::vector<NamedText> deviations;
  std::vector<std::string_view> promises;  // invariants that hold under the safe settings, whatever
                                           // crashes, losses and delays come
  std::vector<NamedText> conditions;       // what promises need besides: which, and that
};

}  // namespace txsim
