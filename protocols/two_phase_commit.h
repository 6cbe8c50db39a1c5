// PLACEHOLDER OPENING: to be completed by the implementer.
#pragma once

#include "protocols/service.h"

namespace txsim {

enum class CommitVariant : std::uint8_t { Basic, PresumedAbort, PresumedCommit };
enum class HeuristicChoice : std::uint8_t { Commit, Abort };

struct TwoPhaseCommitSettings {
  CommitVariant variant = CommitVariant::PresumedAbort;
  bool read_only_vote = true;            // a participant that changed nothing leaves after its vote
  bool one_phase = true;                 // a single participant decides by itself
  bool cooperative_termination = false;  // in doubt: ask the other participants too
  bool with_prepare = false;             // the updates travel with Prepare instead of before it
  Duration update_timeout = seconds(2);  // coordinator waits for an update's answer, then aborts
  Duration vote_timeout = seconds(2);    // coordinator in WAIT, then aborts
  Duration idle_timeout = seconds(5);    // participant before its vote, then aborts by itself
  Duration decision_timeout = seconds(1);     // participant in PREPARED, then asks; again each time
  Duration resend_after = milliseconds(500);  // coordinator resends its decision until acknowledged
  Duration heuristic_after{0};  // participant in PREPARED decides alone after this; 0: never
  HeuristicChoice heuristic_choice = HeuristicChoice::Abort;
  // Switches; the safe setting is on.
  bool force_prepare = true;   // participant forces its prepare record
  bool force_commit = true;    // participant forces its commit record (where the variant does)
  bool force_decision = true;  // coordinator forces its decision (and collecting) record
  bool resend = true;          // the decision is resent until acknowledged, and asked for
  bool unanimity = true;       // off: a majority of yes is enough
  bool votes_as_set = true;    // off: votes are counted, duplicates twice
  bool hold_locks = true;      // off: row locks are freed right after each update
};

}  // namespace txsim
