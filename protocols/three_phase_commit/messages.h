// The names of three-phase commit's messages, log records and timers, and what the records carry.
// Each name is a row of a table; constants, `txsim describe` and traces take it from there.
#pragma once

#include <cstdint>

#include "services/description.h"
#include "sim/word.h"
#include "transactions/transaction.h"

namespace txsim::three_phase {

inline constexpr auto kMessages =
    names({{"Update", "coordinator to participant: do this step, under lock"},
           {"Updated", "the step is in effect, not yet for good"},
           {"UpdateRefused", "the step cannot be done; the participant has rolled back"},
           {"Prepare", "coordinator to participant: can you commit? vote"},
           {"VoteYes", "prepared: can commit and will not abort by itself"},
           {"VoteNo", "has aborted"},
           {"PreCommit", "coordinator or backup to participant: all have voted yes"},
           {"PreCommitted", "knows that all have voted yes; answers PreCommit and StateRequest"},
           {"Commit", "the decision"},
           {"Abort", "the decision"},
           {"Ack", "participant to coordinator: has committed durably"},
           {"Noted", "coordinator to participant: your Ack after a crash has arrived"},
           {"Inquiry", "in doubt: what was decided?"},
           {"Undecided", "answer to Inquiry: no decision yet, and no crash since the vote"},
           {"Recovering", "answer to Inquiry and StateRequest: has crashed, and asks too"},
           {"StateRequest", "backup to participant: which state are you in?"},
           {"Waiting", "answer to StateRequest: voted yes, no further knowledge"}});

inline constexpr auto kRecords =
    names({{"precommit", "coordinator: all have voted yes, and its own steps (forced)"},
           {"commit", "coordinator: the decision, and the steps at its own service (forced)"},
           {"abort", "coordinator: the decision (presumed: not forced)"},
           {"end", "all have acknowledged: forgotten"},
           {"prepared", "participant: its steps, before it votes yes (forced)"},
           {"committed", "participant (forced)"},
           {"aborted", "participant (forced by a backup that decides, else not)"},
           {"forgotten", "in a checkpoint: up to which number a coordinator has forgotten"}});

inline constexpr auto kTimers = names(
    {{"update-timeout", "coordinator: an update is not answered; it aborts"},
     {"vote-timeout", "coordinator in WAIT: it aborts"},
     {"precommit-timeout", "coordinator in PRECOMMIT: it sends PreCommit again, then commits"},
     {"resend-after", "coordinator: Commit is not acknowledged; it sends it again"},
     {"ask-after", "coordinator in RECOVERING: it asks the participants again"},
     {"idle-timeout", "participant before its vote: it aborts by itself"},
     {"decision-timeout", "participant that voted yes: in doubt, it asks or terminates"},
     {"ack-again", "participant: its Ack after a crash is not noted"}});

// Coordinator to participant
inline constexpr Word kUpdate = kMessages["Update"];
inline constexpr Word kPrepare = kMessages["Prepare"];
// Coordinator or backup to participant
inline constexpr Word kPreCommit = kMessages["PreCommit"];
inline constexpr Word kCommit = kMessages["Commit"];
inline constexpr Word kAbort = kMessages["Abort"];
inline constexpr Word kNoted = kMessages["Noted"];
inline constexpr Word kStateRequest = kMessages["StateRequest"];
// Participant to coordinator
inline constexpr Word kUpdated = kMessages["Updated"];
inline constexpr Word kUpdateRefused = kMessages["UpdateRefused"];
inline constexpr Word kVoteYes = kMessages["VoteYes"];
inline constexpr Word kVoteNo = kMessages["VoteNo"];
inline constexpr Word kAck = kMessages["Ack"];
// Participant to coordinator or backup
inline constexpr Word kPreCommitted = kMessages["PreCommitted"];
inline constexpr Word kWaiting = kMessages["Waiting"];
// Any to any
inline constexpr Word kInquiry = kMessages["Inquiry"];
inline constexpr Word kUndecided = kMessages["Undecided"];
inline constexpr Word kRecovering = kMessages["Recovering"];

// Log records of the coordinator, then of the participant
inline constexpr Word kPreCommitRecord = kRecords["precommit"];
inline constexpr Word kCommitRecord = kRecords["commit"];
inline constexpr Word kAbortRecord = kRecords["abort"];
inline constexpr Word kEndRecord = kRecords["end"];
inline constexpr Word kPreparedRecord = kRecords["prepared"];
inline constexpr Word kCommittedRecord = kRecords["committed"];
inline constexpr Word kAbortedRecord = kRecords["aborted"];
inline constexpr Word kForgottenRecord = kRecords["forgotten"];

// Timers of the coordinator, then of the participant
inline constexpr Word kUpdateTimeout = kTimers["update-timeout"];
inline constexpr Word kVoteTimeout = kTimers["vote-timeout"];
inline constexpr Word kPreCommitTimeout = kTimers["precommit-timeout"];
inline constexpr Word kResendAfter = kTimers["resend-after"];
inline constexpr Word kAskAfter = kTimers["ask-after"];
inline constexpr Word kIdleTimeout = kTimers["idle-timeout"];
inline constexpr Word kDecisionTimeout = kTimers["decision-timeout"];
inline constexpr Word kAckAgain = kTimers["ack-again"];

// Mark::detail of Commit, Abort and Ack that are to be acknowledged.
inline constexpr std::uint64_t kWantsAck = 1;

// Body of the coordinator's records.
struct CoordinatorNote {
  std::uint64_t number = 0;
  std::uint64_t steps = 0;  // at its own service: prepared with precommit, in effect with commit
  std::uint64_t told = 0;   // participants, by place, that have to acknowledge
  std::int64_t beyond = 0;  // of these steps, see Store::beyond_of

  std::int64_t value() const { return static_cast<std::int64_t>(steps); }
};

// Body of the participant's records.
struct ParticipantNote {
  std::uint64_t number = 0;
  std::uint64_t steps = 0;
  std::uint32_t coordinator = kNoNode;
  std::uint32_t unused = 0;
  std::int64_t beyond = 0;  // of these steps, see Store::beyond_of

  std::int64_t value() const { return static_cast<std::int64_t>(steps); }
};

}  // namespace txsim::three_phase
