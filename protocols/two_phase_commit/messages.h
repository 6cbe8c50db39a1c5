// The names of two-phase commit's messages, log records and timers, and what the records carry.
// What each means is told in two_phase_commit.h.
#pragma once

#include <cstdint>

#include "sim/word.h"
#include "transactions/transaction.h"

namespace txsim::two_phase {

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

}  // namespace txsim::two_phase
