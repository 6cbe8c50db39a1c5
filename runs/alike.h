// Services of a scenario that are alike but for their names: exchanging two of them, with what they
// own and what they are asked to do, gives the same scenario again.
#pragma once

#include <vector>

#include "scenarios/scenario.h"
#include "sim/message.h"

namespace txsim {

struct LikePair {
  NodeId first = kNoNode;  // the lower one
  NodeId second = kNoNode;

  bool has(NodeId node) const { return node == first || node == second; }
  // The one that takes the node's place if the two are exchanged.
  NodeId mirrored(NodeId node) const {
    if (node == first) return second;
    return node == second ? first : node;
  }
  friend bool operator==(const LikePair&, const LikePair&) = default;
};

// Of services that are all alike each with the next: all others can be exchanged step by step.
// Empty where something tells them apart, or might: see alike.cpp.
std::vector<LikePair> like_pairs(const Scenario& scenario);

}  // namespace txsim
