// Timers, by the clock of their node.
#include <algorithm>

#include "sim/assert.h"
#include "sim/emit.h"
#include "sim/world.h"

namespace txsim {
namespace {

// A wait stays a wait, however fast the clock is.
Duration at_rate(Duration length, std::int64_t permille) {
  if (length.ns <= 0) return length;
  const std::int64_t at = length.ns / 1000 * permille + length.ns % 1000 * permille / 1000;
  return {std::max<std::int64_t>(at, 1)};
}

}  // namespace

TimerId World::set_timer(Word what, Duration after, TransactionId transaction, std::int64_t value,
                         TimeBounds bounds) {
  const NodeId node = current_.node;
  const NodeState& state = at_work();
  if (!state.up) return {};
  TXSIM_ASSERT(after.ns >= 0 && after <= kLongestDuration, "a timer with an impossible length");
  Duration length = after;
  if (state.rate_permille != 1000) {
    strike_open(FaultKind::SkewClock, node);
    length = at_rate(after, state.rate_permille);
    bounds.least = at_rate({bounds.least}, state.rate_permille).ns;
    if (bounds.most < Zone::kNever) bounds.most = at_rate({bounds.most}, state.rate_permille).ns;
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
  if (clock_) [[unlikely]]
    clock_->add(queue_.key_of(timer), bounds);
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
