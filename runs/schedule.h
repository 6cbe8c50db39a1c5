// A run as a list of choices, each with the events that it caused: a result of a search, written
// down so that it can be replayed.
//
// Choices are named in words, so that a schedule survives code changes that do not affect it, and
// people can read and edit it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runs/fault_budget.h"
#include "runs/timing.h"
#include "sim/choice.h"

namespace txsim {

struct Schedule {
  struct Step {
    std::string label;                // as `label_of` says
    std::uint32_t nth = 1;            // of the options with this label
    Answers answers{};                // by the clock
    std::vector<std::string> events;  // as `event_line` says
  };
  std::string scenario;               // its file
  std::vector<std::string> settings;  // "key=value"
  FaultBudget budget;
  Timing timing = Timing::Untimed;
  std::string violated;  // the invariant; empty: none
  std::vector<Step> steps;
};

// Where a replay differs from what was recorded.
struct Difference {
  std::size_t step = 0;  // from 1
  std::string label;     // of that step
  std::string recorded;  // the event, or the choice; empty: there is none
  std::string now;
};

struct Replay {
  bool differs = false;
  Difference difference;
  std::size_t steps = 0;   // taken
  std::size_t events = 0;  // that were equal
};

std::string schedule_text(const Schedule& schedule);
struct ParsedSchedule {
  Schedule schedule;
  int line = 0;       // of the error
  std::string error;  // empty: nothing
};
ParsedSchedule parse_schedule(const std::string& text);

}  // namespace txsim
