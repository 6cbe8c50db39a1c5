#include "runs/found_run.h"

#include <algorithm>
#include <utility>

#include "runs/endless.h"
#include "runs/follow.h"
#include "runs/rehearsal.h"
#include "sim/assert.h"

namespace txsim {
namespace {

// Finds a fair loop among states that never end. The next choice is always the one that was taken
// longest ago. The loop closes when a state recurs and each choice of it has been taken.
class WayAround {
 public:
  WayAround(const WorldModel& model, const std::vector<Visited::Step>& way)
      : model_(model), state_(model.initial()), next_(state_) {
    for (const Visited::Step step : way) go(step);
    seen_.push_back(fingerprint());
    do look();
    while (!closes());
  }

  const std::vector<Visited::Step>& steps() const { return steps_; }
  // The number of steps in the loop: the last ones of `steps`.
  std::size_t loop() const { return loop_; }

 private:
  struct Option {
    Visited::Step step = 0;
    Choice choice;
  };

  void go(Visited::Step step) {
    model_.make_child(state_, step, next_);
    std::swap(state_, next_);
  }
  std::uint64_t fingerprint() const {
    const std::uint64_t fingerprint = model_.fingerprint(state_);
    if (!model_.has_times()) return fingerprint;
    return Fingerprint::of(fingerprint, WorldModel::times(state_).bounds());
  }

  // Takes the next step.
  void look() {
    const std::vector<Option> options = find_options();
    const Option* chosen = nullptr;
    for (const Option& option : options) {
      if (chosen == nullptr || last(option.choice) < last(chosen->choice)) chosen = &option;
    }
    TXSIM_ASSERT(chosen != nullptr, "a state that does not end has nothing to happen");
    done_.push_back(chosen->choice);
    steps_.push_back(chosen->step);
    go(chosen->step);
    seen_.push_back(fingerprint());
  }

  std::vector<Option> find_options() {
    std::vector<Option> options;
    model_.expand(state_, next_, [&](WorldModel::State&, Turn turn, Visited::Step step) {
      if (turn == Turn::Will) options.push_back({step, {}});
    });
    for (Option& option : options) option.choice = model_.option(state_, option.step).move.choice;
    return options;
  }

  // The number of the step that took it last, from 1; 0: none.
  std::size_t last(const Choice& choice) const {
    for (std::size_t i = done_.size(); i > 0; --i) {
      if (done_[i - 1].is_like(choice)) return i;
    }
    return 0;
  }

  bool closes() {
    const auto before = seen_.end() - 1;
    if (std::find(seen_.begin(), before, seen_.back()) == before) return false;
    std::size_t since = steps_.size();  // from here on every choice of the state is taken
    for (const Option& option : find_options()) {
      const std::size_t done = last(option.choice);
      if (done == 0) return false;
      since = std::min(since, done - 1);
    }
    for (std::size_t place = since + 1; place-- > 0;) {
      if (seen_[place] != seen_.back()) continue;
      loop_ = steps_.size() - place;
      return loop_ > 0;
    }
    return false;
  }

  const WorldModel& model_;
  WorldModel::State state_;
  WorldModel::State next_;
  std::vector<std::uint64_t> seen_;  // fingerprints
  std::vector<Visited::Step> steps_;
  std::vector<Choice> done_;  // by step
  std::size_t loop_ = 0;
};

std::string name_of_lowest(std::uint32_t violated) {
  return std::string(invariants()[static_cast<std::size_t>(__builtin_ctz(violated))].name);
}

// The invariants that are violated in each of the states if nothing more happens.
std::uint32_t broken_forever(const WorldModel& model, const Visited& visited,
                             const std::vector<std::uint32_t>& states) {
  std::uint32_t broken = ~std::uint32_t{0};
  const WorldModel::State first = model.initial();
  WorldModel::State state = first;
  WorldModel::State next = first;
  for (const std::uint32_t number : states) {
    state = first;
    for (const Visited::Step step : visited.way_to(number)) {
      model.make_child(state, step, next);
      std::swap(state, next);
    }
    broken &= model.violated_at_end(state);
    if (broken == 0) break;
  }
  return broken;
}

}  // namespace

Counterexample rehearse(const WorldModel& model, const std::vector<Visited::Step>& way,
                        std::size_t loop, std::uint32_t invariants) {
  Counterexample example;
  Rehearsal rehearsal(model);
  rehearsal.set_times_by([&](Rehearsal& first) {
    std::vector<Schedule::Step> ignored;
    for (const Visited::Step step : way) first.take(step, ignored);
  });
  std::vector<Schedule::Step>& steps = example.schedule.steps;
  std::size_t before_loop = 0;
  for (std::size_t i = 0; i < way.size(); ++i) {
    rehearsal.take(way[i], steps);
    if (i + 1 + loop == way.size()) before_loop = steps.size();
  }
  if (loop > 0) example.loop = steps.size() - before_loop;
  example.schedule.scenario = model.scenario()->name;
  example.schedule.budget = model.budget();
  example.schedule.timing = model.timing();
  example.moves = moves_of(model, way);
  const WorldModel::State& state = rehearsal.state();
  std::uint32_t violated = model.violated(state) & invariants;
  if (violated == 0) {
    violated = model.violated_at_end(state) & invariants;
    example.is_at_end = true;
  }
  example.run = finish_run(model.scenario(), model.spec(true), state.world);
  if (violated == 0) return example;
  example.schedule.violated = name_of_lowest(violated);
  for (const Judgement& judgement : example.run.verdicts.judgements) {
    if (judgement.invariant == example.schedule.violated)
      example.explanation = judgement.explanation;
  }
  return example;
}

std::optional<Livelock> find_livelock(const WorldModel& model, const Search<WorldModel>& search) {
  for (const std::vector<std::uint32_t>& states : find_endless(search.edges())) {
    const std::uint32_t broken = broken_forever(model, search.visited(), states);
    if (broken == 0) continue;
    Livelock livelock;
    livelock.broken = broken;
    livelock.way = search.visited().way_to(states.front());
    const WayAround around(model, livelock.way);
    livelock.way.insert(livelock.way.end(), around.steps().begin(), around.steps().end());
    livelock.loop = around.loop();
    return livelock;
  }
  return std::nullopt;
}

}  // namespace txsim
