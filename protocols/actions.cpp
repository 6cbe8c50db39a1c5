#include "protocols/actions.h"

#include <bit>
#include <optional>

#include "sim/assert.h"

namespace txsim {
namespace {

bool is_in_effect(ActionState state) {
  return state == ActionState::Applied || state == ActionState::Released;
}

}  // namespace

// ---- The two phases, and the end

bool Actions::act(Context& context, Store& store, const StepPlace& place) {
  const Step& wanted = step(place);
  const std::int64_t available = store.available(wanted.resource);
  store.touch(context, place.transaction, place.kind, place.step);
  const ActionState now = state(place.transaction, place.step);
  switch (now) {
    case ActionState::None:
      break;
    case ActionState::Applied:
    case ActionState::Released:
      if (settings_.idempotence) return true;
      break;
    case ActionState::Compensated:
    case ActionState::Void:
      if (!settings_.suspension) break;
      tell(context, FactKind::Rejected, place, 0, available);
      return false;
  }
  const bool reads = wanted.is_read_only();
  const std::optional<std::int64_t> delta =
      store.addition(place.transaction, wanted, reads ? available : free_for(store, place));
  const bool is_barred =
      !reads && now == ActionState::None && store.fence().bars(place.transaction);
  if (is_barred || !delta) {
    tell(context, FactKind::Rejected, place, 0, available);
    // Remembered, so that the same action does not succeed later, when its saga has turned back.
    if (!kind_at(place.kind).is_retriable(place.step) && now == ActionState::None) {
      enter(context, place, static_cast<State>(ActionState::Void), 0);
    }
    return false;
  }
  store.note_done(place.transaction, wanted);
  if (reads) {
    tell_later(FactKind::ReadDone, place, 0, available);
    return true;
  }
  change(context, store, place, ActionState::Applied, *delta);
  tell_later(FactKind::Applied, place, *delta, store.available(wanted.resource));
  return true;
}

bool Actions::compensate(Context& context, Store& store, const StepPlace& place) {
  const Step& done = step(place);
  const std::int64_t delta = done.delta();
  switch (state(place.transaction, place.step)) {
    case ActionState::None:
      enter(context, place, static_cast<State>(ActionState::Void), 0);
      // Of a record that was never made, and of what was only read, there is nothing to tell.
      if (delta != 0) {
        tell_later(FactKind::Compensated, place, 0, store.available(done.resource));
      }
      return true;
    case ActionState::Void:
      return true;
    case ActionState::Compensated:
      if (settings_.idempotence) return true;
      break;
    case ActionState::Applied:
    case ActionState::Released:
      break;
  }
  store.touch(context, place.transaction, place.kind, place.step);
  if (delta > 0 && free_for(store, place) < delta) return false;
  change(context, store, place, ActionState::Compensated, -delta);
  tell_later(FactKind::Compensated, place, -delta, store.available(done.resource));
  return true;
}

void Actions::call_off_and_forget(Context& context, Store& store, const StepPlace& place) {
  const Step& done = step(place);
  tell(context, FactKind::Compensated, place, 0, store.available(done.resource));
}

void Actions::release(Context& context, const StepPlace& place) {
  if (state(place.transaction, place.step) != ActionState::Applied) return;
  hold(place, ActionState::Applied, ActionState::Released);
  enter(context, place, static_cast<State>(ActionState::Released), 0);
  changes(place);
}

void Actions::change(Context& context, Store& store, const StepPlace& place, ActionState to,
                     std::int64_t delta) {
  hold(place, state(place.transaction, place.step), to);
  store.move(step(place).resource, delta, 0);
  enter(context, place, static_cast<State>(to), delta);
}

// ---- The semantic lock

bool Actions::holds(std::uint16_t kind, std::uint16_t step) const {
  const TransactionKind& of = kind_at(kind);
  const bool may_be_undone = !of.is_retriable(step);  // the pivot too, while nobody knows of it
  return settings_.semantic_lock && may_be_undone && of.steps[step].action == Action::Give;
}

void Actions::hold(const StepPlace& place, ActionState from, ActionState to) {
  if (!holds(place.kind, place.step)) return;
  const Step& given = step(place);
  if (held_.size() <= given.resource) held_.resize(std::size_t{given.resource} + 1);
  if (from == ActionState::Applied) held_[given.resource] -= given.amount;
  if (to == ActionState::Applied) held_[given.resource] += given.amount;
}

// What the transaction may take of the step's resource: all but what others have given and not
// released.
std::int64_t Actions::free_for(const Store& store, const StepPlace& place) const {
  const std::uint16_t resource = step(place).resource;
  std::int64_t held = held_.size() <= resource ? 0 : held_[resource];
  std::uint64_t own = held == 0 ? 0 : steps_in(place.transaction, kAppliedState);
  for (; own != 0; own &= own - 1) {
    const auto i = static_cast<std::uint16_t>(std::countr_zero(own));
    const Step& given = kind_at(place.kind).steps[i];
    if (given.resource == resource && holds(place.kind, i)) held -= given.amount;
  }
  return store.available(resource) - held;
}

std::uint64_t Actions::in_effect(TransactionId transaction) const {
  return steps_in(transaction, kAppliedState) |
         steps_in(transaction, static_cast<State>(ActionState::Released));
}

// ---- Recovery

bool Actions::read(Store& store, const LogRecord& record) {
  return StepMemory::read(record, [&](const Remembered& found) {
    hold(found.place, static_cast<ActionState>(found.before),
         static_cast<ActionState>(found.state));
    if (!found.is_kept) store.move(step(found.place).resource, found.value, 0);
  });
}

void Actions::announce_again(Context& context, const Store& store) const {
  for_each_step([&](const StepPlace& place, State state) {
    const auto now = static_cast<ActionState>(state);
    const Step& of = step(place);
    const std::int64_t available = store.available(of.resource);
    if (is_in_effect(now)) {
      tell(context, FactKind::Applied, place, of.delta(), available);
    } else if (now == ActionState::Compensated) {
      tell(context, FactKind::Compensated, place, -of.delta(), available);
    } else if (of.delta() != 0) {
      tell(context, FactKind::Compensated, place, 0, available);
    }
  });
}

}  // namespace txsim
