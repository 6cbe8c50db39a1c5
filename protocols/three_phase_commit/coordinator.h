// The coordinator of three-phase commit: carries out the updates, collects the votes, informs all
// that all have voted yes, commits, and remembers that until all have acknowledged it. See
// three_phase_commit.h for the protocol.
//
//   INIT ──all updated: Prepare──▶ WAIT ──all voted yes──▶ PRECOMMIT ──all know──▶ COMMIT ──▶ END
//    └──refused, or too late───────┴──a no, or too late──▶ ABORT ──▶ END
//
//   after a crash in PRECOMMIT: RECOVERING ──it is told──▶ COMMIT or ABORT
//                                          ──all others have crashed too──▶ COMMIT
//
// A transaction in END is forgotten, and an unknown transaction is aborted.
#pragma once

#include <cstdint>
#include <vector>

#include "protocols/three_phase_commit/home.h"
#include "services/begun_transactions.h"
#include "sim/fingerprint.h"
#include "sim/table.h"

namespace txsim::three_phase {

// Each handler returns the outcome for the client now; Unknown: none.
class Coordinator {
 public:
  [[nodiscard]] Outcome begin(const Home& home, TransactionId id, std::uint16_t kind);
  [[nodiscard]] Outcome on(const Home& home, const Message& message);
  [[nodiscard]] Outcome on_timer(const Home& home, const Timer& timer);
  [[nodiscard]] Outcome on_refused(const Home& home, const Message& message);
  [[nodiscard]] Outcome on_lock(const Home& home, const LockNews& news);

  // See Node::absorbs: a vote or an acknowledgement that is one of several awaited.
  bool absorbs(const Plan& plan, const ThreePhaseCommitSettings& settings,
               const Message& message) const;

  // Recovery: each record of the log in order (false: not the coordinator's), then `resume`.
  bool read(const Home& home, const LogRecord& record);
  static Outcome outcome_in(const LogRecord& record);
  [[nodiscard]] std::vector<Resumed> resume(const Home& home);
  void write_checkpoint(std::vector<LogRecord>& log) const;
  void digest_into(Fingerprint& into) const { into.add(transactions_, begun_); }

 private:
  enum class State : std::uint8_t { Init, Wait, PreCommit, Recovering, Commit, Abort };

  // Sets of participants are bit masks by their place in TransactionKind::participants.
  struct Transaction {
    std::uint64_t number = 0;
    std::uint64_t touched = 0;  // have been sent an Update
    std::uint64_t asked = 0;    // have been sent Prepare
    std::uint64_t yes = 0;
    std::uint64_t no = 0;
    std::uint64_t informed = 0;  // PRECOMMIT: know that all have voted yes
    std::uint64_t crashed = 0;   // RECOVERING: have crashed in doubt too
    std::uint64_t awaiting = 0;  // have not acknowledged the decision
    std::uint64_t steps = 0;     // its own, that its precommit record holds
    std::int64_t beyond = 0;     // of these, see Store::beyond_of
    TimerId timer;
    std::uint32_t requests = 0;  // PRECOMMIT, COMMIT: how often the message was sent
    std::uint16_t kind = 0;
    std::uint16_t step = 0;  // INIT: the step under way
    State state = State::Init;

    void digest_into(Fingerprint& into) const {
      into.add(number, touched, asked, yes, no, informed, crashed, awaiting, steps, beyond, timer,
               requests, kind, step, state);
    }
  };

  using Here = Handling<Home, Transaction>;

  Here at(const Home& home, TransactionId id, std::uint16_t kind = 0) {
    return handling(home, transactions_, id, kind, begun_.mark(0));
  }
  Here at(const Home& home, const Message& message);
  static void enter(const Here& here, State state);
  // The updates
  Outcome work(const Here& here);
  Outcome on_updated(const Here& here, const Message& message);
  // Phase one: the votes
  Outcome ask(const Here& here);
  Outcome on_vote(const Here& here, const Message& message, Vote vote);
  // Phase two: all know that all have voted yes
  Outcome pre_commit(const Here& here);
  void inform(const Here& here);
  Outcome on_precommitted(const Here& here, const Message& message);
  // Phase three: the decision
  Outcome decide(const Here& here, Outcome outcome);
  Outcome conclude(const Here& here, Outcome outcome);
  void tell(const Here& here, bool again) const;
  void on_ack(const Here& here, const Message& message);
  void forget(const Here& here);
  // Failures
  Outcome give_up(const Here& here);
  void on_inquiry(const Here& here, const Message& message);
  // Recovery in doubt
  void inquire(const Here& here);
  Outcome on_recovering(const Here& here, const Message& message);
  Outcome on_told(const Here& here, Outcome outcome);

  Table<Transaction> transactions_;
  BegunTransactions begun_;
};

}  // namespace txsim::three_phase
