#include "protocols/saga_orchestration/participant.h"

#include "sim/assert.h"

namespace txsim::orchestration {

void Participant::on(const Home& home, const Message& message) {
  TXSIM_ASSERT(message.from == home.kind(message.transaction_type).begins_at,
               "only its orchestrator writes to a participant");
  const Mark theirs = message.body.get<Mark>();
  home.actions.learn_oldest(message.from, theirs.oldest);
  const Here here{home,
                  message.transaction,
                  message.transaction_type,
                  nullptr,
                  {theirs.number, home.actions.oldest(message.from)}};
  switch (message.type.id) {
    case kAction.id:
      on_action(here, message);
      break;
    case kCompensate.id:
      on_compensate(here, message);
      break;
    case kRelease.id:
      on_release(here, message);
      break;
    default:
      TXSIM_ASSERT(false, "a message that no node sends to a participant");
  }
}

// Its orchestrator has finished the saga, and so has this service.
bool Participant::is_forgotten(const Here& here) {
  return here.mark.number < here.mark.oldest && !here.actions.knows(here.id);
}

void Participant::on_action(const Here& here, const Message& message) {
  const ActionSettings& settings = here.settings.actions;
  if (settings.idempotence && settings.suspension && is_forgotten(here)) {  // it is late
    here.reply(message, kActionRefused);
    return;
  }
  const bool done = here.actions.act(here.context, here.store, here.place(message.step));
  here.actions.flush(here.context, here.id);
  here.reply(message, done ? kActionDone : kActionRefused);
}

void Participant::on_compensate(const Here& here, const Message& message) {
  if (is_forgotten(here)) {  // late, or its orchestrator lost the record of its end
    here.reply(message, kCompensated);
    return;
  }
  const bool undone = here.actions.compensate(here.context, here.store, here.place(message.step));
  here.actions.flush(here.context, here.id);
  here.reply(message, undone ? kCompensated : kCompensationRefused);
}

void Participant::on_release(const Here& here, const Message& message) {
  if (!is_forgotten(here)) {
    here.actions.release(here.context, here.place(message.step));
    here.actions.flush(here.context, here.id);
  }
  here.reply(message, kReleased);
}

// ---- Recovery

void Participant::read(const Home& home, const LogRecord& record) {
  home.actions.read(home.store, record);  // false: the store's or the receiver's
}

void Participant::resume(const Home& home) { home.actions.resume(home.context, home.store); }

}  // namespace txsim::orchestration
