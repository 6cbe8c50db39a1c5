// A short run told in sentences: who did what, in order, up to what went wrong.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runs/run.h"

namespace txsim {

// What one node does at one moment.
struct StoryLine {
  std::string text;  // "At 3ms product votes yes and sends Voted to order."
  std::uint64_t first_event = 0;
  std::uint64_t last_event = 0;
};

// Up to the event (0: to the end). A longer story than `most` sentences is cut in the middle.
// Requires the run's trace.
std::vector<StoryLine> tell_story(const RunResult& run, std::uint64_t event, std::size_t most);

}  // namespace txsim
