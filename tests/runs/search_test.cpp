// The search on Lamport's TwoPhase specification. The expected counts are TLC's.
#include "runs/search.h"

#include <catch2/catch.hpp>

#include "sim/assert.h"
#include "tests/models/packed_two_phase.h"

namespace {

using namespace txsim;
using models::CommitNeeds;
using models::PackedTwoPhase;
using Symmetry = PackedTwoPhase::Symmetry;

SearchBounds jobs(unsigned jobs) {
  SearchBounds bounds;
  bounds.jobs = jobs;
  return bounds;
}

void check_same(const SearchResult& a, const SearchResult& b) {
  CHECK(a.end == b.end);
  CHECK(a.states == b.states);
  CHECK(a.transitions == b.transitions);
  CHECK(a.ends == b.ends);
  CHECK(a.depth == b.depth);
  CHECK(a.way == b.way);
}

// The first state leads to many others. The first of these leads to a violated state. A late one is
// an end, after which a fault may still occur. The end may be violated.
class LateEnd {
 public:
  struct State {
    std::uint32_t depth = 0;
    std::uint32_t place = 0;
  };
  static constexpr std::uint32_t kWidth = 3'000;
  static constexpr std::uint32_t kEnd = 2'900;

  explicit LateEnd(bool is_violated_at_end) : is_violated_at_end_(is_violated_at_end) {}

  State initial() const { return {}; }
  template <class Visit>
  void expand(const State& state, Visit&& visit) const {
    for (std::uint32_t place = 0; state.depth == 0 && place < kWidth; ++place) {
      visit(State{1, place}, Turn::Will, place);
    }
    if (state.depth == 1) visit(State{2, state.place}, is_end(state) ? Turn::May : Turn::Will, 0);
  }
  std::uint64_t fingerprint(const State& state) const {
    return (std::uint64_t{state.place} << 32) + state.depth + 1;
  }
  bool is_end(const State& state) const {
    return state.depth == 2 || (state.depth == 1 && state.place >= kEnd);
  }
  bool is_violated(const State& state) const { return state.depth == 2 && state.place == 0; }
  bool is_violated_at_end(const State& state) const {
    TXSIM_ASSERT(is_end(state), "asked of a state in which something needs to happen");
    return is_violated_at_end_ && state.depth == 1 && state.place >= kEnd + 5;
  }

 private:
  bool is_violated_at_end_;
};

// The same model, but its states are reconstructed from their steps.
class LateEndMadeAgain : public LateEnd {
 public:
  using LateEnd::LateEnd;
  template <class Visit>
  void use_up(State& state, State& scratch, Visit&& visit) const {
    LateEnd::expand(State(state), [&](const State& next, Turn turn, Visited::Step step) {
      scratch = next;
      visit(scratch, turn, step);
    });
    state = {3, 0};
  }
  void make_child(const State& state, Visited::Step step, State& into) const {
    into = {state.depth + 1, state.depth == 0 ? step : state.place};
  }
  void go_on(State& state, Visited::Step step) const { make_child(State(state), step, state); }
};

template <class Model>
void check_nearer_end() {
  for (const unsigned number : {1U, 2U, 3U}) {
    CAPTURE(number);
    const SearchResult met = search(Model(false), jobs(number));
    CHECK(met.end == SearchEnd::Violated);
    CHECK(!met.violated_at_end);
    CHECK(met.way == std::vector<Visited::Step>{0, 0});
    CHECK(met.transitions == Model::kWidth + 1);
    const SearchResult end = search(Model(true), jobs(number));
    CHECK(end.end == SearchEnd::Violated);
    CHECK(end.violated_at_end);
    CHECK(end.way == std::vector<Visited::Step>{Model::kEnd + 5});
    CHECK(end.states == met.states);
    CHECK(end.transitions == met.transitions);
    CHECK(end.ends == met.ends);
    CHECK(end.unexpanded == met.unexpanded);
  }
}

}  // namespace

TEST_CASE("search: TwoPhase has TLC's counts of distinct and generated states") {
  const SearchResult three = search(PackedTwoPhase(3));
  CHECK(three.end == SearchEnd::Exhausted);
  CHECK(three.states == 288);
  CHECK(three.transitions + 1 == 1'146);
  CHECK(three.unexpanded == 0);
  const SearchResult five = search(PackedTwoPhase(5));
  CHECK(five.states == 8'832);
  CHECK(five.transitions + 1 == 58'146);
}

TEST_CASE("search: TwoPhase with interchangeable resource managers has 80 states, and 314") {
  CHECK(search(PackedTwoPhase(3, Symmetry::On)).states == 80);
  CHECK(search(PackedTwoPhase(5, Symmetry::On)).states == 314);
}

TEST_CASE("search: its results do not depend on the number of jobs") {
  const PackedTwoPhase whole(6);
  const SearchResult alone = search(whole);
  CHECK(alone.states > 40'000);
  check_same(alone, search(whole, jobs(2)));
  check_same(alone, search(whole, jobs(5)));
  const PackedTwoPhase broken(6, Symmetry::Off, CommitNeeds::nothing);
  check_same(search(broken), search(broken, jobs(3)));
}

TEST_CASE("search: the first violation found has a shortest run") {
  for (const Symmetry symmetry : {Symmetry::Off, Symmetry::On}) {
    const PackedTwoPhase broken(4, symmetry, CommitNeeds::nothing);
    const SearchResult result = search(broken);
    CHECK(result.end == SearchEnd::Violated);
    CHECK(result.way.size() == 3);  // a manager aborts, TMCommit, another commits
    std::uint64_t state = broken.initial();
    for (const Visited::Step step : result.way) {
      std::vector<std::uint64_t> next;
      broken.expand(state,
                    [&](std::uint64_t reached, Turn, Visited::Step) { next.push_back(reached); });
      state = next.at(step);
    }
    CHECK(broken.is_violated(state));
  }
}

TEST_CASE("search: a violated end is reported before a violation that needs one more choice") {
  check_nearer_end<LateEnd>();
  check_nearer_end<LateEndMadeAgain>();
}

TEST_CASE("search: a search stopped by a bound reports the bound and the remaining states") {
  SearchBounds bounds;
  bounds.depth = 3;
  const SearchResult shallow = search(PackedTwoPhase(5), bounds);
  CHECK(shallow.end == SearchEnd::DepthReached);
  CHECK(shallow.depth == 3);
  CHECK(shallow.unexpanded > 0);
  bounds = {};
  bounds.memory = 100'000;
  const SearchResult full = search(PackedTwoPhase(7), bounds);
  CHECK(full.end == SearchEnd::MemoryFull);
  CHECK(full.unexpanded > 0);
  CHECK(full.most_bytes <= bounds.memory);
  bounds = {};
  bounds.states = 1'000;
  CHECK(search(PackedTwoPhase(5), bounds).end == SearchEnd::StatesReached);
}

TEST_CASE("search: the successors of each state are kept on request") {
  SearchBounds bounds;
  bounds.keep_edges = true;
  const PackedTwoPhase model(3);
  Search<PackedTwoPhase> search(model, bounds);
  const SearchResult result = search.run();
  CHECK(search.edges().to.size() == result.transitions);
  CHECK(search.edges().first.size() == result.states + 1);
}

// Stopped by the watch after every so many states, and continued each time.
TEST_CASE("search: a search that is stopped again and again ends as one that is not") {
  for (const bool is_violated : {false, true}) {
    for (const unsigned number : {1U, 3U}) {
      CAPTURE(is_violated, number);
      const LateEndMadeAgain model(is_violated);
      SearchBounds bounds = jobs(number);
      bounds.keep_edges = true;
      const SearchResult whole = search(model, bounds);
      int asked = 0;
      bounds.watch = [&](const SearchProgress& progress) -> std::optional<SearchEnd> {
        CHECK(progress.states > progress.waiting);
        CHECK(progress.levels[0] > 0);
        if (++asked % 2 == 0) return std::nullopt;
        return SearchEnd::Interrupted;
      };
      Search<LateEndMadeAgain> first(model, bounds);
      SearchResult result = first.run();
      StoppedSearch left = std::move(first).stopped();
      int stops = 0;
      for (; result.end == SearchEnd::Interrupted; ++stops) {
        Search<LateEndMadeAgain> next(model, bounds, std::move(left));
        result = next.run();
        left = std::move(next).stopped();
      }
      CHECK(stops >= 1);
      if (!result.missed_ends) check_same(result, whole);
      CHECK(result.most_bytes == whole.most_bytes);
    }
  }
}

TEST_CASE("search: the watch cannot stop a search that has met its last state") {
  SearchBounds bounds;
  bounds.watch = [](const SearchProgress& progress) -> std::optional<SearchEnd> {
    return progress.waiting < 64 ? std::optional(SearchEnd::TimeReached) : std::nullopt;
  };
  const SearchResult result = search(PackedTwoPhase(3), bounds);
  CHECK(result.end == SearchEnd::TimeReached);
  CHECK(result.unexpanded > 0);
  bounds.watch = [](const SearchProgress& progress) -> std::optional<SearchEnd> {
    return progress.waiting == 0 ? std::optional(SearchEnd::TimeReached) : std::nullopt;
  };
  CHECK(search(PackedTwoPhase(3), bounds).end == SearchEnd::Exhausted);
}
