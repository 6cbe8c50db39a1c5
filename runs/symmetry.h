// Services of a scenario that differ only in their names: exchanging two of them, with their
// resources and their steps, gives the same scenario again.
#pragma once

#include <vector>

#include "scenarios/scenario.h"
#include "sim/message.h"

namespace txsim {

struct SymmetricPair {
  NodeId first = kNoNode;  // the lower one
  NodeId second = kNoNode;

  bool has(NodeId node) const { return node == first || node == second; }
  // The one that takes the node's place if the two are exchanged.
  NodeId mirrored(NodeId node) const {
    if (node == first) return second;
    return node == second ? first : node;
  }
  friend bool operator==(const SymmetricPair&, const SymmetricPair&) = default;
};

// Of services that are all alike each with the next: all others can be exchanged step by step.
// Empty if something distinguishes them, or might: see symmetry.cpp.
std::vector<SymmetricPair> symmetric_pairs(const Scenario& scenario);

}  // namespace txsim
