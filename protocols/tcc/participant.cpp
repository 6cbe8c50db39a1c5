#include "protocols/tcc/participant.h"

#include "sim/assert.h"

namespace txsim::tcc {

void Participant::on(const Home& home, const Message& message) {
  TXSIM_ASSERT(message.from == home.kind(message.transaction_type).begins_at,
               "only its coordinator writes to a participant");
  const Mark theirs = message.body.get<Mark>();
  home.reservations.learn_oldest(message.from, theirs.oldest);
  const Here here{home,
                  message.transaction,
                  message.transaction_type,
                  nullptr,
                  {theirs.number, home.reservations.oldest(message.from)}};
  switch (message.type.id) {
    case kTry.id:
      on_try(here, message);
      break;
    case kConfirm.id:
      on_confirm(here, message);
      break;
    case kCancel.id:
      on_cancel(here, message);
      break;
    case kStatusQuery.id:
      on_status_query(here, message);
      break;
    case kStatus.id:
      on_status(here, message);
      break;
    default:
      TXSIM_ASSERT(false, "a message that no node sends to a participant");
  }
}

// Its coordinator has finished the transaction, and so has this service.
bool Participant::is_forgotten(const Here& here) {
  return here.mark.number < here.mark.oldest && !here.reservations.knows(here.id);
}

void Participant::on_try(const Here& here, const Message& message) {
  if (here.settings.reservations.suspension && is_forgotten(here)) {
    here.reply(message, kTryRefused);
    return;
  }
  const bool reserved =
      here.reservations.reserve(here.context, here.store, here.place(message.step));
  here.reservations.flush(here.context, here.id);
  here.reply(message, reserved ? kTried : kTryRefused);
  watch(here);
}

void Participant::on_confirm(const Here& here, const Message& message) {
  if (is_forgotten(here)) return;  // a late duplicate
  Reservations& reservations = here.reservations;
  const std::uint64_t before = reservations.confirmed(here.id);
  const bool confirmed = reservations.confirm(here.context, here.store, here.place(message.step));
  reservations.flush(here.context, here.id);
  const std::uint64_t all = message.body.get<Mark>().detail;
  const std::uint64_t after = reservations.confirmed(here.id);
  if (after != before && (after & all) == all)
    here.announce(FactKind::Finished, Outcome::Committed);
  here.reply(message, confirmed ? kConfirmed : kConfirmRefused);
  watch(here);
}

void Participant::on_cancel(const Here& here, const Message& message) {
  if (is_forgotten(here)) {  // late, or its coordinator lost the record of its end
    here.reply(message, kCancelled);
    return;
  }
  Reservations& reservations = here.reservations;
  const std::uint64_t before = reservations.called_off(here.id);
  const bool cancelled = reservations.cancel(here.context, here.store, here.place(message.step));
  reservations.flush(here.context, here.id);
  const std::uint64_t all = message.body.get<Mark>().detail;
  const std::uint64_t after = reservations.called_off(here.id);
  if (after != before && (after & all) == all) here.announce(FactKind::Finished, Outcome::Aborted);
  here.reply(message, cancelled ? kCancelled : kCancelRefused);
  watch(here);
}

// The operator inspects a step.
void Participant::on_status_query(const Here& here, const Message& message) {
  const StepState state = here.reservations.state(here.id, message.step);
  here.reply(message, kStatus, {.value = static_cast<std::int64_t>(state)});
}

// ---- The sweep

// While an amount is reserved here, its age is watched.
void Participant::watch(const Here& here) {
  if (!here.reservations.knows(here.id)) return;
  TimerId& timer = here.reservations.timer(here.id);
  if (here.reservations.tried(here.id) == 0) {
    here.cancel_timer(timer);
    here.reservations.drop_if_outlived(here.id);
  } else if (here.settings.sweep && !timer.is_set()) {
    timer = here.set_timer(kSweep, here.settings.sweep_after);
  }
}

void Participant::on_timer(const Home& home, const Timer& timer) {
  TXSIM_ASSERT(timer.what == kSweep, "a timer that no participant sets");
  Reservations& reservations = home.reservations;
  TXSIM_ASSERT(reservations.knows(timer.transaction), "a timer for what has been dropped");
  const Here here{home, timer.transaction, reservations.kind(timer.transaction)};
  reservations.timer(here.id) = {};
  here.send(here.coordinator(), kStatusQuery, {.step = lowest(reservations.tried(here.id))});
  watch(here);
}

// Cancelled: all steps here, so that a step still under way is refused.
void Participant::on_status(const Here& here, const Message& message) {
  if (static_cast<OrderStatus>(message.value) != OrderStatus::Cancelled) return;  // asks again
  Reservations& reservations = here.reservations;
  if (reservations.tried(here.id) == 0) return;
  for (std::uint64_t left = here.own_writes(); left != 0; left &= left - 1) {
    const StepPlace place = here.place(lowest(left));
    const StepState state = reservations.state(here.id, place.step);
    if (state == StepState::Confirmed) continue;
    if (state == StepState::None && !here.settings.reservations.empty_cancel) continue;
    reservations.cancel(here.context, here.store, place);
  }
  reservations.flush(here.context, here.id);
  here.announce(FactKind::Finished, Outcome::Aborted);
  watch(here);
}

// ---- Recovery

void Participant::read(const Home& home, const LogRecord& record) {
  home.reservations.read(home.store, record);  // false: the store's or the receiver's
}

void Participant::resume(const Home& home) {
  home.reservations.announce_again(home.context, home.store);
  for (const TransactionId id : home.reservations.transactions()) {
    const Here here{home, id, home.reservations.kind(id)};
    if (here.coordinator() == here.self()) continue;
    if (here.reservations.confirmed(id) == here.own_writes()) {
      here.announce(FactKind::Finished, Outcome::Committed);
    }
    watch(here);
  }
}

}  // namespace txsim::tcc
