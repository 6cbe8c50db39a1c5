// A recorded run, interpreted: the execution and the order that each fact belongs to, and the
// effect of the fact on its step. The reader passes once over the trace, from front to back. The
// definitions in definitions_*.cpp query the result.
//
// The reader relies on two rules. A fact is announced together with the durable record that makes
// it true, so no crash falls between the two. Facts that a restarted node announces in the instant
// of its restart, before its amounts (Recovered), are recalled: they describe its state, and
// nothing is done again.
//
// Execution: from phase Begun to the next Begun that follows Ended, or that follows a crash after
// which the coordinator has not resumed the transaction. A submission is executed twice, under one
// transaction id, if it arrives twice while the idempotent receiver is off, or once more after such
// a crash. A fact does not name its execution. The reader assigns a fact that ends, takes back or
// recalls a step to the last execution in which the step has a matching state. Without such an
// execution it takes the last one. A branch that only waits for a lock or holds one cannot end. A
// yes vote covers all updates that its node holds under lock for the order. So updates of an
// earlier execution that are not yet promised move to the execution of the vote.
//
// Branch: a node's part of an execution, until the node announces Finished. A later update or vote
// opens another branch, which is not the transaction's own.
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

// The state at the end of the run.
struct RunEnd {
  Time time;
  bool faults_met = false;           // a crash, pause, loss, delay, refusal or duplicate occurred
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
  // Looks at the continuation of a run that its horizon cut off: the same run without a horizon,
  // the earliest look first. Empty if nothing was pending at the horizon.
  std::vector<const RecordedRun*> gone_on{};
};

enum class StepIs : std::uint8_t {
  Untouched,
  UnderLock,    // updated, not yet committed
  InEffect,     // applied or committed
  Reserved,     // by a Try
  Confirmed,    // the reservation is in effect
  Undone,       // rolled back
  Lost,         // by a crash, before it was promised
  Cancelled,    // the reservation is released, or refused in advance
  Compensated,  // was in effect, and is undone
  CalledOff,    // compensated before it was applied
};
constexpr bool is_in_effect(StepIs is) { return is == StepIs::InEffect || is == StepIs::Confirmed; }

struct Branch {
  NodeId node = kNoNode;
  std::vector<StepIs> steps;  // by step of the kind; steps of other nodes stay Untouched
  std::vector<int> times;     // by step: how often it took effect by itself
  std::map<std::uint8_t, std::int64_t> updated;  // by step under lock: the amount added
  bool is_first = true;                          // the node's first branch
  bool voted = false;
  bool in_doubt = false;               // voted yes, and not finished
  bool read_only = false;              // voted read-only
  bool forgot = false;                 // voted yes, and did not recall the vote after a crash
  bool finished = false;               // announced Finished
  Outcome outcome = Outcome::Unknown;  // of Finished
  bool said_again = false;             // recalled since the last restart

  // True if the node did more than wait for a lock or take one.
  bool has_begun() const {
    const auto is_touched = [](StepIs is) { return is != StepIs::Untouched; };
    return !is_first || voted || std::any_of(steps.begin(), steps.end(), is_touched);
  }
};

struct Execution {
  TransactionId id = 0;
  std::uint16_t kind = 0;
  bool begun = false;
  bool left = false;     // its coordinator crashed and has not resumed it
  bool is_down = false;  // its coordinator is down
  bool decided_committed = false;
  bool had_ended = false;                             // at least once
  std::set<std::pair<NodeId, std::int64_t>> decided;  // by node: outcome
  Phase phase = Phase::Begun;
  std::vector<Branch> branches;  // a node's first branch is the transaction's own
};

// A relevant record and its effect.
struct Happening {
  const TraceRecord* record = nullptr;
  FactKind fact{};          // if is_fact
  bool is_fact = false;     // else a crash or a restart, and its effect on a step
  bool recalled = false;    // announced in a recovery
  bool own_branch = true;   // belongs to the transaction's own branch at the node
  bool of_step = false;     // the members below have a meaning
  bool under_lock = false;  // the step was updated under lock
  bool twice = false;       // the step had this state already
  std::uint8_t step = 0;
  std::uint16_t resource = 0;
  StepIs before = StepIs::Untouched;
  StepIs after = StepIs::Untouched;
  std::int64_t available = 0;  // change of the amount
  std::int64_t reserved = 0;
  std::size_t execution = 0;  // index in History::executions, or kNone
  std::size_t branch = 0;     // index in Execution::branches
};
inline constexpr std::size_t kNone = ~std::size_t{0};

struct History {
  explicit History(const RecordedRun& of) : run(of) {}

  const RecordedRun& run;
  std::vector<Execution> executions;  // in the order of their first fact
  std::vector<Happening> happenings;  // in the order of the trace

  const TransactionKind& kind(const Execution& execution) const {
    return run.plan.kinds[execution.kind];
  }
};

History read_history(const RecordedRun& run);

// ---- Queries of the definitions

using Facts = std::vector<const Happening*>;

// The facts of these kinds, in the order of the trace.
Facts facts(const History& history, const std::set<FactKind>& kinds);
// The facts of one execution.
Facts facts(const History& history, std::size_t execution, const std::set<FactKind>& kinds);
// The steps of an execution that write, and those of them that are in effect at the end.
std::set<std::uint8_t> writes(const History& history, const Execution& execution);
std::set<std::uint8_t> effect(const History& history, const Execution& execution);
bool is_full(const History& history, const Execution& execution);
// Participants that write. The coordinator is not one of them.
std::set<NodeId> writers(const History& history, const Execution& execution);
// The amount that each step still reserves at the end, if it is above 0. Conservation judges
// amounts below 0.
std::map<std::uint8_t, std::int64_t> left_reserved(const History& history, std::size_t execution);
// Row locks held at the end, and waits that last until the end.
struct Locking {
  TransactionId transaction = 0;
  NodeId node = kNoNode;
  std::uint8_t step = 0;
  Time since;
};
std::vector<Locking> held_locks(const History& history);
std::vector<Locking> open_waits(const History& history);
// Every node that took part has ended its part, and the coordinator has ended the transaction or
// has crashed and not resumed it.
bool is_settled(const History& history, std::size_t execution);
// The coordinator and every node that took part have ended the transaction.
bool has_ended(const History& history, std::size_t execution);
// The transaction has not ended, because of a fault that has not healed.
bool is_held_up(const History& history, std::size_t execution);

}  // namespace txsim::reference
