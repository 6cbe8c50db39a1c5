// What an exploration came to, as text.
#pragma once

#include <cstdint>
#include <string>

#include "reports/paint.h"
#include "runs/explore.h"

namespace txsim {

struct ExploreReport {
  const ExploreResult* result = nullptr;
  const Scenario* scenario = nullptr;
  ExploreSettings settings;
  std::uint64_t elapsed_ms = 0;
  std::string again;  // the command line that explores it again
};

std::string text_exploration(const ExploreReport& report, const Paint& paint);
// One object, with a line break.
std::string json_exploration(const ExploreReport& report);

}  // namespace txsim
