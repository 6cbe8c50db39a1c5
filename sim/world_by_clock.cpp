// Steps for searches by the clock: of all that is pending, what some real timing allows next.
#include <algorithm>

#include "sim/assert.h"
#include "sim/fingerprint.h"
#include "sim/world.h"

namespace txsim {
namespace {

using Kind = SymbolicClock::Variable::Kind;

std::int64_t named(std::uint64_t fingerprint) {
  return static_cast<std::int64_t>(fingerprint & (Period::kLeastName - 1)) | Period::kLeastName;
}

bool holds(const Body<32>& body, std::int64_t period) {
  const auto words = body.get<std::array<std::uint64_t, 4>>();
  return std::find(words.begin(), words.end(), static_cast<std::uint64_t>(period)) != words.end();
}

}  // namespace

// ---- What may be next

// Its node is paused: its moment may pass.
bool World::is_stopped(const EventKey& key) const {
  if (key.kind() == Pending::Control) return false;
  const NodeId node = describe(key).node;
  return nodes_[node]->paused_until > now_;
}

// All events that time does not pass by, in the order of scheduling: the time in a key means
// nothing here.
void World::urgent(std::vector<EventKey>& keys) const {
  queue_.all(keys);
  std::sort(keys.begin(), keys.end(),
            [](const EventKey& a, const EventKey& b) { return a.low < b.low; });
  std::erase_if(keys, [&](const EventKey& key) { return is_void(key) || is_stopped(key); });
}

void World::enabled_by_clock(std::vector<Choice>& choices) const {
  choices.clear();
  std::vector<EventKey>& keys = pending_buffer_.value;
  urgent(keys);
  const std::vector<bool> may_be_next = clock_->may_be_next(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (may_be_next[i]) choices.push_back(describe(keys[i]));
  }
}

bool World::crashes_only(const Choice& fault, NodeId node) const {
  if (fault.kind != Choice::Kind::FaultBegins) return false;
  const Fault& planned = this->fault(static_cast<std::uint32_t>(fault.value));
  return planned.kind == FaultKind::Crash && planned.nodes == std::vector<NodeId>{node};
}

// The one that was scheduled first: none waits forever.
bool World::step_by_clock() {
  std::vector<Choice> choices;
  enabled_by_clock(choices);
  if (choices.empty()) return false;
  take({.choice = choices.front(), .is_last_copy = true});
  forget_periods(Crashes::MayCome);
  return true;
}

std::optional<World::Obstacle> World::obstacle_to(const Choice& like) const {
  std::vector<EventKey> all;
  queue_.all(all);
  std::vector<EventKey> keys;
  urgent(keys);
  std::optional<Obstacle> least;
  for (const EventKey& key : all) {
    if (is_void(key)) continue;
    const Choice event = describe(key);
    if (!event.is_like(like)) continue;
    std::optional<Obstacle> greatest;
    for (const EventKey& other : keys) {
      const std::int64_t earlier = clock_->least_between(other, key);
      const bool is_greater = earlier > (greatest ? greatest->earlier.ns : 0);
      if (is_greater) greatest = Obstacle{event, describe(other), {earlier}};
    }
    if (!greatest && is_stopped(key)) {
      greatest = Obstacle{event, describe(nodes_[event.node]->resume), {}};
    }
    if (!greatest) return std::nullopt;
    if (!least || greatest->earlier < least->earlier) least = greatest;
  }
  return least;
}

// ---- A step

// Time passes until the move happens.
void World::pass_time(const Move& move) {
  // Without a time each step is an instant of its own for the observer.
  now_ = move.at ? *move.at : now_ + nanoseconds(1);
  clock_->begin_step(move.answers);
  if (move.kind == Move::Kind::Lose) return;  // that it never arrives shows later
  if (move.kind == Move::Kind::Happen && !move.is_last_copy && stands_for_many(move.choice)) {
    leave_others(move.choice.key);
  }
  std::vector<EventKey>& keys = pending_buffer_.value;
  urgent(keys);
  if (move.kind == Move::Kind::Crash) {
    clock_->pass_some(keys);
  } else {
    clock_->pass_to(move.choice.key, keys);
    if (move.struck_by) clock_->meet(*move.struck_by);
  }
}

// Moments of what is no longer pending, and of periods that are over.
void World::forget_gone() {
  std::vector<EventKey>& keys = pending_buffer_.value;
  queue_.all(keys);
  std::erase_if(keys, [&](const EventKey& key) { return is_void(key); });
  clock_->keep_if([&](const SymbolicClock::Variable& variable) {
    if (variable.kind == Kind::Step) return true;
    if (variable.kind == Kind::Period) return !clock_->is_surely_over(variable.name);
    return std::find(keys.begin(), keys.end(), variable.key) != keys.end();
  });
}

// Of several pauses the one that ends last counts.
void World::begin_pause(NodeState& state, const EventKey& resume) {
  const bool is_paused = state.paused_until > now_;
  if (!is_paused || clock_->is_before(state.resume, resume)) state.resume = resume;
  state.paused_until = kEndOfTime;
}

void World::end_pause(NodeId node) {
  bool goes_on = false;
  queue_.for_each([&](const EventKey& key) { goes_on = goes_on || key == nodes_[node]->resume; });
  if (!goes_on) nodes_[node].change().paused_until = Time{0};
}

// What arrived in the pause comes when it was to end, as if there had been no crash.
void World::postpone_overdue(NodeId node) {
  std::vector<EventKey> keys;
  queue_.all(keys);
  for (const EventKey& key : keys) {
    const bool is_its = key.kind() == Pending::Message && describe(key).node == node;
    if (is_its) clock_->postpone_overdue(key, nodes_[node]->resume);
  }
}

// ---- Periods

Period World::begin_period(Word what, std::uint64_t id, TimeBounds lasts) {
  const std::int64_t name = named(Fingerprint::of(5, current_.node, what, id));
  return {static_cast<std::int64_t>(
      clock_->begin_period(static_cast<std::uint64_t>(name), current_.node, lasts))};
}

TimerId World::set_timer_at_end(Word what, Period period, Duration lasts, TransactionId transaction,
                                std::int64_t value) {
  const auto name = static_cast<std::uint64_t>(period.ns);
  const bool is_whole = clock_->begins_now(name, lasts);
  const TimerId timer = set_timer(what, lasts, transaction, value, TimeBounds::exactly(lasts));
  if (!timer.is_set() || is_whole) return timer;
  if (at_work().rate_permille != 1000) clock_->lose(LostTrack::What::TimerAtRate, current_.node);
  clock_->put_at_end(queue_.key_of(timer), name);
  return timer;
}

std::uint64_t World::window_name(std::size_t fault, bool is_end) {
  return static_cast<std::uint64_t>(named(Fingerprint::of(6, fault, is_end)));
}

// Of faults that befall every matching message for a while.
void World::begin_windows() {
  for (std::size_t i = 0; i < spec_->faults.size(); ++i) {
    const Fault& fault = spec_->faults[i];
    if (!fault.is_message_fault() || fault.nth != 0) continue;
    const Duration until = fault.at - Time{0};
    clock_->begin_period(window_name(i, false), kNoNode, TimeBounds::exactly(until));
    if (!fault.duration) continue;
    clock_->begin_period(window_name(i, true), kNoNode,
                         TimeBounds::exactly(until + *fault.duration));
  }
}

bool World::is_named_in(const NodeState& state, std::int64_t period, Crashes crashes) {
  if (state.up) {
    std::vector<Period> periods;
    Fingerprint memory;
    memory.collect(periods);
    state.node->digest_into(memory);
    const auto is_it = [&](const Period& kept) { return kept.ns == period; };
    if (std::any_of(periods.begin(), periods.end(), is_it)) return true;
    if (crashes == Crashes::NoMore) return false;
  }
  return std::any_of(state.log.begin(), state.log.end(), [&](const LogRecord& record) {
    return record.value == period || holds(record.body, period);
  });
}

void World::forget_periods(Crashes crashes) {
  clock_->keep_if([&](const SymbolicClock::Variable& variable) {
    return variable.kind != Kind::Period || variable.node == kNoNode ||
           is_named_in(*nodes_[variable.node], static_cast<std::int64_t>(variable.name), crashes);
  });
}

// ---- The times of a state

Zone World::times() const {
  struct Named {
    std::uint64_t name = 0;
    std::int64_t latest = 0;
    std::int64_t earliest = 0;
    std::size_t number = 0;
    auto operator<=>(const Named&) const = default;
  };
  const Zone& zone = clock_->zone();
  std::vector<Named> all;
  all.reserve(zone.size());
  for (std::size_t i = 1; i <= zone.size(); ++i) {
    const SymbolicClock::Variable& variable = clock_->variables()[i - 1];
    const bool is_event = variable.kind == Kind::Event;
    const std::uint64_t name = is_event ? digest_of(variable.key) : variable.name;
    all.push_back({name, zone.most(i, 0), zone.most(0, i), i});
  }
  std::sort(all.begin(), all.end());
  std::vector<std::size_t> order;
  order.reserve(all.size());
  for (const Named& one : all) order.push_back(one.number);
  return zone.reordered(order);
}

std::uint64_t World::digest_periods() const {
  std::uint64_t sum = 0;
  for (const SymbolicClock::Variable& variable : clock_->variables()) {
    if (variable.kind == Kind::Period) sum += Fingerprint::of(variable.name);
  }
  return sum;
}

}  // namespace txsim
