// What a handler may do to the outside. After a crash in the middle of a handler, nothing leaves
// any more except the facts that durable records of this activation back: they are true for
// everybody who learns them, and the checks receive them before the crash.
#include "sim/emit.h"
#include "sim/world.h"

namespace txsim {

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

}  // namespace txsim
