// The TwoPhase specification (two_phase.h) with a state packed into one word, for the library's
// search. Each resource manager has four bits, the transaction manager with its messages another
// four.
#pragma once

#include <cstdint>

#include "examples/two_phase_commit_in_a_hundred_lines/two_phase.h"
#include "runs/search.h"

namespace txsim::models {

class PackedTwoPhase {
 public:
  using State = std::uint64_t;
  enum class Symmetry : std::uint8_t { Off, On };
  static constexpr int kMostRms = 14;

  explicit PackedTwoPhase(int rms, Symmetry symmetry = Symmetry::Off,
                          CommitNeeds needs = CommitNeeds::all_prepared)
      : rms_(rms), symmetry_(symmetry), needs_(needs) {
    for (int rm = 0; rm < rms; ++rm) all_received_ |= kReceived << shift(rm);
  }

  State initial() const { return 0; }

  // Visits the choices in the order of `enabled`.
  template <class Visit>
  void expand(State state, Visit&& visit) const {
    Visited::Step step = 0;
    const auto take = [&](State next) { visit(canonical(next), Turn::Will, step++); };
    const bool undecided = (state & kDecided) == 0;
    const bool may_commit =
        needs_ == CommitNeeds::nothing || (state & all_received_) == all_received_;
    if (undecided && may_commit) take(state | kCommitted);
    if (undecided) take(state | kAborted);
    for (int rm = 0; rm < rms_; ++rm) {
      const int at = shift(rm);
      const State others = state & ~(kRmState << at);
      const State rm_state = (state >> at) & kRmState;
      if (undecided && ((state >> at) & kSent) != 0) take(state | (kReceived << at));
      if (rm_state == kWorking) {
        take(others | ((kPrepared | kSent) << at));
        take(others | (kRmAborted << at));
      }
      if ((state & kCommitted) != 0) take(others | (kRmCommitted << at));
      if ((state & kAborted) != 0) take(others | (kRmAborted << at));
    }
  }

  // A bijection (the finaliser of SplitMix64), so distinct states have distinct fingerprints.
  std::uint64_t fingerprint(State state) const {
    std::uint64_t z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  bool is_violated(State state) const {
    bool some_committed = false;
    bool some_aborted = false;
    for (int rm = 0; rm < rms_; ++rm) {
      const State rm_state = (state >> shift(rm)) & kRmState;
      some_committed |= rm_state == kRmCommitted;
      some_aborted |= rm_state == kRmAborted;
    }
    return some_committed && some_aborted;
  }
  bool is_violated_at_end(State) const { return false; }

 private:
  static constexpr State kRmState = 3;
  static constexpr State kWorking = 0;
  static constexpr State kPrepared = 1;
  static constexpr State kRmCommitted = 2;
  static constexpr State kRmAborted = 3;
  static constexpr State kSent = 4;       // a Prepared message exists
  static constexpr State kReceived = 8;   // it is in tmPrepared
  static constexpr State kCommitted = 1;  // as tmState and as a message
  static constexpr State kAborted = 2;
  static constexpr State kDecided = kCommitted | kAborted;

  static int shift(int rm) { return 4 + 4 * rm; }

  // With symmetry, the state with ascending resource managers represents all permutations.
  State canonical(State state) const {
    if (symmetry_ == Symmetry::Off) return state;
    std::uint64_t rms[16] = {};
    for (int rm = 0; rm < rms_; ++rm) rms[rm] = (state >> shift(rm)) & 15U;
    std::sort(rms, rms + rms_);
    State sorted = state & kDecided;
    for (int rm = 0; rm < rms_; ++rm) sorted |= rms[rm] << shift(rm);
    return sorted;
  }

  int rms_;
  Symmetry symmetry_;
  CommitNeeds needs_;
  State all_received_ = 0;
};

}  // namespace txsim::models
