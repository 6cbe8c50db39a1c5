// The result of an exploration, as text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/paint.h"
#include "runs/explore.h"

namespace txsim {

struct ExploreReport {
  const ExploreResult* result = nullptr;
  const Scenario* scenario = nullptr;
  ExploreSettings settings;
  std::uint64_t elapsed_ms = 0;
  std::vector<std::string> settings_over;  // that override the scenario
  std::string again;                       // the command that repeats the exploration
  std::string written_to;                  // the schedule's file; empty: none
  std::string time;                        // the bound, as it was given
  std::string resume;                      // the command that goes on; empty: nothing is saved
};

// "--depth 40", "a signal": what has stopped a search that is not exhausted.
std::string bound_text(const ExploreReport& report);

// "up to 1 crash, 2 losses", "no fault but the scenario's own".
std::string budget_text(const FaultBudget& budget);

std::string text_exploration(const ExploreReport& report, const Paint& paint);
// One object, {"format":"txsim-explore","version":1,...}, with a line break.
std::string json_exploration(const ExploreReport& report);

}  // namespace txsim
