// Holds the two judges against each other on one scenario, and makes a scenario in which they
// differ smaller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/judge/reference_judge.h"

namespace txsim::reference {

// Something that must not be. `kind` tells findings apart: "atomicity: violated, by definition
// holds", "promise: atomicity", "refused", "assertion", "endless", "digest".
struct Finding {
  std::string kind;
  std::string why;
};

struct ComparedRun {
  std::vector<Finding> findings;
  std::uint64_t events = 0;
  bool is_too_long = false;  // and was not compared
};
struct Question {
  bool promises = true;  // a promised invariant must not be violated either
};
ComparedRun compare(const std::string& text, const Question& question = {});

// What the definitions say of the scenario's run, in the order of `definitions()`. Requires that it
// is a scenario.
std::vector<Decision> decide_by_definition(const std::string& text);

// The least of the scenario's lines that still gives a finding of this kind.
std::string shrunk(const std::string& text, const std::string& kind);

}  // namespace txsim::reference
