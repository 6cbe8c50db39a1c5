#include "checks/write_skew.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace txsim {
namespace {

constexpr std::uint32_t kLongest = 5;
constexpr std::uint32_t kMostTries = 1'000'000;
constexpr std::uint32_t kFar = kLongest + 1;

// Iterative deepening. First it computes a lower bound for the distance from each transaction to
// the goal, given what the path so far lacks, so few dead ends are tried.
class Search {
 public:
  Search(const Vector<SerializationEdge>& edges, const std::vector<TransactionId>& committed,
         TransactionId goal)
      : edges_(edges), committed_(committed), goal_(place_of(goal)) {
    if (goal_ == kNone) return;
    collect();
    if (rows_.size() < 2) return;
    measure();
  }

  std::vector<SerializationEdge> shortest() {
    std::vector<SerializationEdge> found;
    if (rows_.size() < 2) return found;
    std::uint32_t least = kFar;
    for (const Arc& arc : arcs_of(goal_)) least = std::min(least, 1 + left(arc.to, after({}, arc)));
    for (std::uint32_t length = least; length <= kLongest; ++length) {
      if (!extend(goal_, length, {})) continue;
      for (const std::size_t edge : path_) found.push_back(edges_[edge]);
      break;
    }
    return found;
  }

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  struct Arc {
    std::uint32_t to = 0;
    std::size_t edge = 0;
    std::uint32_t row = 0;
    bool is_anti = false;
  };
  struct Arcs {
    const Arc* first;
    const Arc* last;
    const Arc* begin() const { return first; }
    const Arc* end() const { return last; }
  };
  // Anti-dependencies on the path so far: none, some over one row, or over two.
  struct Met {
    enum class Rows : std::uint8_t { None, One, Two } rows = Rows::None;
    std::uint32_t row = 0;
  };

  std::uint32_t place_of(TransactionId id) const {
    const auto found = std::lower_bound(committed_.begin(), committed_.end(), id);
    if (found == committed_.end() || *found != id) return kNone;
    return static_cast<std::uint32_t>(found - committed_.begin());
  }

  // The edges by their start, in their order.
  void collect() {
    std::vector<std::pair<std::uint32_t, Arc>> all;
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      const std::uint32_t from = place_of(edges_[i].from);
      const std::uint32_t to = place_of(edges_[i].to);
      if (from == kNone || to == kNone) continue;
      all.push_back({from, {to, i, 0, edges_[i].is_anti}});
      if (edges_[i].is_anti) rows_.push_back(edges_[i].resource);
    }
    std::sort(rows_.begin(), rows_.end());
    rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
    begins_.assign(committed_.size() + 1, 0);
    for (const auto& [from, arc] : all) ++begins_[from + 1];
    for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
    arcs_.resize(all.size());
    std::vector<std::size_t> next(begins_.begin(), begins_.end() - 1);
    for (auto& [from, arc] : all) {
      if (arc.is_anti) {
        const auto row = std::lower_bound(rows_.begin(), rows_.end(), edges_[arc.edge].resource);
        arc.row = static_cast<std::uint32_t>(row - rows_.begin());
      }
      arcs_[next[from]++] = arc;
    }
  }
  Arcs arcs_of(std::uint32_t from) const {
    return {arcs_.data() + begins_[from], arcs_.data() + begins_[from + 1]};
  }

  // The least number of edges to the goal: on any path; with an anti-dependency over another row
  // than this one; with two over different rows.
  void measure() {
    const std::size_t size = committed_.size();
    to_goal_.assign(size, kFar);
    with_another_.assign(size * rows_.size(), kFar);
    with_two_.assign(size, kFar);
    to_goal_[goal_] = 0;
    bool changes = true;
    const auto lower = [&](std::uint32_t& value, std::uint32_t to) {
      if (to >= value) return;
      value = to;
      changes = true;
    };
    for (std::uint32_t round = 0; changes && round < kLongest; ++round) {
      changes = false;
      for (std::uint32_t at = 0; at < size; ++at) {
        if (at == goal_) continue;
        for (const Arc& arc : arcs_of(at)) {
          if (to_goal_[arc.to] >= kLongest) continue;
          lower(to_goal_[at], to_goal_[arc.to] + 1);
          for (std::uint32_t row = 0; row < rows_.size(); ++row) {
            const bool is_another = arc.is_anti && arc.row != row;
            lower(with_another_[at * rows_.size() + row],
                  1 + (is_another ? to_goal_[arc.to] : left(arc.to, {Met::Rows::One, row})));
          }
          lower(with_two_[at], 1 + left(arc.to, after({}, arc)));
        }
      }
    }
  }
  std::uint32_t left(std::uint32_t at, Met met) const {
    if (met.rows == Met::Rows::Two) return to_goal_[at];
    if (met.rows == Met::Rows::None) return with_two_[at];
    return with_another_[at * rows_.size() + met.row];
  }
  static Met after(Met met, const Arc& arc) {
    if (!arc.is_anti || met.rows == Met::Rows::Two) return met;
    if (met.rows == Met::Rows::None) return {Met::Rows::One, arc.row};
    return met.row == arc.row ? met : Met{Met::Rows::Two, 0};
  }

  // The path has reached `at` and has this many edges left.
  bool extend(std::uint32_t at, std::uint32_t edges_left, Met met) {
    for (const Arc& arc : arcs_of(at)) {
      const Met then = after(met, arc);
      if (1 + left(arc.to, then) > edges_left || is_on_path(arc.to)) continue;
      const bool closes = arc.to == goal_;
      if (closes != (edges_left == 1)) continue;
      if (++tries_ > kMostTries) return false;
      path_.push_back(arc.edge);
      if (closes) return true;
      on_path_.push_back(arc.to);
      if (extend(arc.to, edges_left - 1, then)) return true;
      on_path_.pop_back();
      path_.pop_back();
    }
    return false;
  }
  bool is_on_path(std::uint32_t place) const {
    return std::find(on_path_.begin(), on_path_.end(), place) != on_path_.end();
  }

  const Vector<SerializationEdge>& edges_;
  const std::vector<TransactionId>& committed_;
  std::uint32_t goal_;
  std::vector<std::uint16_t> rows_;  // of anti-dependencies, sorted
  std::vector<Arc> arcs_;
  std::vector<std::size_t> begins_;  // by place: its first arc
  std::vector<std::uint32_t> to_goal_;
  std::vector<std::uint32_t> with_another_;  // by place and row
  std::vector<std::uint32_t> with_two_;
  std::vector<std::size_t> path_;
  std::vector<std::uint32_t> on_path_;  // without the goal
  std::uint32_t tries_ = 0;
};

}  // namespace

std::vector<SerializationEdge> shortest_write_skew(const Vector<SerializationEdge>& edges,
                                                   const std::vector<TransactionId>& committed,
                                                   TransactionId through) {
  return Search(edges, committed, through).shortest();
}

}  // namespace txsim
