// A breadth-first search through all that can come of a model's first state, so that the first
// violation met is a shortest one.
//
// A model is a value with
//   State                       a movable value
//   initial()                   the first one
//   expand(state, visit)        calls visit(State&&) for each choice, always in the same order
//   fingerprint(state)          64 bits, the same for states that are the same
//   is_violated(state)          some promise is broken in it
//   is_violated_at_end(state)   the same, asked of states in which there is no choice
//   bytes(state)                what it takes in memory while it waits to be expanded
// all of them const, and called by several threads at once if there are several jobs.
//
// States are expanded level by level, and what comes of them is met in the order of states and
// choices, however many threads there are: numbers, counts and the first violation are the same.
// Of a state that has been expanded a fingerprint and the way to it are kept, and, if the model is
// searched for loops (`keep_edges`), the numbers of the states that come of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "runs/jobs.h"
#include "runs/visited.h"

namespace txsim {

struct SearchBounds {
  std::uint32_t depth = ~std::uint32_t{0};        // choices one after another
  std::uint64_t memory = std::uint64_t{4} << 30;  // bytes
  std::uint64_t states = Visited::kNone - 1;
  unsigned jobs = 1;
  bool keep_edges = false;
};

enum class SearchEnd : std::uint8_t {
  Exhausted,
  Violated,
  DepthReached,
  MemoryFull,
  StatesReached
};

struct SearchResult {
  SearchEnd end = SearchEnd::Exhausted;
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;  // choices taken
  std::uint64_t ends = 0;         // states without a choice
  std::uint64_t unexpanded = 0;   // states met whose choices were not taken: 0 if exhausted
  std::uint32_t depth = 0;        // of the state met last
  std::uint64_t most_bytes = 0;   // table, and states that wait
  std::uint64_t table_bytes = 0;
  std::vector<Visited::Step> way;  // to the violation, if one was met
  bool violated_at_end = false;    // it is one of a state without a choice
};

// For each state that was expanded, in order, the numbers of those that come of it.
struct Edges {
  std::vector<std::uint64_t> first;  // by state; one more at the end
  std::vector<std::uint32_t> to;
  std::uint64_t bytes() const { return first.capacity() * 8 + to.capacity() * 4; }
};

template <class Model>
class Search {
 public:
  using State = typename Model::State;

  Search(const Model& model, const SearchBounds& bounds) : model_(model), bounds_(bounds) {}

  SearchResult run() {
    meet_first();
    for (; !next_.empty() && !is_over_; ++depth_) {
      if (depth_ == bounds_.depth) {
        stop(SearchEnd::DepthReached);
        break;
      }
      level_ = std::exchange(next_, {});
      level_bytes_ = std::exchange(next_bytes_, 0);
      first_of_level_ = visited_.states() - static_cast<std::uint32_t>(level_.size());
      expanded_ = 0;
      if (bounds_.jobs <= 1) {
        expand_alone();
      } else {
        expand_together();
      }
    }
    result_.states = visited_.states();
    result_.unexpanded = level_.size() - expanded_ + next_.size();
    result_.table_bytes = visited_.bytes() + edges_.bytes();
    edges_.first.push_back(edges_.to.size());
    return result_;
  }

  const Visited& visited() const { return visited_; }
  const Edges& edges() const { return edges_; }

 private:
  // What comes of one choice. A state met before is not kept.
  struct Successor {
    std::uint64_t fingerprint = 0;
    std::optional<State> state;
    std::uint64_t bytes = 0;
    bool is_violated = false;
  };
  struct Expansion {
    std::vector<Successor> successors;
    bool is_violated_at_end = false;
  };
  static constexpr std::uint64_t kPiece = 32;  // states that a thread takes at a time

  void meet_first() {
    State first = model_.initial();
    visited_.meet(model_.fingerprint(first), Visited::kNone, 0);
    if (model_.is_violated(first)) violated(0, false);
    next_bytes_ = model_.bytes(first);
    next_.push_back(std::move(first));
  }

  void expand(State& state, Expansion& into) const {
    into.successors.clear();
    model_.expand(state, [&](State&& next) {
      const std::uint64_t fingerprint = model_.fingerprint(next);
      visited_.prefetch(fingerprint);
      into.successors.push_back({fingerprint, std::move(next), 0, false});
    });
    into.is_violated_at_end = into.successors.empty() && model_.is_violated_at_end(state);
  }

  void expand_alone() {
    Expansion expansion;
    for (State& state : level_) {
      expand(state, expansion);
      level_bytes_ -= model_.bytes(state);
      { [[maybe_unused]] const State gone = std::move(state); }
      if (!take(expansion)) return;
    }
  }

  // Whoever expands looks only at states met in earlier levels, so that the table is not read while
  // it is written: what a level meets is entered once a round of pieces is done.
  void expand_together() {
    const std::uint64_t size = level_.size();
    const std::uint64_t round = kPiece * bounds_.jobs * 8;
    for (std::uint64_t begin = 0; begin < size && !is_over_; begin += round) {
      const std::uint64_t end = std::min(begin + round, size);
      std::vector<std::vector<Expansion>> done((end - begin + kPiece - 1) / kPiece);
      OrderedJobs<bool> jobs(bounds_.jobs, done.size(), [&](std::uint64_t piece) {
        const std::uint64_t from = begin + piece * kPiece;
        for (std::uint64_t i = from; i < std::min(from + kPiece, end); ++i) {
          expand(level_[i], done[piece].emplace_back());
          prepare(done[piece].back());
        }
        return true;
      });
      jobs.run([](bool) { return true; });
      std::uint64_t i = begin;
      for (std::vector<Expansion>& piece : done) {
        for (Expansion& expansion : piece) {
          level_bytes_ -= model_.bytes(level_[i]);
          { [[maybe_unused]] const State gone = std::move(level_[i++]); }
          if (!take(expansion)) return;
        }
      }
    }
  }

  // In the thread that expands: what does not depend on the states that others meet now.
  void prepare(Expansion& expansion) const {
    for (Successor& next : expansion.successors) {
      if (visited_.find(next.fingerprint) != Visited::kNone) {
        next.state.reset();
      } else {
        next.is_violated = model_.is_violated(*next.state);
      }
    }
  }

  // False: the search is over.
  bool take(Expansion& expansion) {
    const auto from = first_of_level_ + static_cast<std::uint32_t>(expanded_++);
    if (bounds_.keep_edges) edges_.first.push_back(edges_.to.size());
    if (expansion.successors.empty()) ++result_.ends;
    if (expansion.is_violated_at_end) return violated(from, true);
    Visited::Step step = 0;
    for (Successor& next : expansion.successors) {
      ++result_.transitions;
      const Visited::Met met = visited_.meet(next.fingerprint, from, step++);
      if (bounds_.keep_edges) edges_.to.push_back(met.number);
      if (!met.is_new) continue;
      if (bounds_.jobs <= 1) next.is_violated = model_.is_violated(*next.state);
      result_.depth = depth_ + 1;
      if (next.is_violated) return violated(met.number, false);
      next_bytes_ += model_.bytes(*next.state);
      next_.push_back(std::move(*next.state));
    }
    return is_within_bounds(expansion.successors.size());
  }

  bool is_within_bounds(std::uint64_t successors) {
    const std::uint64_t waiting = level_bytes_ + next_bytes_ + edges_.bytes();
    const std::uint64_t bytes = visited_.bytes() + waiting;
    if (bytes > result_.most_bytes) result_.most_bytes = bytes;
    if (visited_.states() >= bounds_.states) return stop(SearchEnd::StatesReached);
    const bool grows = visited_.is_about_to_grow(8 * successors + 64);
    const std::uint64_t needed = grows ? visited_.bytes_to_grow() + waiting : bytes;
    return needed <= bounds_.memory || stop(SearchEnd::MemoryFull);
  }

  bool violated(std::uint32_t number, bool at_end) {
    result_.way = visited_.way_to(number);
    result_.violated_at_end = at_end;
    return stop(SearchEnd::Violated);
  }
  bool stop(SearchEnd end) {
    result_.end = end;
    is_over_ = true;
    return false;
  }

  const Model& model_;
  SearchBounds bounds_;
  Visited visited_;
  Edges edges_;
  SearchResult result_;
  std::vector<State> level_;  // being expanded; their numbers follow one another
  std::vector<State> next_;   // met while it is
  std::uint64_t level_bytes_ = 0;
  std::uint64_t next_bytes_ = 0;
  std::uint32_t first_of_level_ = 0;
  std::uint64_t expanded_ = 0;  // of this level
  std::uint32_t depth_ = 0;     // of this level
  bool is_over_ = false;
};

template <class Model>
SearchResult search(const Model& model, const SearchBounds& bounds = {}) {
  return Search<Model>(model, bounds).run();
}

}  // namespace txsim
