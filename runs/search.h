// A breadth-first search through all states that a model can reach from its first state, so that
// the first violation met is a shortest one.
//
// A model is a value with
//   State                       a movable value
//   initial()                   the first one
//   expand(state, visit)        calls visit(State&&, Turn, Step) for each choice, in the same order
//                               each time; the step names the choice
//   fingerprint(state)          64 bits, the same for states that are the same
//   is_violated(state)          some promise is broken in it
//   is_violated_at_end(state)   the same, asked of states in which nothing needs to happen: there
//                               is no choice, or only such that may be left out (Turn::May)
// and, where a state takes much memory, instead of expand
//   make_child(state, step, into)  what comes of one choice
//   go_on(state, step)             the same, in the place of the state
//   use_up(state, scratch, visit)  calls visit(State&, Turn, Step), with `scratch` as the state or
//                                  the state itself, which may be another afterwards, or without
//                                  making one visit(Predicted, Turn, Step)
//   is_end(state)                  nothing needs to happen in it
// all of them const, and called by several threads at once if there are several jobs.
//
// States are expanded level by level, and what comes of them is met in the order of states and
// choices, however many threads there are: numbers, counts and the first violation are the same.
// That a state is violated at its end is seen when it is expanded, any other violation as soon as
// the state is met, while those a choice nearer are expanded: of these the rest is then only asked
// for ends that are violated.
//
// Of each state a fingerprint and the way to it are kept, and for loops (`keep_edges`) the numbers
// of those that come of it. States that wait to be expanded are kept too, if they are small: with
// `child` they are made again from those on the way to them, of which the last are at hand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "runs/jobs.h"
#include "runs/path.h"
#include "runs/visited.h"

namespace txsim {

// Whether what comes of a choice will happen if nothing else does, or may be left out forever, as
// a fault.
enum class Turn : std::uint8_t { Will, May };

// Of a state what is asked of each, where that is known without making it.
struct Predicted {
  std::uint64_t fingerprint = 0;
  bool is_violated = false;
};

struct SearchBounds {
  std::uint32_t depth = ~std::uint32_t{0};        // choices one after another
  std::uint64_t memory = std::uint64_t{4} << 30;  // bytes
  std::uint64_t states = (std::uint64_t{1} << 31) - 1;
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

// Counted is what was done before the search was over: not what is looked at after a violation was
// met, in search of a nearer end.
struct SearchResult {
  SearchEnd end = SearchEnd::Exhausted;
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;   // choices taken
  std::uint64_t ends = 0;          // states in which nothing needs to happen
  std::uint64_t unexpanded = 0;    // states met whose choices were not taken: 0 if exhausted
  std::uint32_t depth = 0;         // of the state met last
  std::uint64_t most_bytes = 0;    // of all that is kept
  std::vector<Visited::Step> way;  // to the violation, if one was met
  bool violated_at_end = false;    // it is one of a state in which nothing needs to happen
};

// For each state that was expanded, in order, the numbers of those that come of it. Those that may
// be left out are marked.
struct Edges {
  static constexpr std::uint32_t kMay = std::uint32_t{1} << 31;
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
    Crew crew(std::max(bounds_.jobs, 1U));
    for (unsigned member = 0; member < std::max(bounds_.jobs, 1U); ++member) {
      members_.emplace_back(model_, visited_);
    }
    for (; !is_over_ && visited_.states() > expanded_; ++depth_) {
      if (depth_ == bounds_.depth) {
        stop(SearchEnd::DepthReached);
        break;
      }
      level_ = std::exchange(next_, {});
      begin_ = expanded_;
      const std::uint32_t end = visited_.states();
      expand_level(end, crew);
      if (is_over_ && result_.end == SearchEnd::Violated && !result_.violated_at_end) {
        prefer_end(end, crew);
      }
    }
    result_.states = visited_.states();
    result_.unexpanded = visited_.states() - expanded_;
    edges_.first.push_back(edges_.to.size());
    return result_;
  }

  const Visited& visited() const { return visited_; }
  const Edges& edges() const { return edges_; }

 private:
  // Whether states that wait are made again.
  static constexpr bool kMadeAgain = requires(const Model& model, State& state) {
    model.make_child(state, Visited::Step{}, state);
  };
  struct Nothing {};
  // What comes of one choice. Where states are made again none is kept.
  struct Successor {
    std::uint64_t fingerprint = 0;
    Visited::Step step = 0;
    Turn turn = Turn::Will;
    bool is_violated = false;
    [[no_unique_address]] std::conditional_t<kMadeAgain, Nothing, State> state;
  };
  struct Expansion {
    std::uint32_t successors = 0;
    bool is_end = false;
    bool is_violated_at_end = false;
  };
  // What comes of some states that follow one another, in order.
  struct Piece {
    std::vector<Successor> successors;
    std::vector<Expansion> expansions;            // by state
    std::uint32_t violated_end = Visited::kNone;  // the first one, where only ends are asked for
  };
  // What one thread works with.
  struct alignas(128) Member {
    Member(const Model& model, const Visited& visited) : path(model, visited) {}
    Path<Model> path;
    std::conditional_t<kMadeAgain, std::optional<State>, Nothing> scratch;
  };

  void meet_first() {
    State first = model_.initial();
    visited_.meet(model_.fingerprint(first), Visited::kNone, 0);
    if (model_.is_violated(first)) violated(0, false);
    if constexpr (!kMadeAgain) next_.push_back(std::move(first));
  }

  decltype(auto) state(std::uint32_t number, Path<Model>& path) const {
    if constexpr (kMadeAgain) {
      return path.reach(number, depth_, std::min(number + 1, visited_.states() - 1));
    } else {
      return (level_[number - begin_]);
    }
  }

  void expand(std::uint32_t number, Member& member, Piece& into) const {
    auto& expanded = state(number, member.path);
    Expansion& expansion = into.expansions.emplace_back();
    expansion.is_end = true;
    const auto visit = [&](auto&& next, Turn turn, Visited::Step step) {
      Successor& successor = into.successors.emplace_back();
      successor.step = step;
      successor.turn = turn;
      if constexpr (std::is_convertible_v<decltype(next), const Predicted&>) {
        successor.fingerprint = next.fingerprint;
        successor.is_violated = next.is_violated;
      } else {
        successor.fingerprint = model_.fingerprint(next);
        if constexpr (kMadeAgain) {
          successor.is_violated = model_.is_violated(next);
        } else {
          successor.state = std::forward<decltype(next)>(next);
        }
      }
      visited_.prefetch(successor.fingerprint);
      ++expansion.successors;
      expansion.is_end = expansion.is_end && turn == Turn::May;
    };
    if constexpr (kMadeAgain) {
      expansion.is_violated_at_end = model_.is_end(expanded) && model_.is_violated_at_end(expanded);
      if (!member.scratch) member.scratch = expanded;
      model_.use_up(expanded, *member.scratch, visit);
    } else {
      model_.expand(expanded, visit);
      expansion.is_violated_at_end = expansion.is_end && model_.is_violated_at_end(expanded);
    }
  }

  void expand_level(std::uint32_t end, Crew& crew) {
    const auto expand = [&](std::uint32_t from, std::uint32_t to, Member& member, Piece& piece) {
      expand_piece(from, to, member, piece);
    };
    in_rounds(begin_, end, crew, expand, [&](Piece& piece) { return take(piece); });
  }

  // A violation was met beyond this level. An end in the rest of the level that is violated is a
  // choice nearer.
  void prefer_end(std::uint32_t end, Crew& crew) {
    const auto look = [&](std::uint32_t from, std::uint32_t to, Member& member, Piece& piece) {
      piece.violated_end = Visited::kNone;
      for (std::uint32_t number = from; number < to; ++number) {
        const State& asked = state(number, member.path);
        if (!is_end(asked) || !model_.is_violated_at_end(asked)) continue;
        piece.violated_end = number;
        return;
      }
    };
    in_rounds(expanded_, end, crew, look, [&](const Piece& piece) {
      return piece.violated_end == Visited::kNone || violated(piece.violated_end, true);
    });
  }

  bool is_end(const State& state) const {
    if constexpr (kMadeAgain) {
      return model_.is_end(state);
    } else {
      bool is_end = true;
      model_.expand(
          state, [&](auto&&, Turn turn, Visited::Step) { is_end = is_end && turn == Turn::May; });
      return is_end;
    }
  }

  // Has `work` done on these states in pieces, and each taken in order until that gives false. By
  // rounds: the table is not written while states are made again from it. Many states to a piece,
  // as those that follow one another are made again at little cost.
  template <class Work, class Take>
  void in_rounds(std::uint32_t begin, std::uint32_t end, Crew& crew, Work&& work, Take&& take) {
    const bool alone = bounds_.jobs <= 1;
    const std::uint32_t share = (end - begin) / (std::max(bounds_.jobs, 1U) * 4);
    const std::uint32_t size = alone ? 64 : std::clamp<std::uint32_t>(share, 32, 512);
    const std::uint32_t round = alone ? size : size * bounds_.jobs * 8;
    for (std::uint32_t from = begin; from < end; from += round) {
      const std::uint32_t to = end - from < round ? end : from + round;
      const std::uint32_t pieces = (to - from + size - 1) / size;
      if (pieces_.size() < pieces) pieces_.resize(pieces);
      crew.run(pieces, [&](unsigned member, std::uint64_t number) {
        const std::uint32_t first = from + static_cast<std::uint32_t>(number) * size;
        work(first, std::min(first + size, to), members_[member], pieces_[number]);
      });
      for (std::uint32_t piece = 0; piece < pieces; ++piece) {
        if (!take(pieces_[piece])) return;
      }
    }
  }

  void expand_piece(std::uint32_t from, std::uint32_t to, Member& member, Piece& into) const {
    into.successors.clear();
    into.expansions.clear();
    for (std::uint32_t number = from; number < to; ++number) {
      expand(number, member, into);
    }
  }

  // False: the search is over.
  bool take(Piece& piece) {
    Successor* next = piece.successors.data();
    for (const Expansion& expansion : piece.expansions) {
      if (!take(expansion, next)) return false;
      next += expansion.successors;
    }
    return true;
  }

  bool take(const Expansion& expansion, Successor* successors) {
    const std::uint32_t from = expanded_++;
    if (bounds_.keep_edges) edges_.first.push_back(edges_.to.size());
    if (expansion.is_end) ++result_.ends;
    if (expansion.is_violated_at_end) return violated(from, true);
    for (std::uint32_t i = 0; i < expansion.successors; ++i) {
      Successor& next = successors[i];
      ++result_.transitions;
      const Visited::Met met = visited_.meet(next.fingerprint, from, next.step);
      if (bounds_.keep_edges) edges_.to.push_back(met.number | mark(next.turn));
      if (!met.is_new) continue;
      result_.depth = depth_ + 1;
      if constexpr (!kMadeAgain) {
        next.is_violated = model_.is_violated(next.state);
        next_.push_back(std::move(next.state));
      }
      if (next.is_violated) return violated(met.number, false);
    }
    return is_within_bounds(expansion.successors);
  }

  bool is_within_bounds(std::uint64_t successors) {
    const std::uint64_t waiting =
        (level_.capacity() + next_.capacity()) * sizeof(State) + edges_.bytes();
    const std::uint64_t bytes = visited_.bytes() + waiting;
    if (bytes > result_.most_bytes) result_.most_bytes = bytes;
    if (visited_.states() >= bounds_.states) return stop(SearchEnd::StatesReached);
    const bool grows = visited_.is_about_to_grow(8 * successors + 64);
    const std::uint64_t needed = grows ? visited_.bytes_to_grow() + waiting : bytes;
    return needed <= bounds_.memory || stop(SearchEnd::MemoryFull);
  }

  static std::uint32_t mark(Turn turn) { return turn == Turn::May ? Edges::kMay : 0; }
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
  // States are numbered in the order of levels: those from `begin_` on are being expanded.
  std::uint32_t begin_ = 0;
  std::uint32_t expanded_ = 0;
  std::uint32_t depth_ = 0;  // of this level
  bool is_over_ = false;
  std::vector<State> level_;  // this level's, where they are kept
  std::vector<State> next_;
  std::deque<Member> members_;
  std::vector<Piece> pieces_;  // of a round
};

template <class Model>
SearchResult search(const Model& model, const SearchBounds& bounds = {}) {
  return Search<Model>(model, bounds).run();
}

}  // namespace txsim
