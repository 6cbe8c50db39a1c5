// Steps and fingerprints for searches, in which nobody knows how long anything takes.
#include <algorithm>
#include <utility>

#include "sim/assert.h"
#include "sim/emit.h"
#include "sim/fingerprint.h"
#include "sim/world.h"

namespace txsim {
namespace {

// A crashed node is away for so long by the clock, whatever happens meanwhile.
constexpr Duration kAway = seconds(1);

}  // namespace

void Node::digest_into(Fingerprint& into) const {
  static_cast<void>(into);
  TXSIM_ASSERT(false, "a node that gives no fingerprint cannot be explored");
}

std::vector<Choice> World::enabled_untimed() const {
  std::vector<Choice> choices;
  std::vector<std::uint64_t> messages;  // those that are there already
  for (const EventKey& key : queue_.all()) {
    if (is_void(key)) continue;
    const Choice choice = describe(key);
    const bool acts = key.kind() != Pending::Control;
    if (acts && nodes_[choice.node].paused_until > now_) continue;
    if (key.kind() == Pending::Message) {
      const bool is_fifo = choice.kind == Choice::Kind::Message &&
                           spec_->network.link(choice.peer, choice.node).fifo;
      const std::uint64_t likes = is_fifo ? Network::key(choice.peer, choice.node) : digest_of(key);
      if (std::find(messages.begin(), messages.end(), likes) != messages.end()) continue;
      messages.push_back(likes);
    }
    choices.push_back(choice);
  }
  return choices;
}

void World::take(const Move& move) {
  const EventKey& key = move.choice.key;
  if (move.kind == Move::Kind::Crash) {
    crash(move.choice.node, kAway);
  } else {
    queue_.remove(key);
    if (key.kind() == Pending::Timer || key.kind() == Pending::Control) {
      now_ = std::max(now_, key.at());
    }
    if (move.crash_after > 0) crash_in_step(move.crash_after);
    if (move.kind == Move::Kind::Duplicate) duplicate(key);
    if (move.kind == Move::Kind::Lose) {
      lose(key);
    } else {
      dispatch(key);
    }
  }
  if (observer_) observer_->pass_instant();
}

void World::crash_in_step(std::uint32_t after) {
  Fault fault;
  fault.kind = FaultKind::Crash;
  fault.placed = PlacedBy::Sequence;
  fault.nth = statistics_.events + after;
  fault.duration = kAway;
  waiting_.push_back(static_cast<std::uint32_t>(spec_->faults.size() + met_.size()));
  met_.push_back(fault);
  set_watching();
}

void World::lose(const EventKey& key) {
  const InFlight lost = in_flight_[key.slot()];
  free_in_flight_.push_back(key.slot());
  ++statistics_.lost;
  emit({.transaction = lost.message.transaction,
        .cause = lost.sent,
        .value = static_cast<std::int64_t>(LossReason::OnTheWay),
        .node = lost.message.from,
        .peer = lost.message.to,
        .what = lost.message.type,
        .kind = EventKind::Lost});
}

void World::duplicate(const EventKey& key) {
  const InFlight twin = in_flight_[key.slot()];
  ++statistics_.duplicated;
  emit({.transaction = twin.message.transaction,
        .cause = twin.sent,
        .node = twin.message.from,
        .peer = twin.message.to,
        .what = twin.message.type,
        .kind = EventKind::Duplicated});
  put_in_flight(now_, twin.message, twin.sent, false);
}

// ---- Fingerprints

// Of a pending event by itself, without its time.
std::uint64_t World::digest_of(const EventKey& key) const {
  switch (key.kind()) {
    case Pending::Message: {
      const InFlight& flying = in_flight_[key.slot()];
      return Fingerprint::of(1, flying.message, flying.refused);
    }
    case Pending::Timer: {
      const TimerData& timer = timers_[key.slot()];
      return Fingerprint::of(2, timer.node, timer.what, timer.transaction, timer.value);
    }
    case Pending::Disk:
      return Fingerprint::of(3, key.slot());
    case Pending::Control: {
      const Control& control = controls_[key.slot()];
      return Fingerprint::of(4, control.kind, control.index);
    }
  }
  return 0;
}

// What is in the log counts for a restart; else how much of it is not durable.
void World::digest_node(NodeId node, Crashes crashes, Fingerprint& into) const {
  const NodeState& state = nodes_[node];
  into.add(node, state.up, state.writing, state.paused_until > now_,
           state.log.size() - state.durable, state.writing ? state.covered - state.durable : 0,
           state.skew, state.rate_permille, state.slow_disk, state.held.size());
  if (!state.up || crashes == Crashes::MayCome) into.add(state.log);
  for (std::size_t i = 0; i < state.held.size(); ++i) {
    const Effect& effect = state.held.at(i);
    into.add(effect.kind);
    switch (effect.kind) {
      case Effect::Kind::Barrier:
        into.add(effect.records - state.durable);
        break;
      case Effect::Kind::Announce:
        into.add(effect.fact);
        break;
      case Effect::Kind::Send:
        into.add(effect.message);
        break;
      case Effect::Kind::Note:
        break;
    }
  }
  if (state.up) state.node->digest_into(into);
}

// How far each fault of the plan is: beyond its turn its matches do not count any more.
void World::digest_faults(Fingerprint& into) const {
  for (std::size_t i = 0; i < spec_->faults.size(); ++i) {
    const Fault& fault = spec_->faults[i];
    into.add(std::min(matched_[i], fault.nth));
    if (!fault.is_message_fault() || fault.nth != 0) continue;
    into.add(now_ >= fault.at, fault.duration && now_ >= fault.at + *fault.duration);
  }
}

std::uint64_t World::fingerprint(Crashes crashes) const {
  Fingerprint whole;
  for (NodeId node = 0; node < nodes_.size(); ++node) digest_node(node, crashes, whole);
  std::uint64_t pending = 0;
  Table<std::uint64_t> of_link;  // messages of a FIFO link count in their order
  for (const EventKey& key : queue_.all()) {
    if (is_void(key)) continue;
    std::uint64_t one = digest_of(key);
    if (key.kind() == Pending::Message) {
      const Message& message = in_flight_[key.slot()].message;
      if (spec_->network.link(message.from, message.to).fifo) {
        std::uint64_t& before = of_link[Network::key(message.from, message.to)];
        before = one = Fingerprint::of(before, one);
      }
    }
    pending += one;
  }
  whole.add(pending, waiting_, open_, fault_nodes_);
  digest_faults(whole);
  if (observer_) observer_->digest_into(whole);
  return whole.value();
}

}  // namespace txsim
