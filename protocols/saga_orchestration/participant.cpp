#include "protocols/saga_orchestration/participant.h"

#include "sim/assert.h"

namespace txsim::orchestration {
namespace {

StepPlace place_of(const Message& message) {
  return {message.transaction, message.kind, message.step, message.body.get<Mark>().number};
}

// Its orchestrator is through with the saga, and so is this service.
bool is_forgotten(const Home& home, const Message& message) {
  return message.body.get<Mark>().number < home.actions.oldest(message.from) &&
         !home.actions.knows(message.transaction);
}

}  // namespace

void Participant::on(const Home& home, const Message& message) {
  TXSIM_ASSERT(message.from == home.kind(message.kind).begins_at,
               "only its orchestrator writes to a participant");
  home.actions.learn_oldest(message.from, message.body.get<Mark>().oldest);
  switch (message.type.id) {
    case kAction.id:
      on_action(home, message);
      break;
    case kCompensate.id:
      on_compensate(home, message);
      break;
    case kRelease.id:
      on_release(home, message);
      break;
    default:
      TXSIM_ASSERT(false, "a message that nobody sends to a participant");
  }
}

void Participant::answer(const Home& home, const Message& message, Word type) {
  const StepPlace place = place_of(message);
  home.send(message.from, type, place, {place.number, home.actions.oldest(message.from), 0});
}

void Participant::on_action(const Home& home, const Message& message) {
  const ActionSettings& settings = home.settings.actions;
  if (settings.idempotence && settings.suspension && is_forgotten(home, message)) {  // it is late
    answer(home, message, kActionRefused);
    return;
  }
  const bool done = home.actions.act(home.context, home.store, place_of(message));
  home.actions.flush(home.context, message.transaction);
  answer(home, message, done ? kActionDone : kActionRefused);
}

void Participant::on_compensate(const Home& home, const Message& message) {
  if (is_forgotten(home, message)) {  // late, or its orchestrator lost the word that it was over
    answer(home, message, kCompensated);
    return;
  }
  const bool undone = home.actions.compensate(home.context, home.store, place_of(message));
  home.actions.flush(home.context, message.transaction);
  answer(home, message, undone ? kCompensated : kCompensationRefused);
}

void Participant::on_release(const Home& home, const Message& message) {
  if (!is_forgotten(home, message)) {
    home.actions.release(home.context, place_of(message));
    home.actions.flush(home.context, message.transaction);
  }
  answer(home, message, kReleased);
}

}  // namespace txsim::orchestration
