#include "protocols/tcc/participant.h"

#include "sim/assert.h"

namespace txsim::tcc {
namespace {

StepPlace place_of(const Message& message) {
  return {message.transaction, message.kind, message.step, message.body.get<Mark>().number};
}

// Its coordinator is through with the transaction, and so is this service.
bool is_forgotten(const Home& home, const Message& message) {
  return message.body.get<Mark>().number < home.reservations.oldest(message.from) &&
         !home.reservations.knows(message.transaction);
}

}  // namespace

void Participant::on(const Home& home, const Message& message) {
  TXSIM_ASSERT(message.from == home.kind(message.kind).begins_at,
               "only its coordinator writes to a participant");
  home.reservations.learn_oldest(message.from, message.body.get<Mark>().oldest);
  switch (message.type.id) {
    case kTry.id:
      on_try(home, message);
      break;
    case kConfirm.id:
      on_confirm(home, message);
      break;
    case kCancel.id:
      on_cancel(home, message);
      break;
    case kStatusQuery.id:
      on_status_query(home, message);
      break;
    case kStatus.id:
      on_status(home, message);
      break;
    default:
      TXSIM_ASSERT(false, "a message that nobody sends to a participant");
  }
}

void Participant::answer(const Home& home, const Message& message, Word type, std::int64_t value) {
  const StepPlace place = place_of(message);
  home.send(message.from, type, place, {place.number, home.reservations.oldest(message.from), 0},
            value);
}

void Participant::on_try(const Home& home, const Message& message) {
  if (home.settings.reservations.suspension && is_forgotten(home, message)) {
    answer(home, message, kTryRefused);
    return;
  }
  const bool reserved = home.reservations.reserve(home.context, home.store, place_of(message));
  home.reservations.flush(home.context, message.transaction);
  answer(home, message, reserved ? kTried : kTryRefused);
  watch(home, message.transaction);
}

void Participant::on_confirm(const Home& home, const Message& message) {
  if (is_forgotten(home, message)) return;  // a late duplicate
  Reservations& reservations = home.reservations;
  const TransactionId id = message.transaction;
  const std::uint64_t before = reservations.confirmed(id);
  const bool confirmed = reservations.confirm(home.context, home.store, place_of(message));
  reservations.flush(home.context, id);
  const std::uint64_t all = message.body.get<Mark>().detail;
  const std::uint64_t after = reservations.confirmed(id);
  if (after != before && (after & all) == all) {
    home.announce(FactKind::Finished, id, Outcome::Committed, message.kind);
  }
  answer(home, message, confirmed ? kConfirmed : kConfirmRefused);
  watch(home, id);
}

void Participant::on_cancel(const Home& home, const Message& message) {
  if (is_forgotten(home, message)) {  // late, or its coordinator lost the word that it was over
    answer(home, message, kCancelled);
    return;
  }
  Reservations& reservations = home.reservations;
  const TransactionId id = message.transaction;
  const std::uint64_t before = reservations.called_off(id);
  const bool cancelled = reservations.cancel(home.context, home.store, place_of(message));
  reservations.flush(home.context, id);
  const std::uint64_t all = message.body.get<Mark>().detail;
  const std::uint64_t after = reservations.called_off(id);
  if (after != before && (after & all) == all) {
    home.announce(FactKind::Finished, id, Outcome::Aborted, message.kind);
  }
  answer(home, message, cancelled ? kCancelled : kCancelRefused);
  watch(home, id);
}

// The operator looks at a step.
void Participant::on_status_query(const Home& home, const Message& message) {
  const StepState state = home.reservations.state(message.transaction, message.step);
  answer(home, message, kStatus, static_cast<std::int64_t>(state));
}

// ---- The sweep

// While something is reserved here, its age is watched.
void Participant::watch(const Home& home, TransactionId transaction) {
  if (!home.reservations.knows(transaction)) return;
  TimerId& timer = home.reservations.timer(transaction);
  if (home.reservations.tried(transaction) == 0) {
    home.context.cancel_timer(timer);
    home.reservations.drop_if_outlived(transaction);
  } else if (home.settings.sweep && !timer.is_set()) {
    timer = home.context.set_timer(kSweep, home.settings.sweep_after, transaction);
  }
}

void Participant::on_timer(const Home& home, const Timer& timer) {
  TXSIM_ASSERT(timer.what == kSweep, "a timer that no participant sets");
  Reservations& reservations = home.reservations;
  TXSIM_ASSERT(reservations.knows(timer.transaction), "a timer for what has been dropped");
  reservations.timer(timer.transaction) = {};
  const std::uint16_t kind = reservations.kind(timer.transaction);
  home.send(home.kind(kind).begins_at, kStatusQuery,
            {timer.transaction, kind, lowest(reservations.tried(timer.transaction)), 0}, {});
  watch(home, timer.transaction);
}

// Cancelled: all steps here, so that one that is still on its way is refused.
void Participant::on_status(const Home& home, const Message& message) {
  if (static_cast<OrderStatus>(message.value) != OrderStatus::Cancelled) return;  // asks again
  Reservations& reservations = home.reservations;
  const TransactionId id = message.transaction;
  if (reservations.tried(id) == 0) return;
  StepPlace place = place_of(message);
  for (std::uint64_t left = home.writes_of(message.kind, home.self()); left != 0;
       left &= left - 1) {
    place.step = lowest(left);
    const StepState state = reservations.state(id, place.step);
    if (state == StepState::Confirmed) continue;
    if (state == StepState::None && !home.settings.reservations.empty_cancel) continue;
    reservations.cancel(home.context, home.store, place);
  }
  reservations.flush(home.context, id);
  home.announce(FactKind::Finished, id, Outcome::Aborted, message.kind);
  watch(home, id);
}

void Participant::resume(const Home& home) {
  for (const TransactionId id : home.reservations.transactions()) {
    const std::uint16_t kind = home.reservations.kind(id);
    if (home.kind(kind).begins_at == home.self()) continue;
    const std::uint64_t writes = home.writes_of(kind, home.self());
    if (home.reservations.confirmed(id) == writes) {
      home.announce(FactKind::Finished, id, Outcome::Committed, kind);
    }
    watch(home, id);
  }
}

}  // namespace txsim::tcc
