// Three-phase commit: all services of a transaction commit or none does, and every participant that
// is up decides, even if others have crashed for good. The price: one more round of messages, one
// more forced write, and a network that loses nothing: a node that is cut off is considered
// crashed, and one side commits what the other aborts.
//
// Source: Skeen, Nonblocking Commit Protocols, 1981 (the protocol, the termination rule); Skeen, A
// Quorum-Based Commit Protocol, 1982 (partitions break it); Skeen, Stonebraker, A Formal Model of
// Crash Recovery in a Distributed System, 1983 (no independent recovery from doubt); Bernstein,
// Hadzilacos, Goodman 1987, chapter 7.5 (states, termination by a backup, recovery, costs).
//
// Roles: coordinator, the service where the transaction begins; participants, the other services of
// its steps; backup, the first participant, in the order of the steps, that has not crashed. The
// coordinator does the steps at its own service in its own store: it votes yes on them with its
// precommit record, and they commit with its commit record.
//
//   message        from → to                           meaning
//   Update         coordinator → participant           do this step, under lock
//   Updated        participant → coordinator           it is in effect, not yet for good
//   UpdateRefused  participant → coordinator           it cannot be done: rolled back, abort
//   Prepare        coordinator → participant           can you commit? vote
//   VoteYes        participant → coordinator           I can, and will not abort by myself
//   VoteNo         participant → coordinator           I have aborted
//   PreCommit      coordinator, backup → participant   all have voted yes
//   PreCommitted   participant → coordinator, backup   I know that all have voted yes
//   Commit, Abort  coordinator, backup → participant   the decision; also answers to Inquiry,
//                                                      StateRequest and PreCommit
//   Ack            participant → coordinator           I have committed durably
//   Noted          coordinator → participant           your Ack after a crash has arrived
//   Inquiry        any in doubt → any                  what was decided? are you up?
//   Undecided      answer to Inquiry                   nothing yet
//   Recovering     answer to Inquiry, StateRequest     I have crashed since my vote, and ask too
//   StateRequest   backup → participant                which state are you in?
//   Waiting        participant → backup                WAIT (the other answer: PreCommitted)
//
//   coordinator                                  participant
//
//   INIT                                         ACTIVE ──refused, Abort──▶ ABORTED
//    │ all updated: Prepare  │ refused            │ all its steps done │ or idle too long
//    ▼                       ▼                    ▼                    │
//   WAIT ──a no, timeout──▶ ABORT                IDLE ─────────────────┘
//    │ all yes: PreCommit    │                    │ Prepare: VoteYes
//    ▼                       │                    ▼
//   PRECOMMIT                │                   WAIT ──Abort──▶ ABORTED
//    │ all know, or crashed  │                    │ PreCommit: PreCommitted
//    ▼                       │                    ▼
//   COMMIT                   │                   PRECOMMITTED
//    │ all acknowledged      │                    │ Commit
//    ▼                       ▼                    ▼
//   END ◀────────────────────┘                   COMMITTED
//
//   cost, n participants    coordinator          each participant       messages
//   (records/forced)
//   commit                  precommit! commit!   prepared! committed!   6n (5n and n Acks)
//                           end: 3/2             2/2
//   abort, k yes, n-k no    abort: 1/0           yes: prepared!         2n+k
//                                                aborted: 2/1
//                                                no: aborted: 1/0
//
// Timeouts: the coordinator in INIT and WAIT aborts; in PRECOMMIT it asks again, then commits
// without those that do not answer: they have crashed. A participant in ACTIVE or IDLE aborts by
// itself; in WAIT and PRECOMMITTED it asks the coordinator. A node that leaves `inquiries` requests
// in a row unanswered, or answers Recovering, is considered crashed for the rest of the
// transaction; then the next node in order is asked, and if that is the participant itself, it is
// the backup.
//
// Termination: the backup asks all that have not crashed for their states. A participant that has
// reported its state ignores the nodes before the backup from then on. The first matching line
// decides:
//
//   some state                        the backup
//   COMMITTED                         commits
//   ABORTED, or has not voted         aborts (a participant that has not voted aborts when asked)
//   PRECOMMITTED                      sends PreCommit to those in WAIT; when all know, commits
//   WAIT (all)                        aborts
//
// The coordinator sends Commit `inquiries` times, every `resend_after`; those that have not
// acknowledged it by then have crashed. When they are back they ask or, if they have committed,
// acknowledge again until that is noted.
//
// Recovery: a node that has a decision keeps it. A participant without a prepared record has
// aborted. A coordinator without a record has aborted, because no participant can have received a
// PreCommit that is not durable. All others are in doubt and ask every node; they answer Recovering
// and take no part in a termination, because the others may continue without them. Total failure:
// all have crashed in doubt and wait until all are back; when all answer Recovering, none has
// decided, and the coordinator commits.
//
// Deviations:
// - All votes are awaited, also after a no; a no-voter gets no Abort.
// - Abort is presumed, as in two-phase commit: its record is not forced and it is not acknowledged.
//   The coordinator's precommit record takes the place of the record that Bernstein et al. write
//   before the votes. As with them a participant does not record PreCommit.
// - Total failure: the sources let the last node to crash recover first. Here all must be back.
// - The backup is found by asking in order, not by a separate election.
// - Messages carry a number (Mark), so that a late duplicate of Update or Prepare opens no branch
//   of a transaction that is over, and a late vote or Ack does not count when the transaction is
//   executed again under its id. A branch that has ended is kept until the coordinator's next
//   message reports that it has forgotten the transaction. The sources assume sessions instead.
// - A participant that has aborted without a record forces one before it answers another.
// - Checkpoints hold the record `forgotten`: the number up to which a coordinator has forgotten.
#pragma once

#include <memory>
#include <vector>

#include "protocols/three_phase_commit/coordinator.h"
#include "protocols/three_phase_commit/participant.h"
#include "services/two_role_service.h"

namespace txsim {

class ThreePhaseCommitService final
    : public TwoRoleService<ThreePhaseCommitService, three_phase::Coordinator,
                            three_phase::Participant> {
 public:
  ThreePhaseCommitService(std::shared_ptr<const Plan> plan, NodeId self,
                          const IdempotentReceiverSettings& receiver, const StoreSettings& store,
                          const ThreePhaseCommitSettings& settings);
  three_phase::Home home(Context& context) { return {{context, store(), plan()}, settings_}; }
  bool absorbs(const Message& message) const override;

 private:
  void write_checkpoint(std::vector<LogRecord>& log) const override;
  void digest_own(Fingerprint& into) const override { into.add(coordinator_, participant_); }

  ThreePhaseCommitSettings settings_;
};

}  // namespace txsim
