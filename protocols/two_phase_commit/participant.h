// The participant of two-phase commit: does its updates under lock, votes, and once it has voted
// yes holds everything until it knows the decision. See two_phase_commit.h for the protocol.
//
//   ACTIVE ──all its steps done──▶ IDLE ──Prepare, yes──▶ PREPARED ──Commit──▶ COMMITTED
//    │                              │ └─Prepare, only read─▶ LEFT  └──Abort──▶ ABORTED
//    └──refused, Abort, too late────┴──────────────────────────────────────▶ ABORTED
//
// (CommitOnePhase: IDLE ──▶ COMMITTED. A heuristic decision: PREPARED ──▶ COMMITTED or ABORTED.)
// The service's database (xa_resource.h) goes from ACTIVE to PREPARED, and ends the branch there;
// how it ended is the participant's to remember.
// A branch in COMMITTED, ABORTED or LEFT answers late messages and other participants until its
// coordinator says that it has forgotten the transaction (Mark::oldest).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/two_phase_commit/home.h"
#include "sim/fingerprint.h"
#include "sim/ring.h"
#include "sim/table.h"

namespace txsim::two_phase {

class Participant {
 public:
  explicit Participant(XaRules rules) : resource_(rules) {}

  void on(const Home& home, const Message& message);
  void on_timer(const Home& home, const Timer& timer);
  void on_lock(const Home& home, const LockNews& news);

  // Recovery: each record of the log in order, then `resume`.
  void read(const Home& home, const LogRecord& record);
  void resume(const Home& home);
  void write_checkpoint(const Plan& plan, std::vector<LogRecord>& log) const;
  // The database's branches are those that are open or prepared here.
  void digest_into(Fingerprint& into) const { into.add(branches_, peers_); }

 private:
  enum class State : std::uint8_t { Active, Idle, Prepared, Committed, Aborted, Left };
  static constexpr std::uint16_t kNoStep = 0xFFFF;

  // A branch: this service's part of one transaction.
  struct Branch {
    std::uint64_t number = 0;
    std::uint64_t done = 0;    // steps in effect
    std::int64_t beyond = 0;   // of these, see Store::beyond_of
    std::uint64_t locked = 0;  // by the log, of one that has ended: steps whose rows stay locked
    TimerId timer;             // of the state it is in
    TimerId heuristic;
    XaSession session;  // until it is prepared
    std::uint16_t kind = 0;
    std::uint16_t waiting = kNoStep;  // for its row lock
    std::optional<State> ended;       // COMMITTED, ABORTED or LEFT
    Word asked;              // Prepare or CommitOnePhase, if it came before all steps were done
    bool alone = false;      // decided without the coordinator
    bool one_phase = false;  // decided for the coordinator, which has not acknowledged it yet
    bool settled = false;    // alone, and has met the coordinator's decision
    bool logged = false;     // its outcome has a record

    State state() const;

    void digest_into(Fingerprint& into) const {
      into.add(number, done, beyond, locked, timer, heuristic, kind, waiting, state(),
               session.is_doomed, asked, alone, one_phase, settled, logged);
    }
  };
  struct Closed {
    std::uint64_t number = 0;
    TransactionId id = 0;

    void digest_into(Fingerprint& into) const { into.add(number, id); }
  };
  // What is known of a coordinator.
  struct Peer {
    std::uint64_t oldest = 0;  // the oldest transaction that it has not forgotten
    Ring<Closed> closed;       // branches that have ended, in the order of their ends

    void digest_into(Fingerprint& into) const { into.add(oldest, closed); }
  };

  static void end(Branch& branch, State state);
  static void require(XaCode given, XaCode wanted);
  Branch& remember(const Message& message);
  Branch& open(const Message& message);
  static void limit_wait(const Home& home, TransactionId id, Branch& branch);
  void close(const Home& home, TransactionId id, Branch& branch);
  void learn_oldest(NodeId coordinator, std::uint64_t oldest);
  bool is_forgotten(const Home& home, const Message& message) const;
  static XaRecord record(const Home& home, TransactionId id, Branch& branch, Outcome outcome,
                         bool force);
  static void log(const Home& home, TransactionId id, Branch& branch, Outcome outcome, bool force);
  static Fact voted(TransactionId id, const Branch& branch, Vote vote);
  void answer(const Home& home, Word type, TransactionId id, const Branch& branch,
              std::int64_t value = 0, std::uint16_t step = 0) const;

  // Before the vote
  void on_update(const Home& home, const Message& message, Branch* branch);
  void step_done(const Home& home, TransactionId id, Branch& branch, std::uint16_t step);
  void do_all_steps(const Home& home, TransactionId id, Branch& branch);
  void refuse(const Home& home, TransactionId id, Branch& branch, std::uint16_t step);
  void roll_back(const Home& home, TransactionId id, Branch& branch);
  // The vote
  void on_prepare(const Home& home, const Message& message, Branch* branch);
  void vote(const Home& home, TransactionId id, Branch& branch);
  void vote_no(const Home& home, TransactionId id, Branch& branch);
  void on_commit_one_phase(const Home& home, const Message& message, Branch* branch);
  void commit_one_phase(const Home& home, TransactionId id, Branch& branch);
  void on_ack(const Home& home, const Message& message, Branch* branch);
  // The decision
  void on_decision(const Home& home, const Message& message, Branch* branch, Outcome outcome);
  static void end_doubt(const Home& home, TransactionId id, const Branch& branch, Outcome outcome);
  static void pass_on(const Home& home, TransactionId id, const Branch& branch, Outcome outcome);
  void undo_what_is_active(const Home& home);
  void acknowledge(const Home& home, const Message& message) const;
  void end_in_database(const Home& home, TransactionId id, Branch& branch, Outcome outcome,
                       const XaRecord& record);
  void finish(const Home& home, TransactionId id, Branch& branch, Outcome outcome);
  void give_up(const Home& home, TransactionId id, Branch& branch);
  void decide_alone(const Home& home, TransactionId id, Branch& branch);
  void meet_decision(const Home& home, const Message& message, Branch& branch, Outcome outcome);
  // Doubt
  void inquire(const Home& home, TransactionId id, Branch& branch);
  void on_inquiry(const Home& home, const Message& message, Branch* branch);

  // Recovery
  void resume_prepared(const Home& home, TransactionId id, Branch& branch);
  void resume_ended(const Home& home, TransactionId id, Branch& branch, Outcome outcome);

  XaResource resource_;
  Table<Branch> branches_;
  Table<Peer> peers_;  // by node
};

}  // namespace txsim::two_phase
