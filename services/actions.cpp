#include "services/actions.h"

#include <algorithm>
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
    // Remembered, so that the same action does not succeed after its saga has turned back.
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
      // A record that was never made, or a step that only read, has nothing to announce.
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
  store.touch(context, place.transaction, place.kind, place.step);
  tell_later(FactKind::Compensated, place, 0, store.available(step(place).resource));
}

void Actions::release(Context& context, const StepPlace& place) {
  if (state(place.transaction, place.step) != ActionState::Applied) return;
  enter_and_hold(context, place, ActionState::Released, 0);
  changes(place);
}

void Actions::change(Context& context, Store& store, const StepPlace& place, ActionState to,
                     std::int64_t delta) {
  store.move(step(place).resource, delta, 0);
  enter_and_hold(context, place, to, delta);
}

void Actions::enter_and_hold(Context& context, const StepPlace& place, ActionState to,
                             std::int64_t delta) {
  const std::uint16_t resource = step(place).resource;
  const std::int64_t before = held_by(place.transaction, place.kind, resource);
  enter(context, place, static_cast<State>(to), delta);
  hold(resource, held_by(place.transaction, place.kind, resource) - before);
}

// ---- The semantic lock

bool Actions::holds(std::uint16_t kind, std::uint16_t step) const {
  const TransactionKind& of = kind_at(kind);
  const bool may_be_undone = !of.is_retriable(step);  // the pivot too, until known to be done
  return settings_.semantic_lock && may_be_undone && of.steps[step].action == Action::Give;
}

void Actions::hold(std::uint16_t resource, std::int64_t more) {
  if (more == 0) return;
  if (held_.size() <= resource) held_.resize(std::size_t{resource} + 1);
  held_[resource] += more;
}

// The amount of a resource that the transaction has given and not released, less what it has taken
// again since: that returns before the gift is taken back.
std::int64_t Actions::held_by(TransactionId transaction, std::uint16_t kind,
                              std::uint16_t resource) const {
  if (!settings_.semantic_lock) return 0;
  std::int64_t held = 0;
  for (std::uint64_t own = steps_in(transaction, kAppliedState); own != 0; own &= own - 1) {
    const auto i = static_cast<std::uint16_t>(std::countr_zero(own));
    const Step& done = kind_at(kind).steps[i];
    if (done.resource != resource) continue;
    if (holds(kind, i)) held += done.amount;
    if (done.action == Action::Take) held = std::max<std::int64_t>(held - done.amount, 0);
  }
  return held;
}

// The amount of the step's resource that the transaction may take: all but what others hold.
std::int64_t Actions::free_for(const Store& store, const StepPlace& place) const {
  const std::uint16_t resource = step(place).resource;
  const std::int64_t held = held_.size() <= resource ? 0 : held_[resource];
  const std::int64_t own = held == 0 ? 0 : held_by(place.transaction, place.kind, resource);
  return store.available(resource) - (held - own);
}

std::uint64_t Actions::in_effect(TransactionId transaction) const {
  return steps_in(transaction, kAppliedState) |
         steps_in(transaction, static_cast<State>(ActionState::Released));
}

// ---- Recovery

bool Actions::read(Store& store, const LogRecord& record) {
  return StepMemory::read(record, [&](const Remembered& found) {
    if (!found.is_kept) store.move(step(found.place).resource, found.value, 0);
  });
}

void Actions::resume(Context& context, const Store& store) {
  hold_again();
  announce_again(context, store);
}

void Actions::hold_again() {
  if (!settings_.semantic_lock) return;
  for (const TransactionId id : transactions()) {
    std::vector<std::uint16_t> known;
    for (std::uint64_t own = in_effect(id); own != 0; own &= own - 1) {
      const auto& done = kind_at(kind(id)).steps[static_cast<std::size_t>(std::countr_zero(own))];
      if (std::find(known.begin(), known.end(), done.resource) != known.end()) continue;
      known.push_back(done.resource);
      hold(done.resource, held_by(id, kind(id), done.resource));
    }
  }
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
