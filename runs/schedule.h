// A run as a list of what was chosen in it, and the events that each choice brought about: what a
// search found, written down so that it can be replayed.
//
// Choices are named in words, so that a schedule outlives changes of the code that do not concern
// it, and people can read and edit it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runs/world_model.h"

namespace txsim {

struct Schedule {
  struct Step {
    std::string label;                // as `label_of` says
    std::uint32_t nth = 1;            // of the options with this label
    std::vector<std::string> events;  // as `event_line` says
  };
  std::string scenario;               // its file
  std::vector<std::string> settings;  // "key=value"
  FaultBudget budget;
  std::string violated;  // the invariant; empty: none
  std::vector<Step> steps;
};

// "product receives Prepare from order, order 1", "point crashes".
std::string label_of(const Move& move, const WorldSpec& spec);
// A record in words, with its time and without its sequence.
std::string event_line(const TraceRecord& record, const WorldSpec& spec);

// A model's world that is led through a schedule, with its trace.
class Rehearsal {
 public:
  Rehearsal(const WorldModel& model) : model_(&model), state_(model.initial(true)) {}

  // Takes an option of the model, and what follows of itself, and writes down what comes of each.
  void take(Visited::Step step, std::vector<Schedule::Step>& done);
  // Looks for the step among what the model's options allow. Empty: there is no such.
  std::vector<std::string> labels() const;
  bool take(const Schedule::Step& step, Schedule::Step& done);

  const WorldModel::State& state() const { return state_; }
  World& world() { return state_.world; }

 private:
  Schedule::Step named(const WorldModel::Option& chosen) const;
  NodeId perform(const WorldModel::Option& option, Schedule::Step& named);

  const WorldModel* model_;
  WorldModel::State state_;
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
  std::size_t events = 0;  // that were the same
};

// Takes the schedule's steps up to the first difference.
Replay replay(const Schedule& schedule, Rehearsal& rehearsal);

std::string schedule_text(const Schedule& schedule);
struct ParsedSchedule {
  Schedule schedule;
  int line = 0;       // of what is wrong
  std::string error;  // empty: nothing
};
ParsedSchedule parse_schedule(const std::string& text);

}  // namespace txsim
