// A recorded run as a reader understands it: to which execution of which order each fact belongs,
// and what it made of its step. Read once from front to back, with the whole trace at hand; the
// definitions in definitions_*.cpp ask it.
//
// What the reader relies on: a fact is announced with the durable record that makes it true, so no
// crash falls between the two. What a restarted node says in the instant of its restart, before its
// amounts (Recovered), it recalls: that is so from then on, and nothing was done again.
//
// Execution: from phase Begun to the next Begun that comes after Ended, or after a crash from which
// the coordinator has not taken it up. The same submission that arrives twice where the idempotent
// receiver is off, or once more after such a crash, is executed twice, under one transaction's id.
// Of which of them a fact is, its node alone knows, and does not say: of the last in which there is
// what it ends, takes back or recalls; where there is none, of the last. A lock that is waited for
// or taken is no part that could end. A yes vote is about all that its node holds under lock of the
// order: what it has updated in an earlier execution, and not promised then, goes over into that of
// the vote.
//
// Branch: what a node has of an execution, until it has Finished its part. An update or a vote that
// comes after that opens another branch, which is not the transaction's own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sim/trace.h"
#include "transactions/transaction.h"

namespace txsim::reference {

// How the run ended.
struct RunEnd {
  Time time;
  bool faults_met = false;           // a crash, pause, loss, delay, refusal or duplicate came
  bool messages_duplicated = false;  // by the network
  bool is_livelock = false;          // virtual time stands still
  bool fault_is_open = false;        // a node is down or paused, or a fault has not healed
  std::set<NodeId> unreachable{};    // paused, or cut off by a fault that has not healed
};

struct RecordedRun {
  const Trace& trace;
  const Plan& plan;
  std::optional<Duration> longest_lock_wait;  // absent: no bound
  RunEnd end;
  // If its horizon has cut the run off: the same run, gone on without a horizon, looked at again
  // and again, the earliest look first; empty: nothing was pending any more.
  std::vector<const RecordedRun*> gone_on{};
};

enum class StepIs : std::uint8_t {
  Untouched,
  UnderLock,    // updated, not yet for good
  InEffect,     // applied, for good
  Reserved,     // tried
  Confirmed,    // in effect for good
  Undone,       // rolled back
  Lost,         // gone with a crash before it was promised
  Cancelled,    // the reservation was given back, or none will be taken
  Compensated,  // was in effect, and was taken back
  CalledOff,    // compensated before it came
};
constexpr bool is_in_effect(StepIs is) { return is == StepIs::InEffect || is == StepIs::Confirmed; }

struct Branch {
  NodeId node = kNoNode;
  std::vector<StepIs> steps;  // by step of the kind; those of other nodes stay Untouched
  std::vector<int> times;     // by step: so often in effect by itself
  std::map<std::uint8_t, std::int64_t> updated;  // by step under lock: what it added
  bool is_first = true;                          // of its node
  bool voted = false;
  bool in_doubt = false;               // voted yes, and not finished
  bool read_only = false;              // voted so
  bool forgot = false;                 // had voted yes, and knew nothing of it after a crash
  bool finished = false;               // its part has ended
  Outcome outcome = Outcome::Unknown;  // so
  bool said_again = false;             // since its last restart

  // More than that its node has waited for a lock or taken one.
  bool has_begun() const {
    const auto is_touched = [](StepIs is) { return is != StepIs::Untouched; };
    return !is_first || voted || std::any_of(steps.begin(), steps.end(), is_touched);
  }
};

struct Execution {
  TransactionId id = 0;
  std::uint16_t kind = 0;
  bool begun = false;
  bool left = false;     // its coordinator has crashed and not taken it up again
  bool is_down = false;  // its coordinator is, since
  bool decided_committed = false;
  bool had_ended = false;                             // at some time
  std::set<std::pair<NodeId, std::int64_t>> decided;  // by whom, and how
  Phase phase = Phase::Begun;
  std::vector<Branch> branches;  // the first of each node is the transaction's own
};

// A record that says something, and what it changed.
struct Happening {
  const TraceRecord* record = nullptr;
  FactKind fact{};          // of a fact
  bool is_fact = false;     // else a crash or a restart, and what it made of a step
  bool recalled = false;    // said in a recovery
  bool own_branch = true;   // of the transaction's own branch at the node
  bool of_step = false;     // the rest is meaningful:
  bool under_lock = false;  // the step was updated under lock
  bool twice = false;       // it was so already
  std::uint8_t step = 0;
  std::uint16_t resource = 0;
  StepIs before = StepIs::Untouched;
  StepIs after = StepIs::Untouched;
  std::int64_t available = 0;  // what it adds, by its meaning
  std::int64_t reserved = 0;
  std::size_t execution = 0;  // its place in History::executions; kNone: none
  std::size_t branch = 0;     // its place in Execution::branches
};
inline constexpr std::size_t kNone = ~std::size_t{0};

struct History {
  explicit History(const RecordedRun& of) : run(of) {}

  const RecordedRun& run;
  std::vector<Execution> executions;  // in the order in which they were heard of
  std::vector<Happening> happenings;  // in the order of the trace

  const TransactionKind& kind(const Execution& execution) const {
    return run.plan.kinds[execution.kind];
  }
};

History read_history(const RecordedRun& run);

// ---- What the definitions ask

using Facts = std::vector<const Happening*>;

// The facts of these kinds, in order.
Facts facts(const History& history, const std::set<FactKind>& kinds);
// The same of one execution.
Facts facts(const History& history, std::size_t execution, const std::set<FactKind>& kinds);
// Steps of an execution that change something, and those of them that are in effect at the end.
std::set<std::uint8_t> writes(const History& history, const Execution& execution);
std::set<std::uint8_t> effect(const History& history, const Execution& execution);
bool is_full(const History& history, const Execution& execution);
// Participants (not the coordinator) that change something.
std::set<NodeId> writers(const History& history, const Execution& execution);
// What is left reserved of each step at the end, amounts above 0 (below it they are miscounted, a
// matter of conservation).
std::map<std::uint8_t, std::int64_t> left_reserved(const History& history, std::size_t execution);
// Row locks that are held, and waits that last, at the end; since when.
struct Locking {
  TransactionId transaction = 0;
  NodeId node = kNoNode;
  std::uint8_t step = 0;
  Time since;
};
std::vector<Locking> held_locks(const History& history);
std::vector<Locking> open_waits(const History& history);
// It has come to its end at every node that took part in it, and its coordinator has ended it or
// has crashed and left it.
bool is_settled(const History& history, std::size_t execution);
// It has ended, at its coordinator and at every node that took part in it.
bool has_ended(const History& history, std::size_t execution);
// It has not ended, and what keeps it from that is a fault that has not healed.
bool is_held_up(const History& history, std::size_t execution);

}  // namespace txsim::reference
