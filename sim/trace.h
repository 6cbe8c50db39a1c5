// The trace: every event of a run as a small fixed record, and the digest that identifies a run.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "sim/message.h"
#include "sim/time.h"
#include "sim/word.h"

namespace txsim {

class Fingerprint;

enum class EventKind : std::uint8_t {
  Sent = 1,            // node -> peer, what: message type
  Delivered = 2,       // at node from peer; cause: its Sent
  Lost = 3,            // message node -> peer lost; value: LossReason; cause: its Sent
  Duplicated = 4,      // message node -> peer will arrive twice; cause: its Sent
  Refused = 5,         // peer refused node's message; node is notified; cause: its Sent
  TimerSet = 6,        // what: timer; value: duration in ns
  TimerFired = 7,      // what: timer; cause: its TimerSet
  TimerCancelled = 8,  // what: timer
  Appended = 9,        // what: log record, not yet durable
  Forced = 10,         // node asks for its log to be durable; what: the last record appended
  Durable = 11,        // the log is durable up to that force; cause: its Forced
  Announced = 12,      // what: fact (numbered word)
  Noted = 13,          // what: note; for people only
  Crashed = 14,        // node lost its volatile state
  Restarted = 15,      // node starts with its durable log (also at first boot: value 0; restart: 1)
  Paused = 16,
  Resumed = 17,
  FaultBegan = 18,  // value: number of the fault in the plan (partition, refuse, slow disk ...)
  FaultEnded = 19,
  Checkpointed = 20,  // node's log was replaced by a checkpoint; value: records in it
};
inline constexpr int kEventKinds = 21;
// What an observer is told of: facts, restarts, and what faults do.
constexpr bool is_told(EventKind kind) {
  switch (kind) {
    case EventKind::Announced:
    case EventKind::Restarted:
    case EventKind::Crashed:
    case EventKind::Paused:
    case EventKind::Lost:
    case EventKind::Duplicated:
    case EventKind::Refused:
      return true;
    default:
      return false;
  }
}
std::string_view text(EventKind kind);

// A message lost at random and one dropped by a placed fault look the same, so a run written out
// with its random faults placed has the same digest.
enum class LossReason : std::uint8_t { OnTheWay = 1, Partition, NodeDown };
std::string_view text(LossReason reason);

struct TraceRecord {
  std::uint64_t sequence = 0;  // 1, 2, 3 ... in the order of the run
  Time time{};
  TransactionId transaction = 0;
  std::uint64_t cause = 0;  // sequence of the event that caused this one; 0: none
  std::int64_t value = 0;
  std::int64_t extra = 0;
  NodeId node = kNoNode;
  NodeId peer = kNoNode;
  Word what{};
  EventKind kind{};
  std::uint8_t step = 0;
  std::uint8_t message_delays = 0;  // messages one after another since the transaction's submission
  std::uint8_t write_delays = 0;    // forced writes likewise; both stop at 255
};
static_assert(sizeof(TraceRecord) == 64);

using Trace = std::vector<TraceRecord>;

// A hash of a trace, record by record; the same on every machine.
class Digest {
 public:
  // The fields are packed into eight words, each multiplied by its own odd number, and summed
  // (multiplications that can run in parallel); then one step that depends on all before: one to
  // one for a given record.
  void add(const TraceRecord& record) {
    const auto u64 = [](auto value) { return static_cast<std::uint64_t>(value); };
    const std::uint64_t nodes = u64(record.node) | (u64(record.peer) << 32);
    const std::uint64_t rest = u64(record.what.id) | (u64(record.kind) << 32) |
                               (u64(record.step) << 40) | (u64(record.message_delays) << 48) |
                               (u64(record.write_delays) << 56);
    const std::uint64_t sum = record.sequence * 0x3C6EF373U + u64(record.time.ns) * 0x78DDE6E5U +
                              record.transaction * 0x5851F42DU + record.cause * 0x4C957F2DU +
                              u64(record.value) * 0x14057B7FU + u64(record.extra) * 0x2545F491U +
                              nodes * 0x61C88647U + rest * 0x7FEB352DU;
    hash_ = (hash_ ^ sum) * 0x9E3779B97F4A7C15ULL;
    hash_ ^= hash_ >> 32;
  }
  std::uint64_t value() const { return hash_; }
  friend bool operator==(const Digest&, const Digest&) = default;

 private:
  std::uint64_t hash_ = 0x1D8E4E27C47D124FULL;
};

// Receives the records of a run that `is_told` names, in order, and nothing else: a value that is
// copied with the world.
class Observer {
 public:
  Observer() = default;
  virtual ~Observer() = default;
  virtual std::unique_ptr<Observer> clone() const = 0;
  // Assigns the other one; returns false and changes nothing if that is of another class.
  virtual bool assign(const Observer& other) {
    (void)other;
    return false;
  }
  virtual void observe(const TraceRecord& record) = 0;
  // For the explorer, whose clock stands still: everything observed so far was a separate instant.
  virtual void pass_instant() {}
  // For the explorer: everything that its later verdicts depend on (fingerprint.h).
  virtual void digest_into(Fingerprint& into) const { (void)into; }

 protected:
  Observer(const Observer&) = default;
  Observer& operator=(const Observer&) = default;
};

// The index of the first record in which two traces differ; -1 if they are the same.
std::int64_t first_difference(const Trace& a, const Trace& b);

}  // namespace txsim
