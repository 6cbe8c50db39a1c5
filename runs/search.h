// A breadth-first search through all states that a model can reach from its first state, so that
// the first violation met is a shortest one.
//
// A model is a value with
//   State                       a movable value
//   initial()                   the first one
//   expand(state, visit)        calls visit(State&&, Turn, Step) for each choice, in the same order
//                               each time; the step names the choice
//   fingerprint(state)          64 bits, the same for states that are the same
//   is_violated(state)          an invariant is violated in it
//   is_violated_at_end(state)   the same, for states in which nothing needs to happen: they have no
//                               choice, or only choices that need not be taken (Turn::May)
// and, if a state takes much memory, instead of expand
//   make_child(state, step, into)  the successor by one choice
//   go_on(state, step)             the same, in place of the state
//   use_up(state, scratch, visit)  calls visit(State&, Turn, Step) with a successor in `scratch` or
//                                  in `state`, which may be overwritten; or, without building the
//                                  successor, visit(Predicted, Turn, Step)
//   is_end(state)                  nothing needs to happen in it
// and, if a state is one with many times,
//   has_times()                    it is
//   times(state)                   its times, a zone; the fingerprint leaves them out (cover.h)
// All of them are const. If there are several jobs, several threads call them at once.
//
// A search that a bound has stopped can go on later (`stopped`), with the counts and the verdict of
// one that was never stopped. It stops only between the expansions of two states.
//
// States are expanded level by level, and their successors are met in the order of states and
// choices, whatever the number of threads: numbers, counts and the first violation are the same.
// A violation at an end is seen when the state is expanded. Any other violation is seen one level
// earlier, when the state is met. The rest of the level that is being expanded then is searched
// only for violated ends.
//
// For each state a fingerprint and the path to it are kept, and for loops (`keep_edges`) the
// numbers of its successors. States that wait to be expanded are kept only if they are small. With
// `make_child` they are rebuilt along the path to them, and the last states of the path are kept.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "runs/cover.h"
#include "runs/jobs.h"
#include "runs/path.h"
#include "runs/visited.h"
#include "sim/assert.h"

namespace txsim {

// Whether a choice happens if nothing else does, or need never be taken, such as a fault.
enum class Turn : std::uint8_t { Will, May };

// What the search needs to know about a state, if that is known without building it.
struct Predicted {
  std::uint64_t fingerprint = 0;
  bool is_violated = false;
};

enum class SearchEnd : std::uint8_t {
  Exhausted,
  Violated,
  DepthReached,
  MemoryFull,
  StatesReached,
  TimeReached,  // as the watch said, like the next one
  Interrupted
};

// How far a search has come.
struct SearchProgress {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint64_t waiting = 0;  // states met whose choices have not been taken yet
  std::uint64_t bytes = 0;
  std::uint32_t depth = 0;  // of the states that are being expanded
  // How many states there are at this depth, one choice before, and so on; 0: no such depth.
  std::array<std::uint64_t, 5> levels{};
  std::uint64_t next_level = 0;  // met so far, one choice further
  bool is_second = false;        // looks for a shorter run than the one found
};

// Asked every few milliseconds: nothing to go on, or why the search is to stop. The search itself
// reads no clock.
using SearchWatch = std::function<std::optional<SearchEnd>(const SearchProgress&)>;

struct SearchBounds {
  std::uint32_t depth = ~std::uint32_t{0};        // in choices
  std::uint64_t memory = std::uint64_t{4} << 30;  // bytes
  std::uint64_t states = (std::uint64_t{1} << 31) - 1;
  unsigned jobs = 1;
  bool keep_edges = false;
  SearchWatch watch{};  // several searches at a time call it from several threads
};

// The counts end at the first violation: they leave out the search for a nearer violated end.
struct SearchResult {
  SearchEnd end = SearchEnd::Exhausted;
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;   // choices taken
  std::uint64_t ends = 0;          // states in which nothing needs to happen
  std::uint64_t unexpanded = 0;    // states met whose choices were not taken: 0 if exhausted
  std::uint32_t depth = 0;         // of the state met last
  std::uint64_t most_bytes = 0;    // of all that is kept
  std::vector<Visited::Step> way;  // the path to the violation, if one was met
  bool violated_at_end = false;    // the violation is at an end
  bool missed_ends = false;        // the watch cut short the search for a nearer violated end
};

// For each expanded state, in order, the numbers of its successors. Those by choices that need not
// be taken are marked.
struct Edges {
  static constexpr std::uint32_t kMay = std::uint32_t{1} << 31;
  std::vector<std::uint64_t> first;  // by state; one more at the end
  std::vector<std::uint32_t> to;
  std::uint64_t bytes() const { return first.capacity() * 8 + to.capacity() * 4; }
};

// A search that a bound has stopped: all that it needs to go on.
struct StoppedSearch {
  Visited visited;
  Edges edges;  // of the expanded states
  std::uint32_t expanded = 0;
  std::uint64_t transitions = 0;
  std::uint64_t ends = 0;
  std::uint64_t most_bytes = 0;
};

template <class Model>
class Search {
 public:
  using State = typename Model::State;

  Search(const Model& model, const SearchBounds& bounds) : model_(model), bounds_(bounds) {}

  // Goes on from there, with the same model. The bounds and the number of jobs may be others.
  Search(const Model& model, const SearchBounds& bounds, StoppedSearch&& from)
      : model_(model),
        bounds_(bounds),
        visited_(std::move(from.visited)),
        edges_(std::move(from.edges)),
        expanded_(from.expanded) {
    static_assert(kMadeAgain, "states that wait would have to be kept, too");
    TXSIM_ASSERT(expanded_ < visited_.states(), "a search that is exhausted goes on");
    result_.transitions = from.transitions;
    result_.ends = from.ends;
    result_.most_bytes = from.most_bytes;
    const std::vector<std::uint32_t> levels = visited_.levels();
    result_.depth = static_cast<std::uint32_t>(levels.size()) - 1;
    while (depth_ < result_.depth && levels[depth_ + 1] <= expanded_) ++depth_;
    level_end_ = depth_ < result_.depth ? levels[depth_ + 1] : visited_.states();
  }

  SearchResult run() {
    if (visited_.states() == 0) meet_first();
    Crew crew(std::max(bounds_.jobs, 1U));
    for (unsigned member = 0; member < std::max(bounds_.jobs, 1U); ++member) {
      members_.emplace_back(model_, visited_);
    }
    for (; !is_over_ && visited_.states() > expanded_; ++depth_) {
      if (depth_ >= bounds_.depth) {
        stop(SearchEnd::DepthReached);
        break;
      }
      level_ = std::exchange(next_, {});
      begin_ = expanded_;
      const std::uint32_t end = level_end_ > 0 ? level_end_ : visited_.states();
      level_end_ = 0;
      begin_level(end);
      expand_level(end, crew);
      if (is_over_ && result_.end == SearchEnd::Violated && !result_.violated_at_end) {
        prefer_end(end, crew);
      }
    }
    result_.states = visited_.states();
    result_.unexpanded = visited_.states() - expanded_;
    if (result_.unexpanded == 0) edges_.first.push_back(edges_.to.size());
    return result_;
  }

  // What a search that a bound has stopped leaves. Nothing remains in this one.
  StoppedSearch stopped() && {
    return {std::move(visited_), std::move(edges_), expanded_,
            result_.transitions, result_.ends,      result_.most_bytes};
  }

  const Visited& visited() const { return visited_; }
  const Edges& edges() const { return edges_; }

 private:
  // Whether states that wait are rebuilt.
  static constexpr bool kMadeAgain = requires(const Model& model, State& state) {
    model.make_child(state, Visited::Step{}, state);
  };
  static constexpr bool kMayHaveTimes = requires(const Model& model) { model.has_times(); };
  struct Nothing {};
  // The successor by one choice. If states are rebuilt, the state itself is not kept.
  struct Successor {
    std::uint64_t fingerprint = 0;
    Visited::Step step = 0;
    Turn turn = Turn::Will;
    bool is_violated = false;
    std::unique_ptr<Zone> times{};  // if the model has times
    [[no_unique_address]] std::conditional_t<kMadeAgain, Nothing, State> state;
  };
  struct Expansion {
    std::uint32_t successors = 0;
    bool is_end = false;
    bool is_violated_at_end = false;
  };
  // The successors of some consecutive states, in order.
  struct Piece {
    std::vector<Successor> successors;
    std::vector<Expansion> expansions;            // by state
    std::uint32_t violated_end = Visited::kNone;  // the first one, if only ends are searched
  };
  // The data of one thread.
  struct alignas(128) Member {
    Member(const Model& model, const Visited& visited) : path(model, visited) {}
    Path<Model> path;
    std::conditional_t<kMadeAgain, std::optional<State>, Nothing> scratch;
  };

  void meet_first() {
    State first = model_.initial();
    meet(model_.fingerprint(first), times_of(first), Visited::kNone, 0);
    if (model_.is_violated(first)) violated(0, false);
    if constexpr (!kMadeAgain) next_.push_back(std::move(first));
  }

  std::unique_ptr<Zone> times_of(const State& state) const {
    if constexpr (kMayHaveTimes) {
      if (model_.has_times()) return std::make_unique<Zone>(model_.times(state));
    }
    return nullptr;
  }
  Visited::Met meet(std::uint64_t fingerprint, std::unique_ptr<Zone> times, std::uint32_t from,
                    Visited::Step step) {
    if (!times) return visited_.meet(fingerprint, from, step);
    return cover_.meet(visited_, fingerprint, std::move(times), from, step, next_begin_);
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
        successor.times = times_of(next);
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

  // `end`: of the states at this depth, all of which are known.
  void begin_level(std::uint32_t end) {
    if (!bounds_.watch) return;
    next_begin_ = end;
    progress_.depth = depth_;
    const std::vector<std::uint32_t> levels = visited_.levels();
    progress_.levels = {};
    std::uint32_t next = end;
    for (std::uint32_t i = 0; i < progress_.levels.size() && i <= depth_; ++i) {
      progress_.levels[i] = next - levels[depth_ - i];
      next = levels[depth_ - i];
    }
  }

  // False: the search is to stop here. One that has just met its last state is exhausted.
  bool asks_to_go_on() {
    if (!bounds_.watch || visited_.states() == expanded_) return true;
    progress_.states = visited_.states();
    progress_.transitions = result_.transitions;
    progress_.waiting = visited_.states() - expanded_;
    progress_.next_level = visited_.states() - next_begin_;
    progress_.bytes = visited_.bytes() + waiting_bytes();
    const std::optional<SearchEnd> end = bounds_.watch(progress_);
    if (!end) return true;
    if (!is_over_) return stop(*end);
    result_.missed_ends = true;  // a violation remains one
    return false;
  }

  // A violation was met in the next level. A violated end in the rest of this level is one choice
  // nearer.
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

  // Calls `work` on these states in pieces, then `take` on each piece in order, until it returns
  // false. The work goes by rounds, so that the table is not written while states are rebuilt from
  // it. A piece has many states, because consecutive states are cheap to rebuild.
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
      if (!asks_to_go_on()) return;
    }
  }

  void expand_piece(std::uint32_t from, std::uint32_t to, Member& member, Piece& into) const {
    into.successors.clear();
    into.expansions.clear();
    for (std::uint32_t number = from; number < to; ++number) {
      if (cover_.covered_by(number) != Visited::kNone) {
        into.expansions.emplace_back();  // without successors: it is left out
      } else {
        expand(number, member, into);
      }
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
    if (const std::uint32_t other = cover_.covered_by(from); other != Visited::kNone) {
      if (bounds_.keep_edges) edges_.to.push_back(other);
      return true;
    }
    if (expansion.is_end) ++result_.ends;
    if (expansion.is_violated_at_end) return violated(from, true);
    for (std::uint32_t i = 0; i < expansion.successors; ++i) {
      Successor& next = successors[i];
      ++result_.transitions;
      const Visited::Met met = meet(next.fingerprint, std::move(next.times), from, next.step);
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
    const std::uint64_t waiting = waiting_bytes();
    const std::uint64_t bytes = visited_.bytes() + waiting;
    if (bytes > result_.most_bytes) result_.most_bytes = bytes;
    if (visited_.states() >= bounds_.states) return stop(SearchEnd::StatesReached);
    const bool grows = visited_.is_about_to_grow(8 * successors + 64);
    const std::uint64_t needed = grows ? visited_.bytes_to_grow() + waiting : bytes;
    return needed <= bounds_.memory || stop(SearchEnd::MemoryFull);
  }

  // Of what is kept besides the states met.
  std::uint64_t waiting_bytes() const {
    return (level_.capacity() + next_.capacity()) * sizeof(State) + edges_.bytes() + cover_.bytes();
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
  Cover cover_;  // if the model has times
  Edges edges_;
  SearchResult result_;
  // States are numbered in the order of levels: those from `begin_` on are being expanded.
  std::uint32_t begin_ = 0;
  std::uint32_t expanded_ = 0;
  std::uint32_t depth_ = 0;       // of this level
  std::uint32_t level_end_ = 0;   // of a search that goes on amid a level; 0: all that are known
  std::uint32_t next_begin_ = 0;  // of the next level
  SearchProgress progress_;
  bool is_over_ = false;
  std::vector<State> level_;  // of this level, if states are kept
  std::vector<State> next_;
  std::deque<Member> members_;
  std::vector<Piece> pieces_;  // of a round
};

template <class Model>
SearchResult search(const Model& model, const SearchBounds& bounds = {}) {
  return Search<Model>(model, bounds).run();
}

}  // namespace txsim
