// Makes the states of a search again, by the choices that led to them (search.h).
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runs/visited.h"

namespace txsim {

// Makes states again by their numbers: cheap for numbers that follow one another, since the states
// on the way to the last one are kept, but for those that are of no more use.
template <class Model>
class Path {
 public:
  using State = typename Model::State;
  Path(const Model& model, const Visited& visited) : model_(model), visited_(visited) {}

  // Number `next`, at the same depth, is the one that will most likely be asked for next. The state
  // may be changed: it is of no more use here but its memory.
  State& reach(std::uint32_t number, std::uint32_t depth, std::uint32_t next) {
    const std::uint32_t kept = find_way(number, depth);
    const std::uint32_t useful = common_with(next, depth);
    for (std::uint32_t place = kept; place <= depth; ++place) {
      if (place == 0) {
        *states_[0] = model_.initial();
      } else if (place <= useful) {
        model_.make_child(*states_[place - 1], visited_.step_to(numbers_[place]), *states_[place]);
      } else {
        std::swap(states_[place - 1], states_[place]);
        numbers_[place - 1] = Visited::kNone;
        model_.go_on(*states_[place], visited_.step_to(numbers_[place]));
      }
    }
    numbers_[depth] = Visited::kNone;
    return *states_[depth];
  }

 private:
  // Notes the numbers on the way; the states of so many of them, from the first one on, are there.
  std::uint32_t find_way(std::uint32_t number, std::uint32_t depth) {
    while (states_.size() <= depth) {
      states_.push_back(std::make_unique<State>(states_.empty() ? model_.initial() : *states_[0]));
      numbers_.push_back(Visited::kNone);
    }
    for (std::uint32_t place = depth + 1; place > 0; --place) {
      if (numbers_[place - 1] == number) return place;
      numbers_[place - 1] = number;
      number = visited_.from(number);
    }
    return 0;
  }
  // So many of the states on the way are on the way to this one too.
  std::uint32_t common_with(std::uint32_t number, std::uint32_t depth) const {
    std::uint32_t common = depth + 1;
    for (; common > 1 && numbers_[common - 1] != number; --common) number = visited_.from(number);
    return common;
  }

  const Model& model_;
  const Visited& visited_;
  std::vector<std::unique_ptr<State>> states_;  // by depth
  std::vector<std::uint32_t> numbers_;          // of those; kNone: it is of no use but its memory
};

}  // namespace txsim
