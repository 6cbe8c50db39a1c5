// The names of two-phase commit's messages, log records and timers, and what the records carry.
// Each name is a row of a table; constants, `txsim describe` and traces take it from there.
#pragma once

#include <cstdint>

#include "services/description.h"
#include "sim/word.h"
#include "transactions/transaction.h"

namespace txsim::two_phase {

inline constexpr auto kMessages =
    names({{"Update", "coordinator to participant: do this step, under lock"},
           {"Updated", "the step is in effect, not yet for good"},
           {"UpdateRefused", "the step cannot be done; the participant has rolled back"},
           {"Prepare", "coordinator to participant: vote"},
           {"VoteYes", "prepared: can commit and will not abort by itself"},
           {"VoteNo", "has aborted"},
           {"VoteReadOnly", "changed nothing and has left"},
           {"Commit", "the decision"},
           {"Abort", "the decision"},
           {"Ack", "the decision is carried out durably; also ends a one-phase commit"},
           {"AckHeuristic", "the participant had decided otherwise alone (value: its outcome)"},
           {"Inquiry", "in doubt: what was decided?"},
           {"Uncertain", "answer to Inquiry: not known here"},
           {"CommitOnePhase", "to the only participant: decide, and report"},
           {"Committed", "answer to CommitOnePhase, repeated until acknowledged"},
           {"Aborted", "answer to CommitOnePhase"}});

inline constexpr auto kRecords = names(
    {{"collecting", "coordinator, presumed commit: these participants will be asked (forced)"},
     {"commit", "coordinator: the decision, and the steps at its own service (forced)"},
     {"abort", "coordinator: the decision (forced unless presumed)"},
     {"end", "all have acknowledged: forgotten"},
     {"prepared", "participant: its steps, before it votes yes (forced)"},
     {"committed", "participant (forced unless presumed)"},
     {"aborted", "participant (forced unless presumed)"},
     {"unlocked", "participant, unlock_with_end off: its row locks are freed"},
     {"forgotten", "in a checkpoint: up to which number a coordinator has forgotten"}});

inline constexpr auto kTimers =
    names({{"update-timeout", "coordinator: an update is not answered; it aborts"},
           {"vote-timeout", "coordinator in WAIT: it aborts (one phase: it asks again)"},
           {"resend-after", "coordinator: the decision is not acknowledged; it sends it again"},
           {"idle-timeout", "participant before its vote: it aborts by itself"},
           {"decision-timeout", "participant in PREPARED: in doubt, it asks"},
           {"heuristic-after", "participant in PREPARED: it decides alone"},
           {"answer-again", "participant: its one-phase commit is not acknowledged"}});

// Coordinator to participant
inline constexpr Word kUpdate = kMessages["Update"];
inline constexpr Word kPrepare = kMessages["Prepare"];
inline constexpr Word kCommit = kMessages["Commit"];
inline constexpr Word kAbort = kMessages["Abort"];
inline constexpr Word kCommitOnePhase = kMessages["CommitOnePhase"];
// Participant to coordinator
inline constexpr Word kUpdated = kMessages["Updated"];
inline constexpr Word kUpdateRefused = kMessages["UpdateRefused"];
inline constexpr Word kVoteYes = kMessages["VoteYes"];
inline constexpr Word kVoteNo = kMessages["VoteNo"];
inline constexpr Word kVoteReadOnly = kMessages["VoteReadOnly"];
inline constexpr Word kAckHeuristic = kMessages["AckHeuristic"];
inline constexpr Word kCommitted = kMessages["Committed"];
inline constexpr Word kAborted = kMessages["Aborted"];
// Either way
inline constexpr Word kAck = kMessages["Ack"];
inline constexpr Word kInquiry = kMessages["Inquiry"];
inline constexpr Word kUncertain = kMessages["Uncertain"];

// Log records of the coordinator, then of the participant
inline constexpr Word kCollectingRecord = kRecords["collecting"];
inline constexpr Word kCommitRecord = kRecords["commit"];
inline constexpr Word kAbortRecord = kRecords["abort"];
inline constexpr Word kEndRecord = kRecords["end"];
inline constexpr Word kPreparedRecord = kRecords["prepared"];
inline constexpr Word kCommittedRecord = kRecords["committed"];
inline constexpr Word kAbortedRecord = kRecords["aborted"];
inline constexpr Word kForgottenRecord = kRecords["forgotten"];
inline constexpr Word kUnlockedRecord = kRecords["unlocked"];

// Timers of the coordinator, then of the participant
inline constexpr Word kUpdateTimeout = kTimers["update-timeout"];
inline constexpr Word kVoteTimeout = kTimers["vote-timeout"];
inline constexpr Word kResendAfter = kTimers["resend-after"];
inline constexpr Word kIdleTimeout = kTimers["idle-timeout"];
inline constexpr Word kDecisionTimeout = kTimers["decision-timeout"];
inline constexpr Word kHeuristicAfter = kTimers["heuristic-after"];
inline constexpr Word kAnswerAgain = kTimers["answer-again"];

// Mark::detail of Commit and Abort that are to be acknowledged.
inline constexpr std::uint64_t kWantsAck = 1;

// Body of the coordinator's records.
struct CoordinatorNote {
  std::uint64_t number = 0;
  std::uint64_t steps = 0;  // at its own service, that commit with the record
  std::uint64_t told = 0;   // participants, by place, that need the decision (collecting: asked)
  std::int64_t beyond = 0;  // of these steps, see Store::beyond_of

  std::int64_t value() const { return static_cast<std::int64_t>(steps); }
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

  std::int64_t value() const { return static_cast<std::int64_t>(steps); }
};

}  // namespace txsim::two_phase
