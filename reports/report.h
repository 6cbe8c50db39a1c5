// The input of the reports: a run's result, and what only the command knows about it.
#pragma once

#include <string>
#include <vector>

#include "runs/run.h"

namespace txsim {

struct Report {
  const RunResult* result = nullptr;
  std::vector<std::string> faults_met;  // RunResult::faults_met as sentences
  std::string again;                    // the command that repeats the run
};

// The texts of all faults by number: first the scenario's, then the random ones that struck.
std::vector<std::string> fault_texts(const Report& report);

// Whether the scenario expects this invariant to be violated.
bool is_expected_violation(const RunResult& result, std::string_view invariant);

}  // namespace txsim
