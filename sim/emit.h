// How the world records an event: the hottest lines of the kernel, inline in its source files and
// used nowhere else.
#pragma once

#include "sim/world.h"

namespace txsim {

[[gnu::always_inline]] inline std::uint64_t World::emit(TraceRecord record) {
  const std::uint64_t sequence = ++statistics_.events;
  record.sequence = sequence;
  record.time = now_;
  if (record.node == current_.node) {
    record.message_delays = current_.path.message_delays;
    record.write_delays = current_.path.write_delays;
  }
  digest_.add(record);
  if (is_told(record.kind) && *observer_) observer_.change()->observe(record);
  if (listening_) [[unlikely]]
    write_down(record);
  return sequence;
}

// 0: its effects leave at once.
[[gnu::always_inline]] inline LogPosition World::wait_of(const NodeState& state,
                                                         TransactionId transaction) const {
  if (state.waits.empty()) [[likely]]
    return 0;
  const Outstanding::Entry* wait = state.waits.find(transaction);
  return wait == nullptr ? 0 : wait->position;
}

}  // namespace txsim
