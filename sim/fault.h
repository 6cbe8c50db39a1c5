// Faults are data: what happens, to whom, and when, by time or by event.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/message.h"
#include "sim/random.h"
#include "sim/time.h"
#include "sim/trace.h"

namespace txsim {

// Matches trace records. An empty set or an absent field matches everything.
struct EventPattern {
  EventKind kind = EventKind::Sent;
  Word what{};                          // no word: any
  std::vector<NodeId> nodes{};          // sorted
  std::vector<NodeId> peers{};          // sorted
  std::optional<std::int64_t> value{};  // e.g. the phase of a phase fact

  bool matches(const TraceRecord& record) const;
  friend bool operator==(const EventPattern&, const EventPattern&) = default;
};

enum class FaultKind : std::uint8_t {
  Crash,      // nodes; back after `duration` (absent: never)
  Pause,      // nodes; a stop-the-world gap of `duration`
  Partition,  // messages nodes -> peers are lost; both ways unless `one_way`
  Refuse,     // nodes refuse every message; the sender is notified
  SlowDisk,   // each write of nodes takes `delay` longer
  SkewClock,  // clock of nodes is `delay` ahead, its timers run at `rate_permille` of their length
  Drop,       // the matching message is lost
  Slow,       // the matching message takes `delay` longer
  Duplicate,  // the matching message arrives once more, `delay` later
};

// When a fault begins.
enum class PlacedBy : std::uint8_t {
  Time,      // at `at`
  Event,     // right after the `nth` record that matches `when`
  Sequence,  // right after the record with sequence number `nth`
};

struct Fault {
  FaultKind kind = FaultKind::Crash;
  PlacedBy placed = PlacedBy::Time;
  Time at{};
  // Event: what to wait for. For Drop, Slow and Duplicate it is the message itself (kind Sent).
  EventPattern when{};
  std::uint64_t nth = 1;  // 0, for message faults: every one from `at` to `at`+duration
  std::optional<Duration> duration{};  // absent: forever
  std::vector<NodeId> nodes{};         // sorted; empty: the node of the event that placed it
  std::vector<NodeId> peers{};         // sorted; of a partition: the other side
  bool one_way = false;
  Duration delay{};
  std::int64_t rate_permille = 1000;

  bool is_message_fault() const {
    return kind == FaultKind::Drop || kind == FaultKind::Slow || kind == FaultKind::Duplicate;
  }
  friend bool operator==(const Fault&, const Fault&) = default;
};

// The nodes that a fault or a pattern names.
inline bool is_named(const std::vector<NodeId>& sorted, NodeId node) {
  return std::binary_search(sorted.begin(), sorted.end(), node);
}

// Random faults until `quiet_after`. The run turns each one into an explicit placed fault when it
// strikes (World::faults_met).
struct RandomFaults {
  Probability loss;                     // of each message, on top of its link's
  Probability duplication;              // of each message
  std::optional<Duration> crash_every;  // mean time between crashes of a node (exponential)
  Delay crash_for = Delay::constant(seconds(1));
  std::optional<Duration> pause_every;  // mean time between pauses of a node
  Delay pause_for = Delay::constant(milliseconds(100));
  std::optional<Duration>
      partition_every;  // mean time between partitions of one node from the rest
  Delay partition_for = Delay::constant(seconds(1));
  Time quiet_after = kEndOfTime;  // none begins after it or lasts beyond it
  std::vector<NodeId> spared;     // sorted: nodes that are never crashed or paused
  // A node that other worlds, to be compared with this one, do not have: its faults are drawn from
  // its own streams, so that the faults of all other nodes stay the same.
  NodeId apart = kNoNode;

  bool any() const {
    return !loss.never() || !duplication.never() || crash_every || pause_every || partition_every;
  }
};

}  // namespace txsim
