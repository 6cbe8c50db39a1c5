// Two-phase commit: all services of a transaction commit or none does, even if nodes crash and
// messages are lost. The price: a participant that has voted yes keeps its locks until it knows the
// decision.
//
// Source: Gray, Notes on Data Base Operating Systems, 1978; Mohan, Lindsay, Obermarck, Transaction
// Management in the R* Distributed Database Management System, 1986 (presumed abort, presumed
// commit, read-only vote); Lampson, Lomet, A New Presumed Commit Optimization for Two Phase Commit,
// 1993 (costs); X/Open XA, 1991 (one phase, heuristic decision); Tanenbaum, van Steen, Distributed
// Systems (names of states, cooperative termination).
//
// Roles: coordinator, the service where the transaction begins; participants, the other services of
// its steps. Every service can be either. The coordinator does the steps at its own service in its
// own store: they commit with its commit record.
//
//   message         from → to                  meaning
//   Update          coordinator → participant  do this step, under lock
//   Updated         participant → coordinator  it is in effect, not yet for good
//   UpdateRefused   participant → coordinator  it cannot be done: rolled back, abort
//   Prepare         coordinator → participant  vote
//   VoteYes         participant → coordinator  prepared: I can commit and will not abort by myself
//   VoteNo          participant → coordinator  I have aborted
//   VoteReadOnly    participant → coordinator  I changed nothing and have left
//   Commit, Abort   coordinator → participant  the decision
//   Ack             participant → coordinator  carried out durably; not sent for what is presumed
//   AckHeuristic    participant → coordinator  I had decided otherwise alone; value: Outcome
//   Inquiry         participant → coordinator  in doubt: what was decided? (with cooperative
//                                              termination: → the other participants too)
//   Uncertain       answer to Inquiry          I do not know either
//   CommitOnePhase  coordinator → participant  you are the only one: decide, and report
//                                              (or: you prepare nothing, and all others have)
//   Committed       participant → coordinator  it has; repeated until acknowledged by Ack
//   Aborted         participant → coordinator  it has not, and never will
//
//   coordinator                                  participant
//
//   INIT                                         ACTIVE ──refused, Abort──▶ ABORTED
//    │ all updated: Prepare  │ refused            │ all its steps done │ or idle too long
//    ▼                       ▼                    ▼                    │
//   WAIT ──a no, timeout──▶ ABORT                IDLE ─────────────────┘
//    │ all yes               │                    │ Prepare: VoteYes
//    ▼                       │                    ▼                 (VoteReadOnly: LEFT)
//   COMMIT                   │                   PREPARED ──Abort──▶ ABORTED
//    │ all acknowledged      │                    │ Commit
//    ▼                       ▼                    ▼
//   END ◀────────────────────┘                   COMMITTED
//
//   records (forced: !)     basic                presumed abort        presumed commit
//   coordinator, commit     commit! end          commit! end           collecting! commit!
//   coordinator, abort      abort! end           abort                 collecting! abort! end
//   participant, commit     prepared! committed! prepared! committed!  prepared! committed
//   yes-voter, abort        prepared! aborted!   prepared! aborted     prepared! aborted!
//   no-voter                aborted!             aborted               aborted!
//   acknowledged            commit, abort        commit                abort
//   nothing known means     abort                abort                 commit
//
// Timeouts: the coordinator in INIT and WAIT aborts. A participant in ACTIVE or IDLE aborts by
// itself; in PREPARED it may not, and asks. A decision is resent until acknowledged. Recovery: a
// coordinator with a decision and no end sends the decision again, one that was collecting aborts;
// without a record the transaction never was, and the presumption is true of it. A participant with
// a prepared record takes its locks again and asks; without one it has aborted.
//
// Last resources: services that cannot prepare (`prepares = off`) commit in one phase, once all
// others have voted yes, one after the other (Narayana: last resource commit). With one last
// resource the transaction is atomic unless the coordinator crashes before its decision is durable;
// with several it is not atomic.
//
// `pass_on`: a participant that learns the decision passes it on to the others, before or after it
// carries it out (Babaoglu, Toueg, Non-Blocking Atomic Commitment, 1993: reliable broadcast).
// `forget_after`: the coordinator does not wait forever for acknowledgements; a later inquiry gets
// the presumed outcome. Further switches, not in the tables: `keeps_context`, `unlock_with_end`
// (off: record `unlocked`, not forced, behind the participant's last), `rollback_by_id` (off: an
// Abort for an unknown branch rolls back what is ACTIVE there, though XA only says XAER_NOTA; the
// branch's owner is not notified, and continues).
//
// Deviations:
// - All votes are awaited, also after a no, as in R*: a no-voter gets no Abort.
// - Before Prepare an abort is not recorded: no participant can be in doubt.
// - Messages carry a number (Mark), so that a late duplicate of Update or Prepare opens no branch
//   of a transaction that is over. A branch that has ended is kept until the coordinator's next
//   message reports that it has forgotten the transaction. The sources assume sessions instead.
// - One phase: the participant keeps its outcome until an Ack arrives, so that a lost answer does
//   not count as an abort. Not used if the coordinator changes something itself, nor if an order
//   may be submitted again: the coordinator would have no record to recognise it by.
// - Presumed commit forces its commit record even if all only read, because the decision is
//   announced.
// - A participant that aborts by itself forces a record of it, and one that has aborted does so
//   before it answers another one (cooperative termination): otherwise, without the sources'
//   sessions, a duplicate Update might let it vote yes after a crash.
// - Checkpoints hold the record `forgotten`: the number up to which a coordinator has forgotten.
#pragma once

#include <memory>
#include <vector>

#include "protocols/two_phase_commit/coordinator.h"
#include "protocols/two_phase_commit/participant.h"
#include "services/two_role_service.h"

namespace txsim {

class TwoPhaseCommitService final
    : public TwoRoleService<TwoPhaseCommitService, two_phase::Coordinator, two_phase::Participant> {
 public:
  TwoPhaseCommitService(std::shared_ptr<const Plan> plan, NodeId self,
                        const IdempotentReceiverSettings& receiver, const StoreSettings& store,
                        const TwoPhaseCommitSettings& settings);
  two_phase::Home home(Context& context) { return {{context, store(), plan()}, settings_}; }
  bool absorbs(const Message& message) const override;

 private:
  void write_checkpoint(std::vector<LogRecord>& log) const override;
  void digest_own(Fingerprint& into) const override { into.add(coordinator_, participant_); }

  TwoPhaseCommitSettings settings_;
};

}  // namespace txsim
