#include "services/reservations.h"

#include "services/items.h"
#include "sim/assert.h"

namespace txsim {
namespace {

// The amounts that a step holds back while it is tried, and moves when it is confirmed.
std::int64_t reserved_by(const Step& step) { return step.action == Action::Take ? step.amount : 0; }
std::int64_t confirmed_by(const Step& step) {
  return step.action == Action::Take ? step.amount : step.delta();
}

FactKind fact_of(StepState state) {
  switch (state) {
    case StepState::Tried:
      return FactKind::Reserved;
    case StepState::Confirmed:
      return FactKind::Confirmed;
    case StepState::Cancelled:
    case StepState::Suspended:
      return FactKind::Cancelled;
    case StepState::None:
      break;
  }
  TXSIM_ASSERT(false, "no step becomes as if it had never been");
}

}  // namespace

// ---- The three phases

bool Reservations::reserve(Context& context, Store& store, const StepPlace& place) {
  const Step& wanted = step(place);
  const std::int64_t available = store.available(wanted.resource);
  if (wanted.is_read_only()) {
    store.touch(context, place.transaction, place.kind, place.step);
    const bool is_enough = available >= wanted.least;
    tell_later(is_enough ? FactKind::ReadDone : FactKind::Rejected, place, 0, available);
    return is_enough;
  }
  const StepState now = state(place.transaction, place.step);
  switch (now) {
    case StepState::None:
      break;
    case StepState::Tried:
    case StepState::Confirmed:
      if (settings_.idempotence) return true;
      break;
    case StepState::Cancelled:
    case StepState::Suspended:
      if (!settings_.suspension) break;
      tell(context, FactKind::Rejected, place, 0, available);
      return false;
  }
  const std::int64_t amount = reserved_by(wanted);
  const bool is_barred = now == StepState::None && store.fence().bars(place.transaction);
  store.touch(context, place.transaction, place.kind, place.step);
  if (is_barred || available < amount) {
    // Remembered, so that the same Try does not succeed later, when no Confirm will follow.
    enter(context, place, static_cast<State>(StepState::Suspended), 0);
    tell(context, FactKind::Rejected, place, 0, available);
    return false;
  }
  change(context, store, place, StepState::Tried, amount);
  return true;
}

bool Reservations::confirm(Context& context, Store& store, const StepPlace& place) {
  switch (state(place.transaction, place.step)) {
    case StepState::Confirmed:
      if (settings_.idempotence) return true;
      break;
    case StepState::Tried:
      break;
    case StepState::None:
    case StepState::Cancelled:
    case StepState::Suspended:
      return false;
  }
  change(context, store, place, StepState::Confirmed, confirmed_by(step(place)));
  return true;
}

bool Reservations::cancel(Context& context, Store& store, const StepPlace& place) {
  switch (state(place.transaction, place.step)) {
    case StepState::Tried:
      break;
    case StepState::Cancelled:
      if (settings_.idempotence) return true;
      break;
    case StepState::Suspended:
      return true;
    case StepState::Confirmed:
      return false;
    case StepState::None:
      if (!settings_.empty_cancel) break;
      change(context, store, place, StepState::Suspended, 0);
      return true;
  }
  change(context, store, place, StepState::Cancelled, reserved_by(step(place)));
  return true;
}

void Reservations::change(Context& context, Store& store, const StepPlace& place, StepState state,
                          std::int64_t amount) {
  const Step& changed = step(place);
  store.touch(context, place.transaction, place.kind, place.step);
  move(store, changed, state, amount);
  const std::int64_t available = store.available(changed.resource);
  if (settings_.atomic_fence || amount == 0) {
    enter(context, place, static_cast<State>(state), amount);
    tell_later(fact_of(state), place, amount, available);
    return;
  }
  flush(context, place.transaction);  // earlier work of this handler
  LogRecord record;
  record.type = kEffectRecord;
  record.transaction_type = place.kind;
  record.step = place.step;
  record.transaction = place.transaction;
  record.value = amount;
  record.body.put(std::uint64_t{static_cast<State>(state)});
  context.append(record);
  context.force();
  context.writes(place.transaction, row_item(changed.resource));
  tell(context, fact_of(state), place, amount, available);
  enter(context, place, static_cast<State>(state), 0);
}

void Reservations::move(Store& store, const Step& step, StepState state, std::int64_t amount) {
  switch (state) {
    case StepState::Tried:
      store.move(step.resource, -amount, amount);
      break;
    case StepState::Confirmed:
      if (step.action == Action::Take) {
        store.move(step.resource, 0, -amount);
      } else {
        store.move(step.resource, amount, 0);
      }
      break;
    case StepState::Cancelled:
      store.move(step.resource, amount, -amount);
      break;
    case StepState::None:
    case StepState::Suspended:
      break;
  }
}

// ---- What is remembered

std::uint64_t Reservations::tried(TransactionId transaction) const {
  return steps_in(transaction, static_cast<State>(StepState::Tried));
}

std::uint64_t Reservations::confirmed(TransactionId transaction) const {
  return steps_in(transaction, static_cast<State>(StepState::Confirmed));
}

std::uint64_t Reservations::called_off(TransactionId transaction) const {
  return steps_in(transaction, static_cast<State>(StepState::Cancelled)) |
         steps_in(transaction, static_cast<State>(StepState::Suspended));
}

// ---- Recovery

bool Reservations::read(Store& store, const LogRecord& record) {
  if (record.type == kEffectRecord) {
    const auto state = static_cast<StepState>(record.body.get<std::uint64_t>());
    move(store, step({record.transaction, record.transaction_type, record.step, 0}), state,
         record.value);
    return true;
  }
  return StepMemory::read(record, [&](const Remembered& found) {
    if (found.is_kept) return;
    move(store, step(found.place), static_cast<StepState>(found.state), found.value);
  });
}

void Reservations::announce_again(Context& context, const Store& store) const {
  for_each_step([&](const StepPlace& place, State state) {
    const auto now = static_cast<StepState>(state);
    const Step& of = step(place);
    std::int64_t value = 0;
    if (now == StepState::Confirmed) value = confirmed_by(of);
    if (now == StepState::Tried || now == StepState::Cancelled) value = reserved_by(of);
    tell(context, fact_of(now), place, value, store.available(of.resource));
  });
}

}  // namespace txsim
