// Rebuilds the states of a search from the choices that led to them (search.h).
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runs/visited.h"

namespace txsim {

// Rebuilds states by their numbers. Consecutive numbers are cheap: the states on the path to the
// last one are kept as long as they are needed.
template <class Model>
class Path {
 public:
  using State = typename Model::State;
  Path(const Model& model, const Visited& visited) : model_(model), visited_(visited) {}

  // `next`: the number, at the same depth, that will most likely be asked for next. The caller may
  // change the state: only its memory is used again.
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
  // Notes the numbers on the path. Returns how many of their states, from the first on, are kept.
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
  // How many states of the path are on the path to this one, too.
  std::uint32_t common_with(std::uint32_t number, std::uint32_t depth) const {
    std::uint32_t common = depth + 1;
    for (; common > 1 && numbers_[common - 1] != number; --common) number = visited_.from(number);
    return common;
  }

  const Model& model_;
  const Visited& visited_;
  std::vector<std::unique_ptr<State>> states_;  // by depth
  std::vector<std::uint32_t> numbers_;          // of those; kNone: only the memory is used again
};

}  // namespace txsim
