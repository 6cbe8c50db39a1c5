// What a search of a world may leave out without changing its verdict: exhausted, or which
// invariant is violated. world_model_reduced.cpp and world_model_symmetry.cpp give the arguments.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "runs/symmetry.h"

namespace txsim {

struct Reductions {
  bool order = false;     // of indistinguishable orders only some are tried
  bool timers = false;    // of indistinguishable timers only one fires
  bool symmetry = false;  // of indistinguishable services only one goes first
  // For tests: pairs that are taken for symmetric whatever the scenario says. A search that detects
  // a false one does not trust its result.
  std::vector<SymmetricPair> claimed{};

  bool any() const { return order || timers || symmetry; }
  static Reductions all() { return {true, true, true}; }
};

struct ReductionInfo {
  std::string_view name;
  bool Reductions::*on;
};
inline constexpr std::array kReductions = {ReductionInfo{"order", &Reductions::order},
                                           ReductionInfo{"timers", &Reductions::timers},
                                           ReductionInfo{"symmetry", &Reductions::symmetry}};

}  // namespace txsim
