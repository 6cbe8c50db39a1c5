#include "services/service.h"

#include "services/lock_service.h"

namespace txsim {

Service::Service(std::shared_ptr<const Plan> plan, NodeId self,
                 const IdempotentReceiverSettings& receiver, const StoreSettings& store)
    : plan_(plan), self_(self), receiver_(plan, receiver), store_(std::move(plan), self, store) {}

void Service::start(Context& context, std::span<const LogRecord> log) {
  const bool is_first_boot = log.empty() && context.is_beginning();
  for (const LogRecord& record : log) {
    if (!store_.recover(record)) receiver_.recover(record);  // all others are the protocol's
  }
  recover(context, log);
  receiver_.recovered(context);
  if (!is_first_boot) store_.announce_recovered(context);
  pass_on_news(context);
}

void Service::on(Context& context, const Message& message) {
  if (IdempotentReceiver::is_mine(message.type)) {
    const IdempotentReceiver::Admission admitted = receiver_.on(context, message);
    if (admitted.transaction != 0 && passes_fence(context, admitted)) {
      begin(context, admitted.transaction, admitted.kind);
    }
  } else {
    store_.learn_token(context, message.transaction, token_in(message));
    handle(context, message);
  }
  pass_on_news(context);
}

// The lock may have expired before its grant came, or while an earlier execution went on: neither
// knows. The order's own record here tells: a grant older than the newest is void, and so is one
// that comes while the order's last execution has not ended.
bool Service::passes_fence(Context& context, const IdempotentReceiver::Admission& admitted) {
  if (admitted.token == 0) return true;  // no fencing
  const TransactionId id = admitted.transaction;
  const TransactionId last = store_.fence().last(id);
  const bool goes_on = last != id && receiver_.is_under_way(last);
  if (goes_on || store_.fence().is_stale(id, admitted.token)) {
    receiver_.turn_away(context, id);
    return false;
  }
  store_.learn_token(context, id, admitted.token);
  return true;
}

void Service::on(Context& context, const Timer& timer) {
  if (!receiver_.on_timer(context, timer) && !store_.on_timer(context, timer)) {
    handle(context, timer);
  }
  pass_on_news(context);
}

// A client that is down asks again when it is back; the timer asks the lock service again.
void Service::on_refused(Context& context, const Message& message) {
  switch (message.type.id) {
    case kReply.id:
    case kAcquireLock.id:
    case kReleaseLock.id:
      break;
    default:
      handle_refused(context, message);
  }
  pass_on_news(context);
}

bool Service::checkpoint(std::vector<LogRecord>& log) const {
  store_.write_checkpoint(log);
  receiver_.write_checkpoint(log);
  write_checkpoint(log);
  return true;
}

void Service::finish(Context& context, TransactionId transaction, Outcome outcome) {
  receiver_.finish(context, transaction, outcome);
}

void Service::enter_phase(Context& context, TransactionId transaction, std::uint16_t kind,
                          Phase phase) {
  context.announce({.what = fact_word(FactKind::PhaseEntered),
                    .transaction = transaction,
                    .value = static_cast<std::int64_t>(phase),
                    .extra = kind});
}

void Service::pass_on_all(Context& context) {
  LockNews news;
  while (store_.next_news(context, news)) on_lock(context, news);
}

}  // namespace txsim
