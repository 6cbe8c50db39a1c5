// The result of shrinking: in words, as JSON, and as the story of the remaining scenario.
#pragma once

#include <string>
#include <vector>

#include "reports/paint.h"
#include "runs/shrink.h"
#include "runs/turning_point.h"

namespace txsim {

struct ShrinkReport {
  const ShrinkResult* result = nullptr;
  TurningPoint turning_point;
  std::vector<SavingChange> changes;
  std::string from;  // what was shrunk: "FILE, seed 7"
};

// `width`: columns of a line.
std::string text_shrink(const ShrinkReport& report, const Paint& paint, std::size_t width);
// One object, with a line break; `scenario`: the text that is left.
std::string json_shrink(const ShrinkReport& report, const std::string& scenario);
// The comment that opens the scenario that is left.
std::string story_of(const ShrinkReport& report);

}  // namespace txsim
