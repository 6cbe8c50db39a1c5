// Leads the world of a model through a schedule, and puts what happens into words.
#pragma once

#include <string>
#include <vector>

#include "runs/schedule.h"
#include "runs/world_model.h"

namespace txsim {

// "product receives Prepare from order, order 1", "point crashes".
std::string label_of(const Move& move, const WorldSpec& spec);
// A record in words, with its time and without its sequence.
std::string event_line(const TraceRecord& record, const WorldSpec& spec);

// A model's world with its trace, led through a schedule.
class Rehearsal {
 public:
  Rehearsal(const WorldModel& model) : model_(&model), state_(model.initial(true)) {
    if (model.has_times()) state_.world.remember_steps();
  }
  // By the clock: only all steps together tell when each of them happens. `lead` takes them in
  // another rehearsal, before they are taken in this one.
  template <class Lead>
  void set_times_by(Lead&& lead) {
    if (!model_->has_times()) return;
    Rehearsal first(*model_);
    lead(first);
    times_ = first.state_.world.clock().step_times();
  }
  void set_times_of(const Schedule& schedule);

  // Takes an option of the model and the forced steps after it, and writes down their events.
  void take(Visited::Step step, std::vector<Schedule::Step>& done);
  // Finds the step among the model's options. Empty: there is none.
  std::vector<std::string> labels() const;
  bool take(const Schedule::Step& step, Schedule::Step& done);

  const WorldModel::State& state() const { return state_; }
  World& world() { return state_.world; }

 private:
  Schedule::Step named(const WorldModel::Option& chosen) const;
  NodeId perform(WorldModel::Option option, Schedule::Step& named);

  const WorldModel* model_;
  WorldModel::State state_;
  std::vector<Duration> times_;
  std::size_t taken_ = 0;
};

// Takes the schedule's steps up to the first difference.
Replay replay(const Schedule& schedule, Rehearsal& rehearsal);

}  // namespace txsim
