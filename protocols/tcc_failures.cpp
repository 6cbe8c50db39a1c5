// The coordinator of TCC when not all goes well: retries that are used up, PENDING orders with
// their scheduler and operator, status queries.
#include "protocols/items.h"
#include "protocols/tcc_coordinator.h"
#include "sim/assert.h"

namespace txsim::tcc {

Outcome Coordinator::on_timer(const Home& home, const Timer& timer) {
  Transaction* transaction = transactions_.find(timer.transaction);
  TXSIM_ASSERT(transaction != nullptr, "a forgotten transaction has no timer");
  transaction->timer = {};
  switch (timer.what.id) {
    case kAnswerTimeout.id:
      return missed(home, timer.transaction, *transaction);
    case kBackOff.id:
      ask_again(home, timer.transaction, *transaction);
      return Outcome::Unknown;
    case kScheduler.id:
      return run_scheduled(home, timer.transaction, *transaction);
    case kOperatorLooks.id:
      look(home, timer.transaction, *transaction);
      return Outcome::Unknown;
    default:
      TXSIM_ASSERT(false, "a timer that the coordinator never sets");
  }
  return Outcome::Unknown;
}

// Not reached: no answer will come, so there is nothing to wait for before the next attempt.
Outcome Coordinator::on_refused(const Home& home, const Message& message) {
  Transaction* transaction = transactions_.find(message.transaction);
  if (transaction == nullptr || transaction->looking || !transaction->timer.is_set() ||
      message.type != question(*transaction) || transaction->awaiting != bit(message.step)) {
    return Outcome::Unknown;  // one of several: the timer asks again
  }
  home.context.cancel_timer(transaction->timer);
  return missed(home, message.transaction, *transaction);
}

// All attempts were in vain.
Outcome Coordinator::given_up(const Home& home, TransactionId id, Transaction& transaction) {
  home.context.cancel_timer(transaction.timer);
  switch (transaction.state) {
    case State::Created:  // what was not answered may have been reserved: cancelled with the rest
      return cancel(home, id, transaction);
    case State::Reserved:
    case State::Pending:
      pend(home, id, transaction);
      break;
    case State::Cancelled:
      transaction.awaiting = 0;
      if (home.settings.cancel_every) {
        wait_for_scheduler(home, id, transaction, *home.settings.cancel_every);
      } else {
        closed(home, id, transaction);  // left to the participants' sweeps
      }
      break;
  }
  return Outcome::Unknown;
}

// ---- PENDING

void Coordinator::pend(const Home& home, TransactionId id, Transaction& transaction) {
  const bool is_new = transaction.state == State::Reserved;
  transaction.awaiting = 0;
  if (is_new) {
    enter(transaction, State::Pending);
    log(home, kOrderPending, id, transaction);
    home.context.force(id);
  }
  wait_pending(home, id, transaction, is_new);
}

void Coordinator::wait_pending(const Home& home, TransactionId id, Transaction& transaction,
                               bool is_new) {
  const TccSettings& settings = home.settings;
  switch (settings.pending_policy) {
    case PendingPolicy::Retry:
      wait_for_scheduler(home, id, transaction, settings.pending_every);
      break;
    case PendingPolicy::ConfirmAfter:
      wait_for_scheduler(home, id, transaction,
                         is_new ? settings.confirm_after : settings.pending_every);
      break;
    case PendingPolicy::Alert:
      if (!settings.operator_after) break;
      transaction.timer = home.context.set_timer(kOperatorLooks, *settings.operator_after, id);
      break;
  }
}

void Coordinator::wait_for_scheduler(const Home& home, TransactionId id, Transaction& transaction,
                                     Duration wait) {
  transaction.timer = home.context.set_timer(kScheduler, wait, id);
}

// The scheduler takes up what was left, or what a crash interrupted.
Outcome Coordinator::run_scheduled(const Home& home, TransactionId id, Transaction& transaction) {
  if (transaction.state == State::Created) return cancel(home, id, transaction);
  return next(home, id, transaction);
}

// ---- The operator: was alerted, looks at every step elsewhere, and decides.

void Coordinator::look(const Home& home, TransactionId id, Transaction& transaction) {
  transaction.looking = true;
  transaction.seen_confirmed = transaction.seen_void = 0;
  transaction.awaiting = targets(home, transaction);
  for (std::uint64_t left = transaction.awaiting; left != 0; left &= left - 1) {
    send(home, kStatusQuery, id, transaction, lowest(left));
  }
  transaction.timer = home.context.set_timer(kOperatorLooks, *home.settings.operator_after, id);
}

Outcome Coordinator::on_seen(const Home& home, const Message& message) {
  Transaction* transaction = transactions_.find(message.transaction);
  if (transaction == nullptr || !transaction->looking) return Outcome::Unknown;
  transaction->awaiting &= ~bit(message.step);
  switch (static_cast<StepState>(message.value)) {
    case StepState::Tried:
      break;
    case StepState::Confirmed:
      transaction->seen_confirmed |= bit(message.step);
      break;
    case StepState::None:
    case StepState::Cancelled:
    case StepState::Suspended:
      transaction->seen_void |= bit(message.step);
      break;
  }
  if (transaction->awaiting != 0) return Outcome::Unknown;
  return decide_by_hand(home, message.transaction, *transaction);
}

// What is confirmed anywhere is confirmed everywhere. What is only reserved is cancelled if the
// customer has meanwhile ordered again, and confirmed if not.
Outcome Coordinator::decide_by_hand(const Home& home, TransactionId id, Transaction& transaction) {
  home.context.cancel_timer(transaction.timer);
  transaction.looking = false;
  if (transaction.seen_confirmed == 0) {
    if (transaction.again || transaction.seen_void != 0) return cancel(home, id, transaction);
    if (is_executing(id)) {  // it may be the one: look again later
      wait_pending(home, id, transaction, false);
      return Outcome::Unknown;
    }
  }
  return next(home, id, transaction);
}

// Whether another submission of the order is under way, and it is not this one's turn: of several
// that are all PENDING, the first is looked after first.
bool Coordinator::is_executing(TransactionId id) const {
  if (begun_.size() < 2) return false;
  for (std::uint64_t submission = 0; submission < 256; ++submission) {
    const TransactionId other = transaction_id(order_of(id), submission);
    const Transaction* sibling = other == id ? nullptr : transactions_.find(other);
    if (sibling == nullptr || sibling->state == State::Cancelled) continue;
    if (sibling->state != State::Pending || other < id) return true;
  }
  return false;
}

void Coordinator::mark_siblings(const Home& home, TransactionId id) {
  if (begun_.size() < 2) return;
  home.context.writes(id, order_item(order_of(id)));
  for (std::uint64_t submission = 0; submission < 256; ++submission) {
    const TransactionId other = transaction_id(order_of(id), submission);
    Transaction* sibling = other == id ? nullptr : transactions_.find(other);
    if (sibling == nullptr) continue;
    sibling->again = true;
    home.context.reads(other, order_item(order_of(id)));
  }
}

// ---- A participant asks what became of the order

void Coordinator::on_status_query(const Home& home, const Message& message) const {
  const Transaction* transaction = transactions_.find(message.transaction);
  OrderStatus status = OrderStatus::Cancelled;
  if (transaction != nullptr) {
    switch (transaction->state) {
      case State::Created:
        status = OrderStatus::Created;
        break;
      case State::Reserved:
        status = OrderStatus::Reserved;
        break;
      case State::Pending:
        status = OrderStatus::Pending;
        break;
      case State::Cancelled:
        break;
    }
  }
  home.send(message.from, kStatus, {message.transaction, message.kind, message.step, 0},
            begun_.mark(message.body.get<Mark>().number), static_cast<std::int64_t>(status));
}

}  // namespace txsim::tcc
