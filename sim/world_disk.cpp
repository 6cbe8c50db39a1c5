// A node's log and disk, and output commit: an effect that depends on records leaves the node once
// they are durable.
#include <algorithm>

#include "sim/assert.h"
#include "sim/emit.h"
#include "sim/world.h"

namespace txsim {

void World::append(const LogRecord& record) {
  const NodeId node = current_.node;
  NodeState& state = at_work();
  if (!state.up) {
    current_.is_backed = false;
    return;
  }
  state.log.push_back(record);
  ++statistics_.nodes[node].records;
  emit({.transaction = record.transaction,
        .cause = current_.cause,
        .value = record.value,
        .node = node,
        .what = record.type,
        .kind = EventKind::Appended});
}

// The transaction's later effects wait until this many records of the log are durable. On a disk
// that takes no time they are durable at once. One write covers all records appended before it
// began (group commit).
void World::force(TransactionId transaction, std::uint64_t records) {
  const NodeId node = current_.node;
  NodeState& state = at_work();
  if (!state.up || state.durable >= records) return;
  const LogPosition after = state.dropped + records;
  if (wait_of(state, transaction) >= after) return;  // it does already
  const Word last = state.log[records - 1].type;
  ++statistics_.nodes[node].forces;
  current_.cause = emit({.transaction = transaction,
                         .cause = current_.cause,
                         .node = node,
                         .what = last,
                         .kind = EventKind::Forced});
  if (!state.up) return;
  if (current_.path.write_delays < 255) ++current_.path.write_delays;
  const bool at_once = spec_->nodes[node].disk.is_zero() && state.slow_disk.ns == 0;
  if (at_once && state.held.empty()) {
    ++statistics_.nodes[node].writes;
    state.durable = state.covered = state.log.size();
    current_.has_forced = true;
    emit({.transaction = transaction,
          .cause = current_.cause,
          .node = node,
          .what = last,
          .kind = EventKind::Durable});
    return;
  }
  state.waits.raise(transaction, after, transaction);
  Effect barrier;
  barrier.kind = Effect::Kind::Barrier;
  barrier.message.type = last;
  barrier.message.transaction = transaction;
  hold(state, barrier, after);
  if (!state.writing) begin_write(node);
}

void World::begin_write(NodeId node) {
  NodeState& state = nodes_[node].change();
  ++statistics_.nodes[node].writes;
  state.writing = true;
  state.covered = state.log.size();
  const Duration takes = spec_->nodes[node].disk.draw(streams_.disk) + state.slow_disk;
  if (state.slow_disk.ns > 0) strike_open(FaultKind::SlowDisk, node);
  state.write = queue_.push(now_ + takes, Pending::Disk, node);
  if (clock_) [[unlikely]]
    clock_->add(state.write, TimeBounds::of(spec_->nodes[node].disk).plus(state.slow_disk));
}

void World::complete_write(NodeId node, const EventKey& key) {
  if (postponed(node, key)) return;
  NodeState& state = nodes_[node].change();
  state.writing = false;
  state.durable = state.covered;
  state.waits.settle(state.durable_position());
  state.written.settle(state.durable_position());
  activate(node, 0, {});
  release_held(node);
  end_activation();
}

// ---- Effects that wait for records

void World::hold(NodeState& state, Effect& effect, LogPosition after) const {
  effect.after = after;
  effect.path = current_.path;
  effect.cause = current_.cause;
  state.held.push(effect);
}

// Releases, in order, the effects that waited only for records that a completed write has made
// durable. The rest keeps its order and starts the next write. If the node crashes meanwhile, facts
// backed by durable records are still reported, and nothing is sent.
void World::release_held(NodeId node) {
  NodeState& state = nodes_[node].change();
  for (std::size_t left = state.held.size(); left > 0; --left) {
    const Effect effect = state.held.front();
    state.held.pop();
    if (effect.after > state.durable_position()) {
      state.held.push(effect);
      continue;
    }
    const bool is_ghost =
        effect.kind == Effect::Kind::Announce || effect.kind == Effect::Kind::Barrier;
    if (state.up || is_ghost) perform(effect);
  }
  if (state.up && !state.held.empty()) begin_write(node);
}

void World::perform(const Effect& effect) {
  const std::uint64_t cause = current_.cause;
  const Path path = current_.path;
  current_.cause = effect.cause;
  current_.path = effect.path;
  switch (effect.kind) {
    case Effect::Kind::Send:
      perform_send(effect.message);
      if (effect.is_many) send_many(effect.message);
      break;
    case Effect::Kind::Announce:
      perform_announce(effect.fact);
      break;
    case Effect::Kind::Note:
      emit({.transaction = effect.message.transaction,
            .cause = effect.cause,
            .value = effect.message.value,
            .node = current_.node,
            .what = effect.message.type,
            .kind = EventKind::Noted});
      break;
    case Effect::Kind::Barrier:
      emit({.transaction = effect.message.transaction,
            .cause = effect.cause,
            .node = current_.node,
            .what = effect.message.type,
            .kind = EventKind::Durable});
      break;
  }
  current_.cause = cause;
  current_.path = path;
}

void World::perform_announce(const Fact& fact) {
  if (!fact.is_measure) ++outward_;
  emit({.transaction = fact.transaction,
        .cause = current_.cause,
        .value = fact.value,
        .extra = fact.extra,
        .node = current_.node,
        .peer = fact.peer,
        .what = fact.what,
        .kind = EventKind::Announced,
        .step = fact.step});
}

// ---- Checkpoints

void World::take_checkpoint(NodeState& state, NodeId node) {
  // Prefers the moment after a force, when a checkpoint makes nothing else durable; but does not
  // wait forever.
  if (state.durable < state.log.size() && state.log.size() < 4 * state.checkpoint_at) return;
  log_buffer_.value.clear();
  if (!state.node->checkpoint(log_buffer_.value)) {
    state.checkpoint_at = ~std::uint64_t{0};
    return;
  }
  // Copied, not swapped: the log keeps its room and allocates nothing once warm.
  state.dropped += state.log.size() - log_buffer_.value.size();
  state.log.assign(log_buffer_.value.begin(), log_buffer_.value.end());
  state.durable = state.covered = state.log.size();
  state.writing = false;
  state.checkpoint_at = std::max(kCheckpointRecords, 4 * state.durable);
  emit({.value = static_cast<std::int64_t>(state.durable),
        .node = node,
        .kind = EventKind::Checkpointed});
}

}  // namespace txsim
