// Messages from sending to delivery, and the faults they may meet on the way: loss, delay,
// duplication, refusal, partitions. The network decides when a message is sent; a partition also
// counts when it arrives.
#include <algorithm>

#include "sim/assert.h"
#include "sim/emit.h"
#include "sim/world.h"

namespace txsim {
namespace {

// Messages are identified by type, sender and receiver; there are fewer than 65,536 nodes.
std::uint64_t likes_of(const TraceRecord& sent) {
  return (std::uint64_t{sent.what.id} << 32) ^ (std::uint64_t{sent.node} << 16) ^ sent.peer;
}

TimeBounds bounds_of(const Message& message, const Link& link) {
  return message.from == message.to ? TimeBounds{} : TimeBounds::of(link.delay);
}

}  // namespace

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
    const EventKey key = put_in_flight(arrival, message, sequence, false);
    if (clock_) [[unlikely]]
      clock_->add(key, bounds_of(message, link));
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
  EventKey copy;
  if (fate.duplicated) {
    ++statistics_.duplicated;
    emit({.transaction = message.transaction,
          .cause = sequence,
          .node = message.from,
          .peer = message.to,
          .what = message.type,
          .kind = EventKind::Duplicated});
    copy = put_in_flight(arrival + fate.copy_later, message, sequence, false);
  }
  if (fate.refused) ++statistics_.refused;
  const EventKey key = put_in_flight(arrival, message, sequence, fate.refused);
  if (!clock_) [[likely]]
    return;
  clock_->add(key, bounds_of(message, link).plus(fate.later));
  if (fate.duplicated) clock_->add_after(copy, key, fate.copy_later.ns);
}

EventKey World::put_in_flight(Time at, const Message& message, std::uint64_t sent, bool refused) {
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
  flying.is_many = false;
  flying.digest = 0;
  return queue_.push(at, Pending::Message, slot);
}

void World::deliver(std::uint32_t slot, const EventKey& key) {
  const InFlight arrived = in_flight_[slot];
  const Message& message = arrived.message;
  const NodeId node = arrived.refused ? message.from : message.to;
  if (postponed(node, key)) return;
  free_message(slot);
  if (!nodes_[node]->up || (disturbing_ && !arrived.refused && is_cut(message.from, node))) {
    if (nodes_[node]->up) strike_cut(message.from, node);
    ++statistics_.lost;
    const auto reason = nodes_[node]->up ? LossReason::Partition : LossReason::NodeDown;
    emit({.transaction = message.transaction,
          .cause = arrived.sent,
          .value = static_cast<std::int64_t>(reason),
          .node = message.from,
          .peer = message.to,
          .what = message.type,
          .kind = EventKind::Lost});
    return;
  }
  Path path = arrived.path;
  if (path.message_delays < 255) ++path.message_delays;
  activate(node, arrived.sent, path);
  current_.cause = emit({.transaction = message.transaction,
                         .cause = arrived.sent,
                         .value = message.value,
                         .node = node,
                         .peer = arrived.refused ? message.to : message.from,
                         .what = message.type,
                         .kind = arrived.refused ? EventKind::Refused : EventKind::Delivered});
  if (!at_work().up) {  // a fault placed at this very event
    end_activation();
    return;
  }
  Context context(*this, node);
  if (arrived.refused) {
    at_work().node->on_refused(context, message);
  } else {
    ++statistics_.delivered;
    at_work().node->on(context, message);
  }
  end_activation();
}

// ---- The fate of a message

World::Fate World::fate_of(const TraceRecord& sent, const Link& link) {
  Fate fate;
  if (sent.node == sent.peer) return fate;  // a node always reaches itself
  message_hits_.value.clear();
  apply_message_faults(sent, fate);
  apply_random_faults(sent, link, fate);
  if (!fate.lost && is_cut(sent.node, sent.peer)) {
    fate.lost = true;
    fate.reason = LossReason::Partition;
    strike_cut(sent.node, sent.peer);
  }
  if (fate.lost) fate.duplicated = false;
  fate.refused = !fate.lost && is_refusing(sent.peer);
  if (fate.refused) {
    fate.duplicated = false;
    strike_open(FaultKind::Refuse, sent.peer);
  }
  strike_message(fate);
  return fate;
}

// Of a fault that befalls every matching message for a while.
bool World::is_in_window(std::size_t index) {
  const Fault& fault = spec_->faults[index];
  if (clock_) [[unlikely]] {
    const auto is_over = [&](bool is_end) { return clock_->is_over(window_name(index, is_end)); };
    return is_over(false) && (!fault.duration || !is_over(true));
  }
  return is_open_now(fault);
}

void World::apply_message_faults(const TraceRecord& sent, Fate& fate) {
  for (const std::uint32_t index : faults_->of_messages) {
    const Fault& fault = spec_->faults[index];
    if (fault.placed == PlacedBy::Sequence) {
      if (sent.sequence != fault.nth) continue;
    } else {
      if (!fault.when.matches(sent)) continue;
      const std::uint64_t match = ++faults_.change().matched[index];
      if (fault.nth == 0 ? !is_in_window(index) : match != fault.nth) continue;
    }
    message_hits_.value.push_back(index);
    switch (fault.kind) {
      case FaultKind::Drop:
        fate.lost = true;
        break;
      case FaultKind::Slow:
        fate.later = fate.later + fault.delay;
        break;
      case FaultKind::Duplicate:
        fate.duplicated = true;
        fate.copy_later = fault.delay;
        break;
      default:
        TXSIM_ASSERT(false, "not a message fault");
    }
  }
}

// Loss and duplication by the link and by random faults. Each draws from its own stream, and each
// strike is recorded as a fault that names the message by its number among messages of the same
// type, sender and receiver.
void World::apply_random_faults(const TraceRecord& sent, const Link& link, Fate& fate) {
  const RandomFaults& random = spec_->random_faults;
  const bool noisy = now_ < random.quiet_after;
  const bool may_lose = !link.loss.never() || !random.loss.never();
  const bool may_double = !link.duplication.never() || !random.duplication.never();
  if (!may_lose && !may_double) return;
  ++faults_.change().sent_by_type[likes_of(sent)];
  bool lost = streams_.loss.chance(link.loss);
  if (noisy && streams_.loss.chance(random.loss)) lost = true;
  if (lost && !fate.lost) {
    fate.lost = true;
    place_message_fault(FaultKind::Drop, sent, Duration{0});
  }
  bool doubled = streams_.duplication.chance(link.duplication);
  if (noisy && streams_.duplication.chance(random.duplication)) doubled = true;
  if (!doubled) return;
  const Duration later = link.delay.draw(streams_.duplication);
  if (fate.lost || fate.duplicated) return;
  fate.duplicated = true;
  fate.copy_later = later;
  place_message_fault(FaultKind::Duplicate, sent, later);
}

void World::place_message_fault(FaultKind kind, const TraceRecord& sent, Duration delay) {
  Fault fault;
  fault.kind = kind;
  fault.placed = PlacedBy::Event;
  fault.when = {EventKind::Sent, sent.what, {sent.node}, {sent.peer}, std::nullopt};
  fault.nth = *faults_->sent_by_type.find(likes_of(sent));
  fault.delay = delay;
  faults_.change().met.push_back(fault);
}

// A lost message is neither delayed nor duplicated.
void World::strike_message(const Fate& fate) {
  for (const std::uint32_t index : message_hits_.value) {
    switch (fault(index).kind) {
      case FaultKind::Slow:
        if (!fate.lost) strike(index);
        break;
      case FaultKind::Duplicate:
        if (fate.duplicated) strike(index);
        break;
      default:
        strike(index);
    }
  }
}

// ---- Which nodes reach each other

bool World::cuts(const Fault& fault, NodeId from, NodeId to) const {
  if (fault.kind != FaultKind::Partition) return false;
  const bool forth = is_named(fault.nodes, from) && is_named(fault.peers, to);
  const bool back = is_named(fault.peers, from) && is_named(fault.nodes, to);
  return forth || (back && !fault.one_way);
}

bool World::is_cut(NodeId from, NodeId to) const {
  return std::any_of(faults_->open.begin(), faults_->open.end(),
                     [&](std::uint32_t index) { return cuts(fault(index), from, to); });
}

// Whether an open window, given by its place, affects the node.
bool World::befalls(std::size_t open, NodeId node) const {
  const Fault& fault = this->fault(faults_->open[open]);
  return is_named(fault.nodes, node) || (fault.nodes.empty() && faults_->nodes[open] == node);
}

bool World::is_refusing(NodeId node) const {
  for (std::size_t i = 0; i < faults_->open.size(); ++i) {
    if (fault(faults_->open[i]).kind == FaultKind::Refuse && befalls(i, node)) return true;
  }
  return false;
}

void World::strike_cut(NodeId from, NodeId to) {
  for (const std::uint32_t index : faults_->open) {
    if (cuts(fault(index), from, to)) strike(index);
  }
}

}  // namespace txsim
