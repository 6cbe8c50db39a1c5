// Compares the two judges on one scenario, and shrinks a scenario on which they differ.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/judge/reference_judge.h"

namespace txsim::reference {

// A defect that the comparison found. `kind` groups findings: "atomicity: violated, by definition
// holds", "promise: atomicity", "refused", "assertion", "endless", "digest".
struct Finding {
  std::string kind;
  std::string why;
};

struct ComparedRun {
  std::vector<Finding> findings;
  std::uint64_t events = 0;
  bool is_too_long = false;  // the run was not compared
};
struct Question {
  bool promises = true;  // a violation of a promised invariant is a finding, too
};
ComparedRun compare(const std::string& text, const Question& question = {});

// The verdicts of the definitions for the scenario's run, in the order of `definitions()`. Requires
// a valid scenario.
std::vector<Decision> decide_by_definition(const std::string& text);

// A minimal subset of the scenario's lines that still gives a finding of this kind.
std::string shrunk(const std::string& text, const std::string& kind);

}  // namespace txsim::reference
