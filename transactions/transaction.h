// The words that protocols and checks share: what a transaction is, the phases it goes through, and
// the facts that nodes announce about it. A check reads these facts and nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/message.h"
#include "sim/time.h"
#include "sim/word.h"

namespace txsim {

// A transaction is one execution of an order. Its id holds the order's number (from 1) and which
// submission of that order it is (0 for the first), so the same order submitted twice makes two.
constexpr TransactionId transaction_id(std::uint64_t order, std::uint64_t submission) {
  return (order << 8) | submission;
}
constexpr std::uint64_t order_of(TransactionId id) { return id >> 8; }
constexpr std::uint64_t submission_of(TransactionId id) { return id & 0xFF; }

// What one step does to its resource.
enum class Action : std::uint8_t {
  Take = 1,      // available -= amount; refused if that would be below zero
  Give = 2,      // available += amount
  Read = 3,      // reads the amount
  Create = 4,    // inserts the order's record in an intermediate status
  Complete = 5,  // sets the order's record to its last status; the amount counts completed records
};

struct Step {
  Action action = Action::Take;
  NodeId service = kNoNode;
  std::uint16_t resource = 0;  // its place in Plan::resources
  std::int64_t amount = 0;
  std::int64_t least = 0;  // Read: refused if less than this is available
  bool is_kept = false;    // Read: the amount is kept for a later step as read
  // Take, Give: writes the amount that the transaction has read there, minus or plus `amount`,
  // whatever the present amount is. At most one step of a kind is of this sort.
  bool as_read = false;
  // How much the step adds to the available amount.
  constexpr std::int64_t delta() const {
    switch (action) {
      case Action::Take:
        return -amount;
      case Action::Give:
        return amount;
      case Action::Complete:
        return 1;
      case Action::Read:
      case Action::Create:
        return 0;
    }
    return 0;
  }
  constexpr bool is_read_only() const { return action == Action::Read; }
};

// One kind of transaction: steps in order. The service where it begins coordinates it.
struct TransactionKind {
  static constexpr std::size_t kMostSteps = 64;

  std::string name;
  NodeId begins_at = kNoNode;
  std::vector<Step> steps;           // at most kMostSteps
  std::vector<NodeId> participants;  // services of the steps but begins_at, in order of first use
  // Sagas: the pivot, the step after which the transaction only goes forward; the steps behind it
  // are retried until they succeed. Absent: every step can be compensated until the last is done.
  std::optional<std::uint16_t> pivot;
  // Services that are informed of each transaction of this kind once it is done, and have no part
  // in it. Requires a protocol with a broker.
  std::vector<NodeId> tells{};

  bool is_retriable(std::size_t step) const { return pivot.has_value() && step > *pivot; }

  // The place of a node in `participants`; -1 if it is not a participant.
  int participant_index(NodeId node) const {
    for (std::size_t i = 0; i < participants.size(); ++i) {
      if (participants[i] == node) return static_cast<int>(i);
    }
    return -1;
  }
  // The node's bit in a set of participants by place; no bit if it is not a participant.
  std::uint64_t participant_bit(NodeId node) const {
    const int place = participant_index(node);
    return place < 0 ? 0 : std::uint64_t{1} << place;
  }
  // The steps that may be done at the same time as this one if Plan::steps_in_parallel: the
  // adjacent steps at services other than begins_at. A step at begins_at stands alone, and so does
  // the pivot. Bit by bit.
  std::uint64_t group_of(std::size_t step) const {
    const auto stands_alone = [&](std::size_t i) {
      return steps[i].service == begins_at || (pivot.has_value() && i == *pivot);
    };
    std::uint64_t mask = std::uint64_t{1} << step;
    if (stands_alone(step)) return mask;
    for (std::size_t i = step; i > 0 && !stands_alone(i - 1); --i) {
      mask |= std::uint64_t{1} << (i - 1);
    }
    for (std::size_t i = step + 1; i < steps.size() && !stands_alone(i); ++i) {
      mask |= std::uint64_t{1} << i;
    }
    return mask;
  }
  std::uint64_t all_steps() const {
    return steps.size() == kMostSteps ? ~std::uint64_t{0} : (std::uint64_t{1} << steps.size()) - 1;
  }
  // Bit i is set if step i is done by the node.
  std::uint64_t steps_of(NodeId node) const {
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].service == node) mask |= std::uint64_t{1} << i;
    }
    return mask;
  }
  // Steps that change something.
  std::uint64_t writes() const {
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (!steps[i].is_read_only()) mask |= std::uint64_t{1} << i;
    }
    return mask;
  }
};

struct Resource {
  std::string name;
  NodeId service = kNoNode;
  std::int64_t initial = 0;
  bool is_records =
      false;  // order records: the amount counts completed ones; rows are never shared
};

// The plan of a world: all its nodes and checks share it; it never changes during a run.
struct Plan {
  std::vector<std::string> nodes;  // names by NodeId
  std::vector<Resource> resources;
  std::vector<TransactionKind> kinds;
  // Services that cannot prepare: they take part in a two-phase commit as its last resources.
  std::vector<NodeId> unprepared{};
  bool orders_may_repeat = false;  // the same order may be submitted, or begun, more than once
  bool steps_in_parallel = false;  // sagas: steps of one group have no order (see group_of)
};

enum class Phase : std::uint8_t { Begun = 1, Working, Deciding, Finishing, Undoing, Ended };
enum class Outcome : std::uint8_t { Unknown = 0, Committed = 1, Aborted = 2, Mixed = 3 };
enum class Vote : std::uint8_t { No = 0, Yes = 1, ReadOnly = 2 };
// The answer to a client. Busy: the same order is being executed already. Accepted: it will be
// executed, and the client asks again for the outcome; InProgress: not yet. These two do not answer
// the order, so they are not announced.
enum class Reply : std::uint8_t { Done = 1, Failed = 2, Busy = 3, Accepted = 4, InProgress = 5 };
enum class Role : std::uint8_t {
  Client = 1,
  Coordinator = 2,
  Participant = 4,
  Broker = 8,
  Lock = 16,
  Operator = 32
};

// Facts. In each: node announces, transaction and time are of the record; other fields as noted.
// "kind" is the place in Plan::kinds, "resource" the place in Plan::resources. The numbers are part
// of digests: never reuse or change one.
enum class FactKind : std::uint8_t {
  // Client and idempotent receiver
  Submitted = 1,      // client sends it to peer; value: order; extra: kind
  Told = 2,           // client was told; value: Reply
  GaveUp = 3,         // client no longer waits and does not know
  Recognised = 4,     // the order was executed before; value: order
  OrderLocked = 5,    // lock service gave the order's lock to transaction; value: order
  OrderUnlocked = 6,  // value: order; extra: 0 released, 1 expired
  // The transaction as a whole, announced by the node that coordinates it
  PhaseEntered = 10,  // value: Phase; extra: kind. Begun comes before any other fact of it but 1-6
  Decided = 11,       // value: Outcome; extra: kind
  HeuristicReported =
      12,       // coordinator learned that peer had decided otherwise; value: peer's Outcome
  Resent = 13,  // a message was sent again to peer after a timeout
  // A participant's part; extra: kind in all
  Voted = 20,         // value: Vote; a yes is announced when it may no longer abort by itself
  InDoubt = 21,       // prepared, and its wait for the decision has timed out (each time)
  DecidedAlone = 22,  // heuristic decision; value: Outcome
  Finished = 23,  // its part has ended, durably; value: Outcome. Also announced by the coordinator
                  // for the steps at its own service
  DoubtEnded = 24,  // prepared, and has learned or made the decision; value: Outcome
  // Steps and resources; step: the step; value: what it added to available;
  // extra: available afterwards (low 32 bits) and kind (high 32 bits): see amount_and_kind
  Updated = 30,      // in effect but not yet for good, under lock; gone if the node crashes before
                     // it has announced a yes vote
  Undone = 31,       // an Updated step was rolled back
  Applied = 32,      // in effect for good (after Updated: value 0; without: by itself)
  Reserved = 33,     // value: amount moved from available to reserved
  Confirmed = 34,    // value: amount taken from reserved for good; of a step that gives: given
  Cancelled = 35,    // value: amount moved back from reserved to available
  Compensated = 36,  // a step Applied by itself was undone by its compensation, or was called off
                     // before it was applied (value 0): it may not be applied any more. Phase
                     // Ended comes after the last of these
  Rejected = 37,     // the service refused the step; value: 0
  ReadDone = 38,     // the step read the resource; value: 0
  // After a restart; transaction 0; peer: resource; value: available; extra: reserved. In the same
  // instant, before this, the node announces again Voted (yes) for each part that it holds
  // prepared, Reserved, Confirmed or Cancelled, Applied (value as before) or Compensated for each
  // step that it remembers in that state, and Finished for each part that ended and whose end may
  // not have been announced.
  Recovered = 39,
  // Row locks; step: the step; value: resource; extra: transaction that holds it (for LockWaited)
  LockWaited = 50,
  LockGranted = 51,   // announced only after a LockWaited
  LockTimedOut = 52,  // stopped waiting
  LockTaken = 53,     // holds it from now on (with or without waiting)
  LockReleased = 54,
  // Events that services send to each other; value: the event's id, unique in the run. After a
  // restart, before Recovered, a node announces EventCommitted again for each event that is not
  // published yet; if the transaction is over, this then counts as an event that all have handled.
  EventCommitted =
      60,             // the local transaction that publishes it is durable; extra: its subscribers
  EventHandled = 61,  // a subscriber has handled it for good (again: no harm)
};

constexpr Word fact_word(FactKind kind) { return {static_cast<std::uint32_t>(kind)}; }

// Amounts are below 2^31 by the scenario's schema.
constexpr std::int64_t amount_and_kind(std::int64_t available, std::uint16_t kind) {
  return (static_cast<std::int64_t>(kind) << 32) |
         static_cast<std::int64_t>(static_cast<std::uint32_t>(available));
}
constexpr std::int64_t amount_of(std::int64_t extra) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(extra & 0xFFFFFFFF));
}
constexpr std::uint16_t kind_of(std::int64_t extra) {
  return static_cast<std::uint16_t>(extra >> 32);
}

// The words above as scenarios and reports spell them, and their meanings, for `txsim describe`.
struct FactInfo {
  FactKind kind;
  std::string_view name;
  std::string_view says;
};
struct PhaseInfo {
  Phase phase;
  std::string_view name;
  std::string_view says;
};
struct RoleInfo {
  Role role;
  std::string_view name;
  std::string_view says;
};
std::span<const FactInfo> fact_infos();
std::span<const PhaseInfo> phase_infos();
std::span<const RoleInfo> role_infos();

// Gives every fact its name in the dictionary ("phase", "voted" ...).
void declare_facts(Dictionary& dictionary);
const char* text(FactKind kind);
const char* text(Phase phase);
const char* text(Outcome outcome);
const char* text(Vote vote);
const char* text(Reply reply);
const char* text(Role role);
const char* text(Action action);

}  // namespace txsim
