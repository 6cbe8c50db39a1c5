// What a handler may do to the outside. After a crash in the middle of a handler, nothing leaves
// any more except the facts that durable records of this activation back: they are true for
// everybody who learns them, and the checks receive them before the crash.
#include <algorithm>

#include "sim/emit.h"
#include "sim/world.h"

namespace txsim {

Stream Context::stream(std::string_view name) const { return {world_.seed_, name}; }
Time Context::now() const {
  if (world_.clock_) [[unlikely]]
    world_.clock_->lose(LostTrack::What::ClockRead, self_);
  const Duration skew = world_.at_work().skew;
  if (skew.ns != 0) [[unlikely]]
    world_.strike_open(FaultKind::SkewClock, self_);
  return world_.now_ + skew;
}

Time Context::now_or(Time expected) const { return world_.clock_ ? expected : now(); }

// A crash is the only way to forget the last number.
Time Context::ascending() const {
  if (!world_.clock_) [[likely]]
    return now();
  return Time{std::int64_t{world_.at_work().downs} << 32};
}

bool Context::is_beginning() const {
  return world_.clock_ ? world_.at_work().downs == 0 : now() == Time{0};
}

Period Context::begin_period(Word what, std::uint64_t id, Duration lasts) const {
  if (!world_.clock_) [[likely]]
    return {now().ns};
  return world_.begin_period(what, id, TimeBounds::exactly(lasts));
}

Period Context::begin_period(Word what, std::uint64_t id, const Drawn& lasts) const {
  if (!world_.clock_) [[likely]]
    return {(now() + lasts.value).ns};
  return world_.begin_period(what, id, TimeBounds::of(lasts));
}

bool Context::is_over(Period period, Duration lasts) const {
  if (!world_.clock_) [[likely]]
    return now() >= Time{period.ns} + lasts;
  return world_.clock_->is_over(static_cast<std::uint64_t>(period.ns));
}

void Context::send(Message message) {
  message.from = self_;
  world_.send(message);
}

TimerId Context::set_timer(Word what, Duration after, TransactionId transaction,
                           std::int64_t value) {
  return world_.set_timer(what, after, transaction, value, TimeBounds::exactly(after));
}

TimerId Context::set_timer(Word what, const Drawn& after, TransactionId transaction,
                           std::int64_t value) {
  return world_.set_timer(what, after.value, transaction, value, TimeBounds::of(after));
}

TimerId Context::set_timer_at_end(Word what, Period period, Duration lasts,
                                  TransactionId transaction, std::int64_t value) {
  if (world_.clock_) [[unlikely]]
    return world_.set_timer_at_end(what, period, lasts, transaction, value);
  const Duration left = Time{period.ns} + lasts - now();
  return set_timer(what, std::clamp(left, Duration{0}, lasts), transaction, value);
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

}  // namespace txsim
