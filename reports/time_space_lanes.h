// Assigns strips to lanes beside their lifeline, so that no strip covers another.
#pragma once

#include <map>
#include <vector>

#include "reports/time_space_story.h"

namespace txsim::time_space {

inline constexpr int kMostLanes = 10;  // of strips beside one lifeline
inline constexpr int kMostFaultLanes = 4;
inline constexpr int kMostWriteLanes = 3;

struct Lanes {
  static constexpr int kNone = -1;

  std::vector<int> of_strip;  // by strip; kNone: no lane is free
  std::vector<int> of_write;  // by write
  // The states of one transaction at one node share a lane.
  std::map<std::pair<NodeId, TransactionId>, int> of_part;
  std::map<NodeId, int> strip_lanes;  // how many are in use; kNoNode: those of faults at no node
  std::map<NodeId, int> write_lanes;

  static int count(const std::map<NodeId, int>& lanes, NodeId node) {
    const auto found = lanes.find(node);
    return found == lanes.end() ? 0 : found->second;
  }
};

// Crashes and pauses are on the lifeline itself, in lane 0, like the states of the first
// transaction.
bool stands_on_lifeline(const Strip& strip);

Lanes assign_lanes(const Story& story);

}  // namespace txsim::time_space
