// Timers, by the clock of their node.
#include <algorithm>

#include "sim/assert.h"
#include "sim/emit.h"
#include "sim/world.h"

namespace txsim {

TimerId World::set_timer(Word what, Duration after, TransactionId transaction, std::int64_t value) {
  const NodeId node = current_.node;
  const NodeState& state = at_work();
  if (!state.up) return {};
  TXSIM_ASSERT(after.ns >= 0 && after <= kLongestDuration, "a timer with an impossible length");
  Duration length = after;
  if (state.rate_permille != 1000) {
    strike_open(FaultKind::SkewClock, node);
    length.ns =
        after.ns / 1000 * state.rate_permille + after.ns % 1000 * state.rate_permille / 1000;
    if (after.ns > 0) length.ns = std::max<std::int64_t>(length.ns, 1);  // a wait, however fast
  }
  const std::uint64_t set = emit({.transaction = transaction,
                                  .cause = current_.cause,
                                  .value = after.ns,
                                  .node = node,
                                  .what = what,
                                  .kind = EventKind::TimerSet});
  if (!state.up) return {};
  const TimerId timer = queue_.push_timer(now_, length);
  if (timer.slot >= timers_.size()) timers_.resize(timer.slot + 1);
  timers_[timer.slot] = {node, what, transaction, value, set, current_.path};
  return timer;
}

void World::cancel_timer(TimerId& timer) {
  const TimerId cancelled = std::exchange(timer, {});
  if (!at_work().up || !queue_.cancel(cancelled)) return;
  const TimerData& data = timers_[cancelled.slot];
  emit({.transaction = data.transaction,
        .cause = data.set,
        .node = data.node,
        .what = data.what,
        .kind = EventKind::TimerCancelled});
}

void World::fire(std::uint32_t slot, const EventKey& key) {
  const TimerData data = timers_[slot];
  if (postponed(data.node, key)) return;
  queue_.retire_timer(slot);
  activate(data.node, data.set, data.path);
  current_.cause = emit({.transaction = data.transaction,
                         .cause = data.set,
                         .value = data.value,
                         .node = data.node,
                         .what = data.what,
                         .kind = EventKind::TimerFired});
  if (!at_work().up) {
    end_activation();
    return;
  }
  Context context(*this, data.node);
  at_work().node->on(context, Timer{data.what, data.transaction, data.value});
  end_activation();
}

}  // namespace txsim
