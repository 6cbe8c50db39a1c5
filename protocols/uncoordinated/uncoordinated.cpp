#include "protocols/uncoordinated/uncoordinated.h"

#include "protocols/protocol.h"
#include "services/setting_declarations.h"
#include "sim/assert.h"

namespace txsim {

UncoordinatedService::UncoordinatedService(std::shared_ptr<const Plan> plan, NodeId self,
                                           const IdempotentReceiverSettings& receiver,
                                           const StoreSettings& store,
                                           const UncoordinatedSettings& settings)
    : NodeOf(std::move(plan), self, receiver, store), settings_(settings) {}

void UncoordinatedService::handle(Context& context, const Message& message) {
  switch (message.type.id) {
    case kCall.id:
      on_call(context, message);
      return;
    case kCalled.id:
      on_answer(context, message.transaction, message.step, true);
      return;
    case kCallRefused.id:
      on_answer(context, message.transaction, message.step, false);
      return;
    default:
      TXSIM_ASSERT(false, "a message that uncoordinated does not know");
  }
}

// ---- The caller

void UncoordinatedService::begin(Context& context, TransactionId transaction, std::uint16_t kind) {
  enter_phase(context, transaction, kind, Phase::Begun);
  enter_phase(context, transaction, kind, Phase::Working);
  Working& working = working_[transaction];
  working.kind = kind;
  work(context, transaction, working);
}

// Does its own steps at once, up to the first one that needs a wait.
void UncoordinatedService::work(Context& context, TransactionId transaction, Working& working) {
  const std::vector<Step>& steps = kind(working.kind).steps;
  for (; working.step < steps.size(); ++working.step) {
    if (steps[working.step].service != self()) {
      call(context, transaction, working);
      return;
    }
    switch (store().apply(context, transaction, working.kind, working.step)) {
      case StepResult::Done:
        continue;
      case StepResult::Waiting:
        return;
      case StepResult::Refused:
        end(context, transaction, Outcome::Aborted);
        return;
    }
  }
  end(context, transaction, Outcome::Committed);
}

void UncoordinatedService::call(Context& context, TransactionId transaction, Working& working) {
  Message message;
  message.to = kind(working.kind).steps[working.step].service;
  message.type = kCall;
  message.transaction_type = working.kind;
  message.step = working.step;
  message.transaction = transaction;
  message.body.put(FencedMark{{}, store().fence().token_of(transaction)});
  context.send(message);
  working.timer =
      context.set_timer(kCallOverdue, settings_.call_timeout, transaction, working.step);
}

// An answer to a call that the caller no longer waits for changes nothing.
void UncoordinatedService::on_answer(Context& context, TransactionId transaction,
                                     std::uint16_t step, bool done) {
  Working* working = working_.find(transaction);
  if (working == nullptr || working->step != step) return;
  context.cancel_timer(working->timer);
  if (!done) {
    end(context, transaction, Outcome::Aborted);
    return;
  }
  ++working->step;
  work(context, transaction, *working);
}

void UncoordinatedService::end(Context& context, TransactionId transaction, Outcome outcome) {
  const std::uint16_t kind = working_.find(transaction)->kind;
  working_.erase(transaction);
  receiver().save(context, transaction, outcome);
  context.announce({.what = fact_word(FactKind::Finished),
                    .transaction = transaction,
                    .value = static_cast<std::int64_t>(outcome),
                    .extra = kind});
  enter_phase(context, transaction, kind, Phase::Ended);
  finish(context, transaction, outcome);
}

void UncoordinatedService::handle(Context& context, const Timer& timer) {
  TXSIM_ASSERT(timer.what == kCallOverdue, "a timer that uncoordinated did not set");
  on_answer(context, timer.transaction, static_cast<std::uint16_t>(timer.value), false);
}

void UncoordinatedService::handle_refused(Context& context, const Message& message) {
  switch (message.type.id) {
    case kCall.id:
      on_answer(context, message.transaction, message.step, false);
      return;
    case kCalled.id:  // the caller gives up by its timer
    case kCallRefused.id:
      return;
    default:
      TXSIM_ASSERT(false, "a message that uncoordinated did not send");
  }
}

// ---- The called service

void UncoordinatedService::on_call(Context& context, const Message& message) {
  const StepResult result =
      store().apply(context, message.transaction, message.transaction_type, message.step);
  if (result == StepResult::Waiting) return;
  answer(context, message.transaction, message.transaction_type, message.step, result);
}

// A step that waited for its row, here or for a caller.
void UncoordinatedService::on_lock(Context& context, const LockNews& news) {
  if (kind(news.kind).begins_at != self()) {
    answer(context, news.transaction, news.kind, news.step, news.result);
  } else {
    on_answer(context, news.transaction, news.step, news.result == StepResult::Done);
  }
}

void UncoordinatedService::answer(Context& context, TransactionId transaction, std::uint16_t kind,
                                  std::uint16_t step, StepResult result) {
  Message message;
  message.to = this->kind(kind).begins_at;
  message.type = result == StepResult::Done ? kCalled : kCallRefused;
  message.transaction_type = kind;
  message.step = step;
  message.transaction = transaction;
  context.send(message);
}

// ---- Recovery: the records of the store and the receiver are enough

void UncoordinatedService::recover(Context& context, std::span<const LogRecord> log) {
  (void)context;
  (void)log;
}

void UncoordinatedService::write_checkpoint(std::vector<LogRecord>& log) const { (void)log; }

void declare_settings(UncoordinatedSettings& s, SettingDeclarations& keys) {
  keys.duration("call_timeout", s.call_timeout,
                "wait this long for a service's answer, then give up");
}

Protocol uncoordinated_protocol() {
  Protocol protocol = protocol_with_settings<UncoordinatedSettings>();
  Description& info = protocol.description;
  info.name = "uncoordinated";
  info.what =
      "The caller calls each service in turn and gives up at the first failure. It undoes nothing.";
  info.source =
      "The naive remote calls that the literature warns about: Richardson, Microservices Patterns, "
      "2018, chapter 4; Helland, Life beyond Distributed Transactions, 2007.";
  info.roles = {{"coordinator", "the caller: the service where the transaction begins"},
                {"participant", "a called service"}};
  info.messages = kUncoordinatedMessages.list();
  info.records = kUncoordinatedRecords.list();
  info.timers = kUncoordinatedTimers.list();
  info.states = {{"Working",
                  "calls one service after the other; ends with the last step done, or "
                  "with the first that is refused or not answered"}};
  info.deviations = {{"unknown outcomes", "a call that timed out is reported as failed"}};
  info.promises = {"conservation", "durability"};
  protocol.is_compared = false;
  protocol.make_services = make_services_of<UncoordinatedService, UncoordinatedSettings>;
  return protocol;
}

}  // namespace txsim
