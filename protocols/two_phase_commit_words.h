// What both roles of two-phase commit share: settings, the words of their messages, records and
// timers, and what these carry. The protocol itself is told in two_phase_commit.h.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/role_home.h"
#include "protocols/xa_resource.h"

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

namespace two_phase {

// Coordinator to participant
inline constexpr Word kUpdate = word("Update");
inline constexpr Word kPrepare = word("Prepare");
inline constexpr Word kCommit = word("Commit");
inline constexpr Word kAbort = word("Abort");
inline constexpr Word kCommitOnePhase = word("CommitOnePhase");
// Participant to coordinator
inline constexpr Word kUpdated = word("Updated");
inline constexpr Word kUpdateRefused = word("UpdateRefused");
inline constexpr Word kVoteYes = word("VoteYes");
inline constexpr Word kVoteNo = word("VoteNo");
inline constexpr Word kVoteReadOnly = word("VoteReadOnly");
inline constexpr Word kAckHeuristic = word("AckHeuristic");
inline constexpr Word kCommitted = word("Committed");
inline constexpr Word kAborted = word("Aborted");
// Either way
inline constexpr Word kAck = word("Ack");
inline constexpr Word kInquiry = word("Inquiry");
inline constexpr Word kUncertain = word("Uncertain");

// Log records of the coordinator, then of the participant
inline constexpr Word kCollectingRecord = word("collecting");
inline constexpr Word kCommitRecord = word("commit");
inline constexpr Word kAbortRecord = word("abort");
inline constexpr Word kEndRecord = word("end");
inline constexpr Word kPreparedRecord = word("prepared");
inline constexpr Word kCommittedRecord = word("committed");
inline constexpr Word kAbortedRecord = word("aborted");
inline constexpr Word kForgottenRecord = word("forgotten");
inline constexpr Word kUnlockedRecord = word("unlocked");

// Timers of the coordinator, then of the participant
inline constexpr Word kUpdateTimeout = word("update-timeout");
inline constexpr Word kVoteTimeout = word("vote-timeout");
inline constexpr Word kResendAfter = word("resend-after");
inline constexpr Word kIdleTimeout = word("idle-timeout");
inline constexpr Word kDecisionTimeout = word("decision-timeout");
inline constexpr Word kHeuristicAfter = word("heuristic-after");
inline constexpr Word kAnswerAgain = word("answer-again");

// Mark::detail of Commit and Abort: 1 if it is to be acknowledged.

// Body of the coordinator's records.
struct CoordinatorNote {
  std::uint64_t number = 0;
  std::uint64_t steps = 0;  // at its own service, that commit with the record
  std::uint64_t told = 0;   // participants, by place, that have to be told (collecting: asked)
  std::int64_t beyond = 0;  // of these steps, see Store::beyond_of
};

// Body of the participant's records.
struct ParticipantNote {
  std::uint64_t number = 0;
  std::uint64_t steps = 0;
  std::uint32_t coordinator = kNoNode;
  std::uint8_t alone = 0;      // decided without the coordinator
  std::uint8_t one_phase = 0;  // decided for the coordinator, which has not acknowledged it yet
  std::uint16_t unused = 0;
  std::int64_t beyond = 0;  // of these steps, see Store::beyond_of
};

// Sets of participants, by their place in TransactionKind::participants.
constexpr std::uint64_t first_bits(std::size_t count) {
  return count >= 64 ? ~std::uint64_t{0} : bit(count) - 1;
}
constexpr std::uint16_t size(std::uint64_t set) {
  return static_cast<std::uint16_t>(std::popcount(set));
}
// The participant's bit; none for a node that is no participant.
inline std::uint64_t bit_of(const TransactionKind& kind, NodeId node) {
  const int place = kind.participant_index(node);
  return place < 0 ? 0 : bit(static_cast<std::size_t>(place));
}

constexpr std::int64_t number_of(Outcome outcome) { return static_cast<std::int64_t>(outcome); }

// A service's own share of one kind of transaction.
struct Share {
  std::uint64_t steps = 0;
  bool changes = false;  // not all of them only read
};

// What a role may use of its service while it handles one event.
struct Home : RoleHome {
  const TwoPhaseCommitSettings& settings;
  const std::vector<Share>& shares;  // by kind

  void send(NodeId to, Word type, TransactionId transaction, std::uint16_t kind, const Mark& mark,
            std::uint16_t step = 0, std::int64_t value = 0) const {
    RoleHome::send(to, type, {transaction, kind, step, mark.number}, mark, value);
  }
  template <class Note>
  static LogRecord record(Word type, TransactionId transaction, std::uint16_t kind,
                          const Note& note) {
    LogRecord made;
    made.type = type;
    made.kind = kind;
    made.transaction = transaction;
    made.value = static_cast<std::int64_t>(note.steps);
    made.body.put(note);
    return made;
  }
  template <class Note>
  void append(Word type, TransactionId transaction, std::uint16_t kind, const Note& note) const {
    context.append(record(type, transaction, kind, note));
  }
};

}  // namespace two_phase
}  // namespace txsim
