// Steps and fingerprints for searches, in which all durations are unknown.
#include <algorithm>
#include <optional>
#include <utility>

#include "sim/assert.h"
#include "sim/emit.h"
#include "sim/fingerprint.h"
#include "sim/world.h"

namespace txsim {
namespace {

// A crashed node is away for this long by the clock, whatever happens meanwhile.
constexpr Duration kAway = seconds(1);

}  // namespace

void Node::digest_into(Fingerprint& into) const {
  static_cast<void>(into);
  TXSIM_ASSERT(false, "a node that gives no fingerprint cannot be explored");
}

std::vector<Choice> World::enabled_untimed() const {
  std::vector<Choice> choices;
  enabled_untimed(choices);
  return choices;
}

void World::enabled_untimed(std::vector<Choice>& choices) const {
  choices.clear();
  queue_.all(pending_buffer_.value);
  for (const EventKey& key : pending_buffer_.value) {
    if (is_void(key)) continue;
    const Choice choice = describe(key);
    const bool acts = key.kind() != Pending::Control;
    if (acts && nodes_[choice.node]->paused_until > now_) continue;
    const bool is_offered = key.kind() == Pending::Message &&
                            std::any_of(choices.begin(), choices.end(), [&](const Choice& earlier) {
                              return stands_for(earlier, choice);
                            });
    if (!is_offered) choices.push_back(choice);
  }
}

// The earlier one is an identical message, or precedes it on a FIFO link.
bool World::stands_for(const Choice& earlier, const Choice& message) const {
  if (earlier.kind != message.kind) return false;
  const bool is_fifo =
      message.kind == Choice::Kind::Message && spec_->network.link(message.peer, message.node).fifo;
  if (is_fifo) return earlier.peer == message.peer && earlier.node == message.node;
  return digest_of(earlier.key) == digest_of(message.key);
}

bool World::is_absorbed(const Choice& choice) const {
  if (choice.kind != Choice::Kind::Message || !nodes_[choice.node]->up) return false;
  return nodes_[choice.node]->node->absorbs(in_flight_[choice.key.slot()].message);
}

bool World::is_silent_write(NodeId node) const {
  const NodeState& state = *nodes_[node];
  if (!state.writing || !state.written.empty()) return false;
  for (std::size_t i = 0; i < state.held.size(); ++i) {
    const Effect& effect = state.held.at(i);
    const bool is_covered = effect.after <= state.dropped + state.covered;
    if (effect.kind != Effect::Kind::Announce || effect.fact.is_measure) continue;
    if (is_covered) return false;
  }
  return true;
}

void World::take(const Move& move) {
  const EventKey& key = move.choice.key;
  if (clock_) pass_time(move);
  if (move.kind == Move::Kind::Crash) {
    crash(move.choice.node, away(move.for_good));
  } else {
    queue_.remove(key);
    if (!clock_ && (key.kind() == Pending::Timer || key.kind() == Pending::Control)) {
      now_ = std::max(now_, key.at());
    }
    if (move.struck_by) {
      strike_in_step(*move.struck_by, move.crash_after);
    } else if (move.crash_after > 0) {
      crash_in_step(move.crash_after, away(move.for_good));
    }
    if (move.kind == Move::Kind::Duplicate) duplicate(key);
    if (move.kind == Move::Kind::Lose) {
      lose(key);
    } else {
      dispatch(key);
    }
  }
  if (*observer_ && !observer_.has_version()) observer_.change()->pass_instant();
  if (clock_) {
    forget_gone();
    join_copies();
    clock_->end_step();
  }
  version_ = versions_.value.next();
  for (Versioned<NodeState>& state : nodes_) state.give_version(version_);
  observer_.give_version(version_);
  faults_.give_version(version_);
}

void World::forget_versions() {
  version_ = Versioned<NodeState>::kNone;
  for (Versioned<NodeState>& state : nodes_) state.forget_version();
  observer_.forget_version();
  faults_.forget_version();
  for (InFlight& message : in_flight_) message.digest = 0;
}

// By the clock the node restarts after any time.
std::optional<Duration> World::away(bool for_good) const {
  if (for_good) return std::nullopt;
  return clock_ ? kLongestDuration : kAway;
}

// A fault of the plan that begins now strikes within the step.
void World::strike_in_step(const EventKey& begins, std::uint32_t after) {
  const std::uint32_t index = controls_[begins.slot()].index;
  queue_.remove(begins);
  if (after == 0) return;
  strike(index);
  crash_in_step(after, fault(index).duration);
}

void World::crash_in_step(std::uint32_t after, std::optional<Duration> away) {
  Fault fault;
  fault.kind = FaultKind::Crash;
  fault.placed = PlacedBy::Sequence;
  fault.nth = statistics_.events + after;
  fault.duration = away;
  FaultState& faults = faults_.change();
  faults.waiting.push_back(static_cast<std::uint32_t>(spec_->faults.size() + faults.met.size()));
  faults.met.push_back(fault);
  set_watching();
}

void World::lose(const EventKey& key) {
  const InFlight lost = in_flight_[key.slot()];
  free_message(key.slot());
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
  const EventKey copy = put_in_flight(now_, twin.message, twin.sent, false);
  if (!clock_) return;
  const Link& link = spec_->network.link(twin.message.from, twin.message.to);
  clock_->add(copy, TimeBounds::of(link.delay));
}

// ---- Fingerprints

std::uint64_t World::digest_of(const EventKey& key) const {
  switch (key.kind()) {
    case Pending::Message: {
      const InFlight& flying = in_flight_[key.slot()];
      if (flying.digest == 0) {
        flying.digest = Fingerprint::of(flying.is_many ? 7 : 1, flying.message, flying.refused);
      }
      return flying.digest;
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

// Without its log, of which only the number of records that are not durable counts.
std::uint64_t World::digest_without_log(const NodeState& state) {
  Fingerprint into;
  into.add(state.up, state.writing, state.log.size() - state.durable,
           state.writing ? state.covered - state.durable : 0, state.skew, state.rate_permille,
           state.slow_disk, state.held.size(), state.waits.digest(state.durable_position()),
           state.written.digest(state.durable_position()));
  for (std::size_t i = 0; i < state.held.size(); ++i) {
    const Effect& effect = state.held.at(i);
    into.add(effect.kind, effect.after - state.durable_position());
    switch (effect.kind) {
      case Effect::Kind::Barrier:
        break;
      case Effect::Kind::Announce:
        into.add(effect.fact);
        break;
      case Effect::Kind::Send:
        into.add(effect.message);
        if (effect.is_many) into.add(true);
        break;
      case Effect::Kind::Note:
        break;
    }
  }
  if (state.up) state.node->digest_into(into);
  return into.value();
}

// How far each fault of the plan is: later matches no longer count.
void World::digest_faults(Fingerprint& into) const {
  for (std::size_t i = 0; i < spec_->faults.size(); ++i) {
    const Fault& fault = spec_->faults[i];
    into.add(std::min(faults_->matched[i], fault.nth));
    if (!fault.is_message_fault() || fault.nth != 0) continue;
    if (clock_) continue;  // the names of its periods tell
    into.add(now_ >= fault.at, fault.duration && now_ >= fault.at + *fault.duration);
  }
}

std::uint64_t World::digest_of_log(const NodeState& state) { return Fingerprint::of(state.log); }

void World::sum_up_nodes() const {
  for (const Versioned<NodeState>& state : nodes_) state.sum<0>(digest_without_log);
}

// A sum, because their order does not count, except for messages of one FIFO link.
std::uint64_t World::digest_pending() const {
  std::uint64_t sum = 0;
  if (!spec_->network.has_fifo()) {
    queue_.for_each([&](const EventKey& key) {
      if (key.kind() == Pending::Message && in_flight_[key.slot()].digest != 0) {
        sum += in_flight_[key.slot()].digest;  // the usual case
      } else if (!is_void(key)) {
        sum += digest_of(key);
      }
    });
    return sum;
  }
  Table<std::uint64_t> of_link;
  queue_.all(pending_buffer_.value);
  for (const EventKey& key : pending_buffer_.value) {
    if (is_void(key)) continue;
    std::uint64_t one = digest_of(key);
    if (key.kind() == Pending::Message) {
      const Message& message = in_flight_[key.slot()].message;
      if (spec_->network.link(message.from, message.to).fifo) {
        std::uint64_t& before = of_link[Network::key(message.from, message.to)];
        before = one = Fingerprint::of(before, one);
      }
    }
    sum += one;
  }
  return sum;
}

// Earlier results of a node and of the observer are valid as long as they have not changed. The
// content of a log counts for a restart.
std::uint64_t World::fingerprint(Crashes crashes, std::uint64_t more) const {
  Fingerprint whole;
  for (const Versioned<NodeState>& state : nodes_) {
    whole.add(state->paused_until > now_, state.sum<0>(digest_without_log));
    if (state->up && crashes == Crashes::NoMore) continue;
    whole.add(state.sum<1>(digest_of_log));
  }
  if (clock_) whole.add(digest_periods());
  whole.add(digest_pending() + more, faults_->waiting, faults_->open, faults_->nodes);
  digest_faults(whole);
  if (*observer_) {
    whole.add(observer_.sum<0>([](const Cloned<Observer>& observer) {
      Fingerprint one;
      observer->digest_into(one);
      return one.value();
    }));
  }
  return whole.value();
}

}  // namespace txsim
