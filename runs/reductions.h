// What a search of a world may leave out without changing its verdict: exhausted, or which
// invariant is violated. What each rests on stands in world_model_reduced.cpp.
#pragma once

#include <array>
#include <string_view>

namespace txsim {

struct Reductions {
  bool order = false;   // of orders that nobody can tell apart only some are tried
  bool timers = false;  // of timers that nothing tells apart only one fires

  bool any() const { return order || timers; }
  static Reductions all() { return {true, true}; }
};

struct ReductionInfo {
  std::string_view name;
  bool Reductions::*on;
};
inline constexpr std::array kReductions = {ReductionInfo{"order", &Reductions::order},
                                           ReductionInfo{"timers", &Reductions::timers}};

}  // namespace txsim
