// The participant of three-phase commit: does its updates under lock, votes, learns that all have
// voted yes, then commits. If the coordinator crashes, the first participant that has not crashed
// is its backup and ends the transaction. See three_phase_commit.h for the protocol.
//
//   ACTIVE ──all done──▶ IDLE ──Prepare, yes──▶ WAIT ──PreCommit──▶ PRECOMMITTED ──▶ COMMITTED
//    └──refused, too late─┴──────────────────────┴──Abort, or the backup's rule──▶ ABORTED
//
// A participant that has crashed since its vote is recovering, in WAIT: it asks, and takes no part
// in the termination, because the others may have continued without it.
// A branch in COMMITTED or ABORTED answers late messages and other participants until its
// coordinator says that it has forgotten the transaction (Mark::oldest).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/three_phase_commit/home.h"
#include "services/xa_resource.h"
#include "sim/fingerprint.h"
#include "sim/ring.h"
#include "sim/table.h"

namespace txsim::three_phase {

class Participant {
 public:
  void on(const Home& home, const Message& message);
  void on_timer(const Home& home, const Timer& timer);
  static bool sets(Word timer) {
    return timer == kIdleTimeout || timer == kDecisionTimeout || timer == kAckAgain;
  }
  void on_lock(const Home& home, const LockNews& news);

  // Recovery: each record of the log that is not the coordinator's, in order, then `resume`.
  void read(const Home& home, const LogRecord& record);
  void resume(const Home& home);
  void write_checkpoint(const Plan& plan, std::vector<LogRecord>& log) const;
  // The database holds the branches that are open or prepared here.
  void digest_into(Fingerprint& into) const { into.add(branches_, peers_); }

 private:
  enum class State : std::uint8_t { Active, Idle, Wait, PreCommitted, Committed, Aborted };
  // In doubt: the node it relies on, and its duty as the backup.
  enum class Duty : std::uint8_t {
    Follows,   // a node before it decides
    Asks,      // it is the backup, and asks for the states of the others
    Informs,   // it is the backup, and sends PreCommit to those in WAIT
    Recovers,  // it has crashed, and asks what was decided
  };
  static constexpr std::uint16_t kNoStep = 0xFFFF;

  // A branch: this service's part of one transaction. Sets of participants are bit masks by their
  // place in TransactionKind::participants.
  struct Branch {
    std::uint64_t number = 0;
    std::uint64_t done = 0;                // steps in effect
    std::int64_t beyond = 0;               // of these, see Store::beyond_of
    std::uint64_t crashed = 0;             // in doubt: participants that it considers crashed
    std::uint64_t waiting_there = 0;       // as the backup: have answered that they are in WAIT
    std::uint64_t precommitted_there = 0;  // likewise, in PRECOMMITTED
    TimerId timer;                         // of the state it is in
    XaSession session;                     // until it is prepared
    std::uint32_t requests = 0;            // unanswered ones in a row
    std::uint16_t kind = 0;
    std::uint16_t waiting = kNoStep;      // for its row lock
    std::optional<State> ended;           // COMMITTED or ABORTED
    bool asked = false;                   // Prepare came before all steps were done
    bool logged = false;                  // its outcome has a record
    bool precommitted = false;            // knows that all have voted yes
    bool is_coordinator_crashed = false;  // or considered so
    Duty duty = Duty::Follows;

    State state() const;
    bool is_in_doubt() const { return state() == State::Wait || state() == State::PreCommitted; }

    void digest_into(Fingerprint& into) const {
      into.add(number, done, beyond, crashed, waiting_there, precommitted_there, timer, requests,
               kind, waiting, state(), session.is_doomed, asked, logged, is_coordinator_crashed,
               duty);
    }
  };
  struct Closed {
    std::uint64_t number = 0;
    TransactionId id = 0;

    void digest_into(Fingerprint& into) const { into.add(number, id); }
  };
  // What is known about a coordinator.
  struct Peer {
    std::uint64_t oldest = 0;  // the oldest transaction that it has not forgotten
    Ring<Closed> closed;       // branches that have ended, in the order of their ends

    void digest_into(Fingerprint& into) const { into.add(oldest, closed); }
  };

  using Here = Handling<Home, Branch>;

  Here at(const Home& home, TransactionId id, std::uint16_t kind = 0, std::uint64_t number = 0) {
    return handling(home, branches_, id, kind, {.number = number});
  }
  static void end(const Here& here, State state);
  static void pre_commit(const Here& here);
  static void require(XaCode given, XaCode wanted);
  void remember(Here& here);
  void open(Here& here);
  static void limit_wait(const Here& here);
  void close(const Here& here);
  void learn_oldest(const Home& home, NodeId coordinator, std::uint64_t oldest);
  bool is_forgotten(const Here& here) const;
  void refuse_forgotten(Here& here, const Message& message, Word refusal) const;
  static XaRecord record(const Here& here, Outcome outcome, bool force);
  static void log_abort(const Here& here);

  // Other executions under the same id
  void end_earlier_execution(Here& here);
  static void on_earlier_execution(Here& here, const Message& message);
  // Before the vote
  void on_update(Here& here, const Message& message);
  void step_done(const Here& here, std::uint16_t step);
  void do_all_steps(const Here& here);
  void refuse(const Here& here, std::uint16_t step);
  void roll_back(const Here& here);
  // The vote
  void on_prepare(Here& here, const Message& message);
  void vote(const Here& here);
  void vote_no(const Here& here);
  // All have voted yes
  void on_precommit(Here& here, const Message& message);
  // The decision
  void on_decision(Here& here, const Message& message, Outcome outcome);
  static void acknowledge(const Here& here, const Message& message);
  void finish(const Here& here, const XaRecord& record, Outcome outcome);
  // Doubt
  void give_up(const Here& here);
  void be_patient(const Here& here);
  void doubt(const Here& here);
  NodeId leader(const Here& here) const;
  static void take_for_crashed(const Here& here, NodeId node);
  void follow(const Here& here);
  void on_undecided(const Here& here, const Message& message) const;
  void on_recovering(const Here& here, const Message& message);
  void on_inquiry(Here& here, const Message& message);
  Word tell_outcome(Here& here);
  // Termination
  std::uint64_t others(const Here& here) const;
  std::uint64_t unanswered(const Here& here) const;
  void terminate(const Here& here);
  void request(const Here& here);
  void on_state_request(Here& here, const Message& message);
  void on_state(const Here& here, const Message& message);
  void apply_rule(const Here& here);
  void decide(const Here& here, Outcome outcome);
  // Recovery
  void inquire(const Here& here);
  static void acknowledge_again(const Here& here);

  XaResource resource_;
  Table<Branch> branches_;
  Table<Peer> peers_;  // by node
};

}  // namespace txsim::three_phase
