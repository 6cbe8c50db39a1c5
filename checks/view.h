// What the facts so far say about one execution of a transaction. Steps are bits of a 64-bit mask,
// nodes are bits of a PartSet. Ledger holds the data of each step and part.
#pragma once

#include <cstdint>

#include "checks/layout.h"
#include "checks/step_statuses.h"
#include "checks/verdict.h"
#include "sim/fingerprint.h"
#include "sim/time.h"
#include "transactions/transaction.h"

namespace txsim {

// All that later facts and the end of the run are judged by: this much is kept once the execution
// is over. Two executions of the same kind with equal states will be judged alike.
//
// A node's first branch of an execution is the execution's own: the masks here describe it. A
// branch that is opened after that has finished is kept apart (LaterBranch).
struct ExecutionState {
  static constexpr std::uint8_t kNotCounted = 0xFF;

  StepStatuses steps;
  std::uint64_t off = 0;  // cancelled or compensated at some time
  PartSet yes = 0;
  PartSet in_doubt = 0;   // voted yes, not finished
  PartSet finished = 0;   // whatever the outcome
  PartSet committed = 0;  // finished so
  PartSet aborted = 0;
  PartSet read_only = 0;
  PartSet no = 0;
  PartSet decided_committed = 0;  // nodes that decided to commit
  PartSet decided_aborted = 0;
  PartSet alone_committed = 0;
  PartSet alone_aborted = 0;
  PartSet forgot = 0;         // voted yes, and forgot it in a crash
  PartSet aborted_there = 0;  // finished aborted, in any branch
  std::uint64_t counted = 0;  // steps in effect, as counted when it was over
  std::uint16_t kind = 0;
  std::uint8_t again = 0;             // how often its id was executed before
  std::uint8_t result = kNotCounted;  // what it was counted as when it was over
  bool submitted = false;
  bool begun = false;
  bool told = false;
  bool gave_up = false;
  bool superseded = false;       // the client had its answer from a later submission
  bool disagreed = false;        // agreement was violated already
  bool votes_judged = false;     // unanimity was violated already, or all have voted yes
  bool was_compensated = false;  // some step, at some time
  bool left = false;             // its coordinator crashed and has not resumed it
  bool is_earlier = false;       // its id was executed again
  bool is_left_open = false;     // and it had not ended at every node
  bool had_ended = false;        // its coordinator announced so once; kept if steps read
  Phase phase = Phase::Begun;
  Outcome decision = Outcome::Unknown;  // the first
  Reply reply = Reply::Done;

  bool operator==(const ExecutionState&) const = default;
  void digest_into(Fingerprint& into) const {
    into.add(steps, off, yes, in_doubt, finished, committed, aborted, read_only, no,
             decided_committed, decided_aborted, alone_committed, alone_aborted, forgot,
             aborted_there);
    into.add(kind, submitted, begun, told, gave_up, superseded, disagreed, votes_judged,
             was_compensated, left, again, is_earlier, is_left_open, had_ended, phase, decision,
             reply);
  }

  bool is_client_served() const { return told || gave_up || superseded || !submitted; }
  bool is_told(Reply what) const { return told && reply == what; }
  bool has_votes() const { return (yes | no | read_only) != 0; }
  // Some node considers it committed.
  bool is_committed() const { return (decided_committed | committed) != 0; }
  // These had promised to commit what others have committed, and have forgotten it.
  PartSet oblivious() const { return is_committed() ? forgot & ~finished : 0; }
};

// What is known about an execution while it is in flight.
struct alignas(64) TransactionView : ExecutionState {
  TransactionId id = 0;
  bool open = false;
  bool was_over = false;      // and came back with a later fact
  bool is_guess = false;      // its kind is a guess until a fact carries it
  bool has_reserved = false;  // at some time
  std::uint8_t effects = 0;   // how many steps have taken effect so far
  std::uint8_t submit_message_delays = 0;
  std::uint8_t submit_write_delays = 0;
  std::uint64_t locked = 0;
  std::uint64_t waiting = 0;
  std::uint64_t reserved_again = 0;        // steps reserved a second time
  std::uint64_t reserved_again_event = 0;  // the last time
  PartSet informed = 0;                    // those in doubt that have learned the decision
  PartSet said_again = 0;                  // since its last restart
  std::uint64_t decision_event = 0;
  std::uint64_t reply_event = 0;
  std::uint64_t ended_event = 0;  // its coordinator announced its end
  std::uint64_t split_event = 0;  // that made all-or-nothing impossible, when last over
  Sides split_sides{};
  Time submitted_at;
  Time answered_at;
};

// A branch that a late or repeated request opened at a node that had finished its own.
struct LaterBranch {
  TransactionId transaction = 0;
  NodeId node = kNoNode;
  StepStatuses steps;
  bool in_doubt = false;
  bool finished = false;
  Outcome outcome = Outcome::Unknown;  // if it has finished
  bool forgot = false;
  bool said_again = false;  // since the last restart of its node

  bool operator==(const LaterBranch&) const = default;
  void digest_into(Fingerprint& into) const {
    into.add(transaction, node, steps, in_doubt, finished, outcome, forgot, said_again);
  }
};

}  // namespace txsim
