#include "protocols/saga_choreography/home.h"

namespace txsim::choreography {

bool Here::act(const Stop& stop) const {
  for (std::uint64_t left = stop.steps; left != 0; left &= left - 1) {
    if (actions.act(context, store, place(lowest(left)))) continue;
    if (!stop.is_retriable) take_back(stop);
    return false;
  }
  return true;
}

bool Here::take_back(const Stop& stop) const {
  for (std::uint64_t left = stop.steps; left != 0; left &= ~bit(highest(left))) {
    const StepPlace step = place(highest(left));
    const bool is_unknown = actions.state(id, step.step) == ActionState::None;
    if (is_unknown && !settings.late_events) {
      actions.call_off_and_forget(context, store, step);
      continue;
    }
    if (!actions.compensate(context, store, step)) return false;
  }
  return true;
}

bool Here::is_called_off(const Stop& stop) const {
  for (std::uint64_t left = stop.steps; left != 0; left &= left - 1) {
    const ActionState now = actions.state(id, lowest(left));
    if (now == ActionState::Void || now == ActionState::Compensated) return true;
  }
  return false;
}

void Here::publish(Word event, EventClass what, std::uint16_t place, std::uint64_t oldest,
                   std::uint64_t round) const {
  Message message;
  message.type = event;
  message.transaction_type = kind_index;
  message.step = place;
  message.transaction = id;
  message.value = event_id(id, what, place, round);
  EventHeader header;
  header.number = mark.number;
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
