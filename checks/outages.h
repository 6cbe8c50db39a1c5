// Which nodes are down, and which of them never restart.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/fingerprint.h"
#include "sim/message.h"
#include "sim/trace.h"
#include "sim/vector.h"

namespace txsim {

class Outages {
 public:
  void crashed(const TraceRecord& record) {
    if (record.node >= states_.size()) states_.resize(record.node + std::size_t{1}, State::Up);
    const bool for_good = record.value < 0;
    states_[record.node] = for_good ? State::Gone : State::Away;
    any_for_good_ = any_for_good_ || for_good;
  }
  void restarted(const TraceRecord& record) {
    if (record.node < states_.size()) states_[record.node] = State::Up;
  }

  bool is_up(NodeId node) const { return state(node) == State::Up; }
  bool is_gone(NodeId node) const { return state(node) == State::Gone; }
  bool any_for_good() const { return any_for_good_; }
  // Nodes that are away for a while are known to the world too, so the judge hides nothing.
  void digest_into(Fingerprint& into) const {
    std::uint64_t gone = 0;
    for (NodeId node = 0; node < states_.size(); ++node) {
      if (is_gone(node)) gone += Fingerprint::of(node);
    }
    into.add(gone);
  }

 private:
  enum class State : std::uint8_t { Up, Away, Gone };
  State state(NodeId node) const { return node < states_.size() ? states_[node] : State::Up; }

  Vector<State> states_;  // by node, up to the highest that ever crashed
  bool any_for_good_ = false;
};

}  // namespace txsim
