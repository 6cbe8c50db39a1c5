// The participant of two-phase commit: does its updates under lock, votes, and after a yes vote
// holds everything until it knows the decision. See two_phase_commit.h for the protocol.
//
//   ACTIVE ──all its steps done──▶ IDLE ──Prepare, yes──▶ PREPARED ──Commit──▶ COMMITTED
//    │                              │ └─Prepare, only read─▶ LEFT  └──Abort──▶ ABORTED
//    └──refused, Abort, too late────┴──────────────────────────────────────▶ ABORTED
//
// (CommitOnePhase: IDLE ──▶ COMMITTED. A heuristic decision: PREPARED ──▶ COMMITTED or ABORTED.)
// The service's database (xa_resource.h) goes from ACTIVE to PREPARED, and ends the branch there;
// the participant remembers how it ended. A branch in COMMITTED, ABORTED or LEFT answers late
// messages and other participants until its coordinator reports that it has forgotten the
// transaction (Mark::oldest).
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
  static bool sets(Word timer) {
    return timer == kIdleTimeout || timer == kDecisionTimeout || timer == kHeuristicAfter ||
           timer == kAnswerAgain;
  }
  void on_lock(const Home& home, const LockNews& news);

  // Recovery: each record of the log that is not the coordinator's, in order, then `resume`.
  void read(const Home& home, const LogRecord& record);
  void resume(const Home& home);
  void write_checkpoint(const Plan& plan, std::vector<LogRecord>& log) const;
  // The database holds the branches that are open or prepared here.
  void digest_into(Fingerprint& into) const { into.add(branches_, peers_); }

 private:
  enum class State : std::uint8_t { Active, Idle, Prepared, Committed, Aborted, Left };
  static constexpr std::uint16_t kNoStep = 0xFFFF;

  // A branch: this service's part of one transaction.
  struct Branch {
    std::uint64_t number = 0;
    std::uint64_t done = 0;    // steps in effect
    std::int64_t beyond = 0;   // of these, see Store::beyond_of
    std::uint64_t locked = 0;  // if ended: steps whose rows stay locked, by the log
    TimerId timer;             // of the state it is in
    TimerId heuristic;
    XaSession session;  // until it is prepared
    std::uint16_t kind = 0;
    std::uint16_t waiting = kNoStep;  // for its row lock
    std::optional<State> ended;       // COMMITTED, ABORTED or LEFT
    Word asked;              // Prepare or CommitOnePhase, if it came before all steps were done
    bool alone = false;      // decided without the coordinator
    bool one_phase = false;  // decided for the coordinator, which has not acknowledged it yet
    bool settled = false;    // decided alone, and has received the coordinator's decision
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
  static void require(XaCode given, XaCode wanted);
  void remember(Here& here);
  void open(Here& here);
  static void limit_wait(const Here& here);
  void close(const Here& here);
  void learn_oldest(NodeId coordinator, std::uint64_t oldest);
  bool is_forgotten(const Here& here) const;
  void refuse_forgotten(Here& here, const Message& message, Word refusal) const;
  static XaRecord record(const Here& here, Outcome outcome, bool force);
  static void log(const Here& here, Outcome outcome, bool force);

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
  void on_commit_one_phase(Here& here, const Message& message);
  void commit_one_phase(const Here& here);
  void on_ack(const Here& here);
  // The decision
  void on_decision(Here& here, const Message& message, Outcome outcome);
  static void pass_on(const Here& here, Outcome outcome);
  void undo_what_is_active(const Home& home);
  static void acknowledge(const Here& here, const Message& message);
  void end_in_database(const Here& here, Outcome outcome, const XaRecord& record);
  void finish(const Here& here, Outcome outcome);
  void give_up(const Here& here);
  void decide_alone(const Here& here);
  void meet_decision(const Here& here, const Message& message, Outcome outcome);
  // Doubt
  void inquire(const Here& here);
  void on_inquiry(Here& here, const Message& message);

  // Recovery
  void resume_prepared(const Here& here);
  void resume_ended(const Here& here, Outcome outcome);

  XaResource resource_;
  Table<Branch> branches_;
  Table<Peer> peers_;  // by node
};

}  // namespace txsim::two_phase
