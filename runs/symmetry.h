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
  // The node that takes this one's place if the two are exchanged.
  NodeId mirrored(NodeId node) const {
    if (node == first) return second;
    return node == second ? first : node;
  }
  friend bool operator==(const SymmetricPair&, const SymmetricPair&) = default;
};

// Of a group of symmetric services, each with the next: any two can be exchanged by such pairs.
// Empty if something distinguishes the services, or might: see symmetry.cpp.
std::vector<SymmetricPair> symmetric_pairs(const Scenario& scenario);

}  // namespace txsim
