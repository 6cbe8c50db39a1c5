// The states that each transaction went through at each node, as a run's trace shows them: its
// phase at its coordinator, its part at a participant, the wait of its client. They are those of
// the time-space diagram.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "reports/narrate.h"
#include "reports/time_space_strips.h"

namespace txsim {

// The state of a node that has crashed.
inline constexpr const char* kStateDown = "down";

// A transaction's life at one node.
struct StateLife {
  struct Move {
    std::uint64_t event = 0;  // its sequence
    std::string to;
  };
  std::vector<Move> moves;  // by event
  const char* role = "participant";

  // The state in which the event met the transaction; empty: it was not known here yet.
  const std::string& before(std::uint64_t event) const;
};

class StateLives {
 public:
  // Requires that the run's trace was kept, and that the run outlives this.
  explicit StateLives(const RunResult& result);

  using Place = std::pair<NodeId, TransactionId>;
  const std::map<Place, StateLife>& all() const { return lives_; }
  // The cause of a move: the message that came to the node, or the timer that fired there, and what
  // became durable before the move.
  std::string cause_of(std::uint64_t event) const;

 private:
  using Key = std::tuple<NodeId, TransactionId, std::uint64_t>;
  static Key key(const time_space::Strip& strip, std::uint64_t event) {
    return {strip.node, strip.transaction, event};
  }
  StateLife& life(NodeId node, TransactionId transaction) { return lives_[{node, transaction}]; }
  void read(const time_space::Strip& strip);
  static std::string left_for(const TraceRecord* record, const time_space::Strip& strip);
  std::string came(const TraceRecord& record) const;

  const RunResult& result_;
  RunNames names_;
  std::vector<std::string> no_faults_;  // their texts are not needed here
  TraceIndex index_;
  time_space::StripReader strips_;
  std::map<Place, StateLife> lives_;
  std::set<Key> began_;  // where a state begins
  std::set<Key> capped_;
};

}  // namespace txsim
