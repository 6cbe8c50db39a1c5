// What a handler does to the outside, and the order in which it leaves the node.
#include <algorithm>

#include "sim/assert.h"
#include "sim/emit.h"
#include "sim/world.h"

namespace txsim {

// ---- The handler's side. After a crash placed in the midst of a handler nothing leaves any more
// but the facts that durable records of this activation back: they are true whoever hears them, and
// the checks are told before they are told of the crash.

Stream Context::stream(std::string_view name) const { return {world_.seed_, name}; }
Time Context::now() const {
  const Duration skew = world_.at_work().skew;
  if (skew.ns != 0) [[unlikely]]
    world_.strike_open(FaultKind::SkewClock, self_);
  return world_.now_ + skew;
}

void Context::send(Message message) {
  message.from = self_;
  world_.send(message);
}

TimerId Context::set_timer(Word what, Duration after, TransactionId transaction,
                           std::int64_t value) {
  return world_.set_timer(what, after, transaction, value);
}

void Context::cancel_timer(TimerId& timer) { world_.cancel_timer(timer); }
void Context::append(const LogRecord& record) { world_.append(record); }

void Context::force() {
  const World::NodeState& state = world_.at_work();
  if (state.log.empty()) return;
  world_.force(state.log.back().transaction, state.log.size());
}

void Context::force(TransactionId transaction) {
  const World::NodeState& state = world_.at_work();
  std::uint64_t records = state.log.size();
  while (records > state.durable && state.log[records - 1].transaction != transaction) --records;
  world_.force(transaction, records);
}

void Context::force_all(TransactionId transaction) {
  world_.force(transaction, world_.at_work().log.size());
}

void Context::reads(TransactionId transaction, std::uint64_t item) {
  World::NodeState& state = world_.at_work();
  if (state.written.empty()) [[likely]]
    return;
  const Outstanding::Entry* written = state.written.find(item);
  if (written != nullptr) state.waits.raise(transaction, written->position, transaction);
}

void Context::writes(TransactionId transaction, std::uint64_t item) {
  World::NodeState& state = world_.at_work();
  if (state.waits.empty()) [[likely]]
    return;
  const Outstanding::Entry* wait = state.waits.find(transaction);
  if (wait != nullptr) state.written.raise(item, wait->position, transaction);
}

TransactionId Context::unsettled_writer(TransactionId reader, std::uint64_t item) const {
  const World::NodeState& state = world_.at_work();
  if (state.written.empty()) [[likely]]
    return 0;
  const Outstanding::Entry* written = state.written.find(item);
  if (written == nullptr) return 0;
  const Outstanding::Entry* wait = state.waits.find(reader);
  const bool waits_already = wait != nullptr && wait->position >= written->position;
  return waits_already ? 0 : written->by;
}

bool Context::waits(TransactionId transaction) const {
  return world_.at_work().waits.find(transaction) != nullptr;
}

void Context::announce(const Fact& fact) {
  World::NodeState& state = world_.at_work();
  if (!state.up) {
    if (world_.current_.is_backed) world_.perform_announce(fact);
    return;
  }
  const LogPosition after = world_.wait_of(state, fact.transaction);
  if (after == 0) [[likely]] {
    world_.perform_announce(fact);
    return;
  }
  World::Effect effect;
  effect.kind = World::Effect::Kind::Announce;
  effect.fact = fact;
  world_.hold(state, effect, after);
}

void Context::note(Word what, TransactionId transaction, std::int64_t value) {
  World::NodeState& state = world_.at_work();
  if (!state.up) return;
  World::Effect effect;
  effect.kind = World::Effect::Kind::Note;
  effect.message.type = what;
  effect.message.transaction = transaction;
  effect.message.value = value;
  const LogPosition after = world_.wait_of(state, transaction);
  if (after == 0) {
    effect.path = world_.current_.path;
    effect.cause = world_.current_.cause;
    world_.perform(effect);
  } else {
    world_.hold(state, effect, after);
  }
}

void Context::start_path() { world_.current_.path = {}; }

// ---- The world's side

void World::hold(NodeState& state, Effect& effect, LogPosition after) const {
  effect.after = after;
  effect.path = current_.path;
  effect.cause = current_.cause;
  state.held.push(effect);
}

void World::send(const Message& message) {
  NodeState& state = at_work();
  if (!state.up) return;
  TXSIM_ASSERT(message.to < nodes_.size(), "a message to a node that does not exist");
  const LogPosition after = wait_of(state, message.transaction);
  if (after == 0) [[likely]] {
    perform_send(message);
    return;
  }
  Effect effect;
  effect.kind = Effect::Kind::Send;
  effect.message = message;
  hold(state, effect, after);
}

void World::perform_send(const Message& message) {
  ++outward_;
  ++statistics_.sent;
  statistics_.count_message(message.type);
  const TraceRecord sent{.transaction = message.transaction,
                         .cause = current_.cause,
                         .value = message.value,
                         .node = message.from,
                         .peer = message.to,
                         .what = message.type,
                         .kind = EventKind::Sent,
                         .step = static_cast<std::uint8_t>(message.step)};
  const std::uint64_t sequence = emit(sent);
  const Link& link = spec_->network.link(message.from, message.to);
  Time arrival =
      now_ + (message.from == message.to ? Duration{0} : link.delay.draw(streams_.delay));
  if (!disturbing_) [[likely]] {
    put_in_flight(arrival, message, sequence, false);
    return;
  }
  TraceRecord numbered = sent;
  numbered.sequence = sequence;
  const Fate fate = fate_of(numbered, link);
  if (fate.lost) {
    ++statistics_.lost;
    emit({.transaction = message.transaction,
          .cause = sequence,
          .value = static_cast<std::int64_t>(fate.reason),
          .node = message.from,
          .peer = message.to,
          .what = message.type,
          .kind = EventKind::Lost});
    return;
  }
  arrival = arrival + fate.later;
  if (fate.later.ns > 0) ++statistics_.slowed;
  if (link.fifo) {
    Time& last = last_arrival_[Network::key(message.from, message.to)];
    last = arrival = std::max(arrival, last);
  }
  if (fate.duplicated) {
    ++statistics_.duplicated;
    emit({.transaction = message.transaction,
          .cause = sequence,
          .node = message.from,
          .peer = message.to,
          .what = message.type,
          .kind = EventKind::Duplicated});
    put_in_flight(arrival + fate.copy_later, message, sequence, false);
  }
  if (fate.refused) ++statistics_.refused;
  put_in_flight(arrival, message, sequence, fate.refused);
}

void World::put_in_flight(Time at, const Message& message, std::uint64_t sent, bool refused) {
  std::uint32_t slot = free_in_flight_;
  if (slot == kNoSlot) {
    slot = static_cast<std::uint32_t>(in_flight_.size());
    in_flight_.emplace_back();
  } else {
    free_in_flight_ = static_cast<std::uint32_t>(in_flight_[slot].sent);
  }
  InFlight& flying = in_flight_[slot];
  flying.message = message;
  flying.sent = sent;
  flying.path = current_.path;
  flying.refused = refused;
  flying.digest = 0;
  queue_.push(at, Pending::Message, slot);
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

void World::perform(const Effect& effect) {
  const std::uint64_t cause = current_.cause;
  const Path path = current_.path;
  current_.cause = effect.cause;
  current_.path = effect.path;
  switch (effect.kind) {
    case Effect::Kind::Send:
      perform_send(effect.message);
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

// The transaction's later effects wait until so many records of the log are durable. With a disk
// that takes no time they are at once. One write covers all that was appended before it began
// (group commit).
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
}

// Lets out in order what waited for no more than a completed write has made durable; the rest keeps
// its order, and has the next write begin. After a crash on the way what was said of durable
// records is still told, and nothing is sent.
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

}  // namespace txsim
