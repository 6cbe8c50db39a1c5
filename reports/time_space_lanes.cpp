#include "reports/time_space_lanes.h"

#include <algorithm>

namespace txsim::time_space {
namespace {

// Lanes beside one lifeline, each free from some moment on.
class Free {
 public:
  int take(int first, int most, Time from, Time to) {
    for (int lane = first; lane < most; ++lane) {
      const auto place = static_cast<std::size_t>(lane);
      if (free_from_.size() <= place) free_from_.resize(place + 1, Time{-1});
      if (free_from_[place] > from) continue;
      free_from_[place] = to;
      return lane;
    }
    return Lanes::kNone;
  }
  int used() const { return static_cast<int>(free_from_.size()); }

 private:
  std::vector<Time> free_from_;
};

void assign_strips(const Story& story, Lanes& lanes) {
  std::map<std::pair<NodeId, TransactionId>, Time> until;
  for (const Strip& strip : story.strips) {
    if (strip.kind != StripKind::State) continue;
    Time& last = until[{strip.node, strip.transaction}];
    last = std::max(last, strip.to);
  }
  std::map<NodeId, Free> free;
  for (const Strip& strip : story.strips) {
    int lane = 0;
    if (strip.kind == StripKind::State) {
      const std::pair part{strip.node, strip.transaction};
      auto place = lanes.of_part.find(part);
      if (place == lanes.of_part.end()) {
        lane = free[strip.node].take(0, kMostLanes, strip.from, until[part]);
        place = lanes.of_part.emplace(part, lane).first;
      }
      lane = place->second;
    } else if (!stands_on_lifeline(strip)) {
      const bool is_fault = strip.kind == StripKind::Fault;
      lane = free[strip.node].take(is_fault ? 0 : 1, is_fault ? kMostFaultLanes : kMostLanes,
                                   strip.from, strip.to);
    }
    lanes.of_strip.push_back(lane);
  }
  for (const auto& [node, of_node] : free) lanes.strip_lanes[node] = of_node.used();
}

}  // namespace

bool stands_on_lifeline(const Strip& strip) {
  return strip.kind == StripKind::Down || strip.kind == StripKind::Paused;
}

Lanes assign_lanes(const Story& story) {
  Lanes lanes;
  assign_strips(story, lanes);
  std::map<NodeId, Free> free;
  for (const Write& write : story.writes) {
    const int lane = free[write.node].take(0, kMostWriteLanes, write.from, write.to);
    lanes.of_write.push_back(std::max(lane, 0));
  }
  for (const auto& [node, of_node] : free) lanes.write_lanes[node] = of_node.used();
  return lanes;
}

}  // namespace txsim::time_space
