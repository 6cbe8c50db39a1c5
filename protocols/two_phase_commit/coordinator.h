// The coordinator of two-phase commit: carries out the updates, collects the votes, decides, and
// remembers its decision until all participants that do not presume it have acknowledged it. See
// two_phase_commit.h for the protocol.
//
//   INIT ──all updated: Prepare──▶ WAIT ──all voted yes──▶ COMMIT ──all acknowledged──▶ END
//    │                              └──a no, or too late──▶ ABORT ──all acknowledged──▶ END
//    └──an update refused, or too late──▶ ABORT            (presumed outcome: END at once)
//
// A transaction in END is forgotten.
#pragma once

#include <cstdint>
#include <vector>

#include "protocols/two_phase_commit/home.h"
#include "services/begun_transactions.h"
#include "sim/fingerprint.h"
#include "sim/table.h"

namespace txsim::two_phase {

// Each handler returns the outcome for the client now; Unknown: none.
class Coordinator {
 public:
  [[nodiscard]] Outcome begin(const Home& home, TransactionId id, std::uint16_t kind);
  [[nodiscard]] Outcome on(const Home& home, const Message& message);
  [[nodiscard]] Outcome on_timer(const Home& home, const Timer& timer);
  [[nodiscard]] Outcome on_refused(const Home& home, const Message& message);
  [[nodiscard]] Outcome on_lock(const Home& home, const LockNews& news);

  // See Node::absorbs: a vote or an acknowledgement that is one of several awaited.
  bool absorbs(const Plan& plan, const TwoPhaseCommitSettings& settings,
               const Message& message) const;

  // Recovery: each record of the log in order (false: not the coordinator's), then `resume`.
  bool read(const Home& home, const LogRecord& record);
  static Outcome outcome_in(const LogRecord& record);
  [[nodiscard]] std::vector<Resumed> resume(const Home& home);
  void write_checkpoint(const TwoPhaseCommitSettings& settings, std::vector<LogRecord>& log) const;
  void digest_into(Fingerprint& into) const { into.add(transactions_, begun_); }

 private:
  enum class State : std::uint8_t { Init, Wait, Commit, Abort };

  // Sets of participants are bit masks by their place in TransactionKind::participants.
  struct Transaction {
    std::uint64_t number = 0;
    std::uint64_t touched = 0;  // have been sent an Update
    std::uint64_t asked = 0;    // have been sent Prepare
    std::uint64_t yes = 0;
    std::uint64_t no = 0;
    std::uint64_t read_only = 0;
    std::uint64_t awaiting = 0;  // have not acknowledged the decision
    std::uint64_t last = 0;      // WAIT: the last resource that has been asked to commit, and has
                                 // not answered
    std::uint64_t ended = 0;     // last resources that have answered
    Period remembers;            // the decision, for `forget_after`
    TimerId timer;
    std::uint16_t kind = 0;
    std::uint16_t step = 0;   // INIT: the step under way
    std::uint16_t votes = 0;  // counters, for when sets are switched off
    std::uint16_t yes_votes = 0;
    std::uint16_t acks = 0;
    std::uint16_t told = 0;
    State state = State::Init;
    bool one_phase = false;
    bool crashed = false;  // was collecting; its own steps are gone, so it can only abort

    void digest_into(Fingerprint& into) const {
      into.add(remembers, number, touched, asked, yes, no, read_only, awaiting, timer, kind, step,
               votes, yes_votes, acks, told, state, one_phase, crashed, last, ended);
    }
  };

  using Here = Handling<Home, Transaction>;

  Here at(const Home& home, TransactionId id, std::uint16_t kind = 0) {
    return handling(home, transactions_, id, kind, begun_.mark(0));
  }
  static void enter(const Here& here, State state);
  // The participants that cannot prepare.
  static std::uint64_t unprepared(const Here& here);
  // Phase one
  Outcome work(const Here& here);
  Outcome ask(const Here& here);
  Outcome all_voted(const Here& here, Outcome outcome);
  Outcome on_last_answer(const Here& here, Outcome outcome);
  Outcome on_updated(const Here& here, const Message& message);
  Outcome on_vote(const Here& here, const Message& message, Vote vote);
  Outcome count(const Here& here, std::uint64_t sender, Vote vote);
  Outcome verdict(const Here& here, bool too_late) const;
  // Phase two
  Outcome decide(const Here& here, Outcome outcome);
  Outcome conclude(const Here& here, Outcome outcome);
  void on_ack(const Here& here, const Message& message);
  void forget(const Here& here);
  // Failures and short cuts
  Outcome give_up(const Here& here);
  void resend(const Here& here);
  void on_inquiry(const Here& here, const Message& message);
  Outcome on_one_phase_answer(const Here& here, const Message& message, Outcome outcome);

  Table<Transaction> transactions_;
  BegunTransactions begun_;
};

}  // namespace txsim::two_phase
