#include "protocols/saga_choreography/home.h"

namespace txsim::choreography {

bool Home::act(const Saga& saga, const Stop& stop) const {
  for (std::uint64_t left = stop.steps; left != 0; left &= left - 1) {
    const StepPlace place{saga.id, saga.kind, lowest(left), saga.number};
    if (actions.act(context, store, place)) continue;
    if (!stop.is_retriable) take_back(saga, stop);
    return false;
  }
  return true;
}

bool Home::take_back(const Saga& saga, const Stop& stop) const {
  for (std::uint64_t left = stop.steps; left != 0; left &= ~bit(highest(left))) {
    const StepPlace place{saga.id, saga.kind, highest(left), saga.number};
    const bool is_unknown = actions.state(saga.id, place.step) == ActionState::None;
    if (is_unknown && !settings.late_events) {
      actions.call_off_and_forget(context, store, place);
      continue;
    }
    if (!actions.compensate(context, store, place)) return false;
  }
  return true;
}

bool Home::is_called_off(const Saga& saga, const Stop& stop) const {
  for (std::uint64_t left = stop.steps; left != 0; left &= left - 1) {
    const ActionState state = actions.state(saga.id, lowest(left));
    if (state == ActionState::Void || state == ActionState::Compensated) return true;
  }
  return false;
}

void Home::publish(Word event, EventClass what, const Saga& saga, std::uint16_t place,
                   std::uint64_t oldest, std::uint64_t round) const {
  Message message;
  message.type = event;
  message.kind = saga.kind;
  message.step = place;
  message.transaction = saga.id;
  message.value = event_id(saga.id, what, place, round);
  EventHeader header;
  header.number = saga.number;
  header.oldest = oldest;
  message.body.put(header);
  outbox.add(context, message);
}

void Home::commit(TransactionId transaction) const {
  outbox.before_commit(context);
  actions.flush(context, transaction);
  outbox.committed(context);
}

}  // namespace txsim::choreography
