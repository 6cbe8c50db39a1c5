// Follows a run by the clock: whether some real timing allows the moves of a run that was found
// where durations are unknown, or among joined copies of messages.
//
// Exact for this order of moves: all events that a move can mean, and all answers to questions
// about time, are tried, and the zone of each state holds exactly the times that allow the moves so
// far (symbolic_clock.h). The same violation may be possible in another order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runs/world_model.h"

namespace txsim {

// The moves of a path, with those that a reduction forces.
std::vector<Move> moves_of(const WorldModel& model, const std::vector<Visited::Step>& way);

struct Followed {
  enum class End : std::uint8_t { Possible, Impossible, TooManyStates };
  End end = End::Impossible;
  std::vector<Visited::Step> way;  // if it is possible: the same moves in the model
  std::string obstacle;            // if not: what the clock forbids
};

// `model` is one by the clock that keeps each copy of a message apart. The run must come to a state
// of which `is_it` is true.
Followed follow(const WorldModel& model, const std::vector<Move>& moves,
                const std::function<bool(const WorldModel::State&)>& is_it);

}  // namespace txsim
