// Explores the whole state space of the TwoPhase specification. The expected counts are TLC's.
#include <catch2/catch.hpp>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "examples/two_phase_commit_in_a_hundred_lines/two_phase.h"

namespace {

using namespace txsim::models;

struct Walk {
  std::uint64_t distinct = 0;
  std::uint64_t generated = 0;  // initial state + choices taken in all states
  std::uint64_t inconsistent = 0;
  bool some_commit = false;
  bool some_abort = false;
};

// Breadth first; visits every state once.
Walk walk(int rms, CommitNeeds needs) {
  Walk result;
  std::set<TwoPhase> seen;
  std::vector<TwoPhase> level;
  std::vector<TwoPhase> next;
  const auto meet = [&](TwoPhase state) {
    ++result.generated;
    if (!seen.insert(state).second) return;
    ++result.distinct;
    if (!TCConsistent(state)) ++result.inconsistent;
    for (const RmState rm : state.rmState) {
      result.some_commit |= rm == RmState::committed;
      result.some_abort |= rm == RmState::aborted;
    }
    next.push_back(std::move(state));
  };

  for (meet(init(rms)); !next.empty();) {
    level = std::exchange(next, {});
    for (const TwoPhase& state : level) {
      for (const Choice choice : enabled(state, needs)) meet(step(state, choice));
    }
  }
  return result;
}

}  // namespace

TEST_CASE("TwoPhase model: 3 resource managers have TLC's 288 distinct states of 1,146 generated") {
  const Walk result = walk(3, CommitNeeds::all_prepared);
  CHECK(result.distinct == 288);
  CHECK(result.generated == 1'146);
  CHECK(result.inconsistent == 0);
  CHECK(result.some_commit);
  CHECK(result.some_abort);
}

TEST_CASE("TwoPhase model: 5 resource managers have TLC's 8,832 distinct states of 58,146") {
  const Walk result = walk(5, CommitNeeds::all_prepared);
  CHECK(result.distinct == 8'832);
  CHECK(result.generated == 58'146);
  CHECK(result.inconsistent == 0);
}

TEST_CASE("TwoPhase model: a commit that waits for no vote violates TCConsistent") {
  CHECK(walk(3, CommitNeeds::nothing).inconsistent > 0);
}
