// The settings of two-phase commit, with their defaults. settings.cpp explains each one where it
// declares the key.
#pragma once

#include <cstdint>
#include <optional>

#include "services/xa_resource.h"
#include "sim/time.h"
#include "transactions/transaction.h"

namespace txsim {

class SettingDeclarations;

enum class CommitVariant : std::uint8_t { Basic, PresumedAbort, PresumedCommit };
enum class HeuristicChoice : std::uint8_t { Commit, Abort };
// Whether a participant passes the decision on to the others, before or after it carries it out.
enum class PassOn : std::uint8_t { Never, Before, After };

struct TwoPhaseCommitSettings {
  CommitVariant variant = CommitVariant::PresumedAbort;
  bool read_only_vote = true;
  bool one_phase = true;
  bool cooperative_termination = false;
  bool with_prepare = false;
  Duration update_timeout = seconds(2);
  Duration vote_timeout = seconds(2);
  std::optional<Duration> idle_timeout = seconds(5);
  Duration decision_timeout = seconds(1);
  Duration resend_after = milliseconds(500);
  std::optional<Duration> forget_after;
  PassOn pass_on = PassOn::Never;
  std::optional<Duration> heuristic_after;
  HeuristicChoice heuristic_choice = HeuristicChoice::Abort;
  XaRules resource = XaRules::Textbook;
  bool force_prepare = true;
  bool force_commit = true;
  bool force_decision = true;
  bool resend = true;
  bool unanimity = true;
  bool votes_as_set = true;
  bool hold_locks = true;
  bool keeps_context = true;
  bool unlock_with_end = true;
  bool rollback_by_id = true;

  // Which outcome is acknowledged: the one that is not presumed.
  bool acknowledged(Outcome outcome) const {
    return !(variant == CommitVariant::PresumedAbort && outcome == Outcome::Aborted) &&
           !(variant == CommitVariant::PresumedCommit && outcome == Outcome::Committed);
  }
  // The answer of a node that knows nothing about a transaction to a participant in doubt.
  Outcome presumption() const {
    return variant == CommitVariant::PresumedCommit ? Outcome::Committed : Outcome::Aborted;
  }
};

void declare_settings(TwoPhaseCommitSettings& settings, SettingDeclarations& keys);

}  // namespace txsim
