#include "runs/endless.h"

#include <algorithm>

namespace txsim {
namespace {

bool leads_on(const Edges& edges, std::uint64_t edge) {
  return (edges.to[edge] & Edges::kMay) == 0;
}

// By state, whether an end can be reached from it. Most ways lead from lower to higher numbers, so
// that few rounds are needed.
std::vector<bool> find_those_that_end(const Edges& edges) {
  const std::size_t states = edges.first.size() - 1;
  std::vector<bool> ends(states, false);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t state = states; state-- > 0;) {
      if (ends[state]) continue;
      bool is_end = true;
      bool reaches = false;
      for (std::uint64_t i = edges.first[state]; i < edges.first[state + 1]; ++i) {
        if (!leads_on(edges, i)) continue;
        is_end = false;
        reaches = reaches || ends[edges.to[i]];
      }
      if (!is_end && !reaches) continue;
      ends[state] = true;
      changed = true;
    }
  }
  return ends;
}

// Finds the strongly connected components of the states that never end, and keeps the bottom ones
// (Tarjan 1972, without recursion). None of these states leads to one that ends.
class Components {
 public:
  Components(const Edges& edges, const std::vector<bool>& ends)
      : edges_(edges), index_(ends.size(), kUnseen), lowest_(ends.size(), 0) {
    for (std::uint32_t state = 0; state < ends.size(); ++state) {
      if (!ends[state] && index_[state] == kUnseen) visit(state);
    }
    std::sort(bottom_.begin(), bottom_.end());
  }

  std::vector<std::vector<std::uint32_t>> take() { return std::move(bottom_); }

 private:
  static constexpr std::uint32_t kUnseen = ~std::uint32_t{0};
  static constexpr std::uint32_t kDone = kUnseen - 1;  // its component is known
  struct Place {
    std::uint32_t state = 0;
    std::uint64_t edge = 0;        // the next edge to follow
    bool leads_elsewhere = false;  // to another component
  };

  void enter(std::uint32_t state) {
    index_[state] = lowest_[state] = next_++;
    open_.push_back(state);
    way_.push_back({state, edges_.first[state], false});
  }

  void visit(std::uint32_t root) {
    enter(root);
    while (!way_.empty()) {
      Place& here = way_.back();
      if (here.edge == edges_.first[here.state + 1]) {
        leave();
        continue;
      }
      const std::uint64_t edge = here.edge++;
      if (!leads_on(edges_, edge)) continue;
      const std::uint32_t to = edges_.to[edge];
      if (index_[to] == kUnseen) {
        enter(to);
      } else if (index_[to] == kDone) {
        here.leads_elsewhere = true;
      } else {
        lowest_[here.state] = std::min(lowest_[here.state], index_[to]);
      }
    }
  }

  void leave() {
    const Place left = way_.back();
    way_.pop_back();
    const bool is_root = lowest_[left.state] == index_[left.state];
    if (is_root) close(left);
    if (way_.empty()) return;
    Place& above = way_.back();
    above.leads_elsewhere = above.leads_elsewhere || is_root || left.leads_elsewhere;
    if (!is_root) {
      lowest_[above.state] = std::min(lowest_[above.state], lowest_[left.state]);
    }
  }

  // All states opened since the root of the component belong to it.
  void close(const Place& root) {
    const auto first = std::find(open_.rbegin(), open_.rend(), root.state).base() - 1;
    for (auto state = first; state != open_.end(); ++state) index_[*state] = kDone;
    if (!root.leads_elsewhere) {
      std::sort(first, open_.end());
      bottom_.emplace_back(first, open_.end());
    }
    open_.erase(first, open_.end());
  }

  const Edges& edges_;
  std::vector<std::uint32_t> index_;  // by state, in the order of visits
  std::vector<std::uint32_t> lowest_;
  std::vector<std::uint32_t> open_;  // seen, but their component is not known yet
  std::vector<Place> way_;
  std::vector<std::vector<std::uint32_t>> bottom_;
  std::uint32_t next_ = 0;
};

}  // namespace

std::vector<std::vector<std::uint32_t>> find_endless(const Edges& edges) {
  return Components(edges, find_those_that_end(edges)).take();
}

}  // namespace txsim
