// The settings of two-phase commit: keys and switches, with their defaults.
#pragma once

#include <cstdint>
#include <optional>

#include "services/xa_resource.h"
#include "sim/time.h"
#include "transactions/transaction.h"

namespace txsim {

enum class CommitVariant : std::uint8_t { Basic, PresumedAbort, PresumedCommit };
enum class HeuristicChoice : std::uint8_t { Commit, Abort };
// Whether a participant passes the decision on to the others, before or after it carries it out.
enum class PassOn : std::uint8_t { Never, Before, After };

struct TwoPhaseCommitSettings {
  CommitVariant variant = CommitVariant::PresumedAbort;
  bool read_only_vote = true;            // a participant that changed nothing leaves after its vote
  bool one_phase = true;                 // a single participant decides by itself
  bool cooperative_termination = false;  // in doubt: ask the other participants too
  bool with_prepare = false;             // the updates travel with Prepare instead of before it
  Duration update_timeout = seconds(2);  // coordinator waits for an update's answer, then aborts
  Duration vote_timeout = seconds(2);    // coordinator in WAIT, then aborts
  std::optional<Duration> idle_timeout =
      seconds(5);                             // participant before its vote, then aborts by itself
  Duration decision_timeout = seconds(1);     // participant in PREPARED, then asks; again each time
  Duration resend_after = milliseconds(500);  // coordinator resends its decision until acknowledged
  std::optional<Duration> forget_after;  // coordinator forgets a decision not acknowledged by then
  PassOn pass_on = PassOn::Never;
  std::optional<Duration> heuristic_after;  // participant in PREPARED decides alone after this
  HeuristicChoice heuristic_choice = HeuristicChoice::Abort;
  XaRules resource = XaRules::Textbook;  // whose rules the participants' databases follow
  // Switches; the safe setting is on.
  bool force_prepare = true;    // participant forces its prepare record
  bool force_commit = true;     // participant forces its commit record (where the variant does)
  bool force_decision = true;   // coordinator forces its decision (and collecting) record
  bool resend = true;           // the decision is resent until acknowledged, and asked for
  bool unanimity = true;        // off: a majority of yes is enough
  bool votes_as_set = true;     // off: votes are counted, duplicates twice
  bool hold_locks = true;       // off: row locks are freed right after each update
  bool keeps_context = true;    // off: an update that waited for its lock is no part of the branch
  bool unlock_with_end = true;  // off: a branch's end is durable before its locks are freed
  bool rollback_by_id = true;   // off: an Abort of what is not there undoes what is active there

  // Which outcome is acknowledged: what is not presumed must be.
  bool acknowledged(Outcome outcome) const {
    return !(variant == CommitVariant::PresumedAbort && outcome == Outcome::Aborted) &&
           !(variant == CommitVariant::PresumedCommit && outcome == Outcome::Committed);
  }
  // What somebody who knows nothing of a transaction answers to one who is in doubt.
  Outcome presumption() const {
    return variant == CommitVariant::PresumedCommit ? Outcome::Committed : Outcome::Aborted;
  }
};

}  // namespace txsim
