// Shrinks a scenario that violates an invariant until nothing can be left out: no fault, no
// transaction, no participant, no step, no setting, no delay, and no random draw.
//
// Each candidate is written out as a scenario, read and run. A candidate that still violates the
// same invariant replaces the current scenario. What is drawn at random comes first: random faults
// become placed ones, arrivals get their times, delays become constant or faults that slow one
// message.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runs/run.h"
#include "scenarios/draft.h"

namespace txsim {

// The size of a scenario.
struct ShrinkSize {
  std::uint64_t faults = 0;  // random ones included
  std::uint64_t transactions = 0;
  std::uint64_t participants = 0;  // services
  std::uint64_t steps = 0;
  std::uint64_t settings = 0;  // all other lines
  std::uint64_t events = 0;    // of its run
  friend bool operator==(const ShrinkSize&, const ShrinkSize&) = default;
};

struct ShrinkProgress {
  std::uint64_t tries = 0;
  std::uint64_t faults = 0;
  std::uint64_t transactions = 0;
};

struct ShrinkSettings {
  std::string invariant;                                // empty: see `invariant_to_shrink`
  std::uint64_t tries = 20'000;                         // bound on runs
  std::uint64_t seeds = 100;                            // other seeds with which the result is run
  std::function<void(const ShrinkProgress&)> progress;  // may be empty
};

struct ShrinkResult {
  std::string invariant;  // empty: nothing is violated
  Draft draft;            // expects what it violates
  std::uint64_t seed = 0;
  ShrinkSize before;
  ShrinkSize after;
  std::uint64_t tries = 0;
  bool is_least = false;  // false: the bound on tries came first
  // Whether its run draws anything at random; if not, all seeds give the same run.
  bool draws = false;
  std::uint64_t seeds_tried = 0;
  std::uint64_t seeds_violated = 0;
  bool is_independent_of_seed() const { return seeds_violated == seeds_tried; }
  RunResult run;  // of the draft, with its trace
};

// The first violated invariant that the protocol promises, or the scenario expects to be violated;
// if there is none, the first violated. Empty: none is.
std::string invariant_to_shrink(const RunResult& run);

// `draft` has the seed that is to be shrunk.
ShrinkResult shrink(const Draft& draft, const ShrinkSettings& settings);

}  // namespace txsim
