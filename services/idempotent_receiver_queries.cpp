// What the idempotent receiver tells clients of transactions that are accepted before their outcome
// is certain.
#include "services/idempotent_receiver.h"
#include "sim/assert.h"

namespace txsim {

void IdempotentReceiver::accept(Context& context, TransactionId transaction) {
  Submission* submission = submissions_.find(transaction);
  TXSIM_ASSERT(submission != nullptr && submission->state == State::UnderWay,
               "accepts what is not under way");
  submission->is_accepted = true;
  reply(context, transaction, *submission, Reply::Accepted);
  submission->client = kNoNode;
}

void IdempotentReceiver::on_query(Context& context, const Message& message) {
  Submission asked;
  asked.client = message.from;
  asked.kind = message.transaction_type;
  if (const Outcome* outcome = kept_.find(message.transaction)) {
    force_saved(context, message.transaction);
    reply(context, message.transaction, asked, reply_for(*outcome));
    return;
  }
  const Submission* submission = submissions_.find(message.transaction);
  if (submission != nullptr && submission->state != State::Releasing) {
    reply(context, message.transaction, asked, Reply::InProgress);
  } else if (const auto outcome = known(order_of(message.transaction))) {
    force_saved(context, message.transaction);
    reply(context, message.transaction, asked, reply_for(*outcome));
  }
}

void IdempotentReceiver::keep(Context& context, TransactionId transaction, Outcome outcome) {
  put_kept(transaction, outcome);
  watch_outcomes(context);
}

void IdempotentReceiver::put_kept(TransactionId transaction, Outcome outcome) {
  if (!kept_.contains(transaction)) kept_order_.push(transaction);
  kept_[transaction] = outcome;
}

void IdempotentReceiver::watch_outcomes(Context& context) {
  if (kept_order_.empty() || outcomes_old_.is_set()) return;
  outcomes_old_ = context.set_timer(kOutcomesOld, settings_.keep_outcome);
}

void IdempotentReceiver::drop_old_outcomes(Context& context) {
  outcomes_old_ = {};
  for (; old_ > 0; --old_) {
    kept_.erase(kept_order_.front());
    kept_order_.pop();
  }
  old_ = kept_order_.size();
  watch_outcomes(context);
}

}  // namespace txsim
