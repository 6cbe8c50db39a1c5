#include "protocols/tcc/coordinator.h"

#include <algorithm>

#include "services/items.h"
#include "sim/assert.h"

namespace txsim::tcc {
void Coordinator::enter(const Here& here, State state) {
  const State from = here->state;
  switch (state) {
    case State::Created:
      TXSIM_ASSERT(false, "CREATED is where an order begins");
      break;
    case State::Reserved:
      TXSIM_ASSERT(from == State::Created, "RESERVED comes after CREATED");
      break;
    case State::Pending:
      TXSIM_ASSERT(from == State::Reserved, "PENDING comes after RESERVED");
      break;
    case State::Cancelled:
      TXSIM_ASSERT(from == State::Created || from == State::Pending,
                   "CANCELLED comes after CREATED, or by hand after PENDING");
      break;
  }
  here->state = state;
}

OrderNote Coordinator::note_of(const Transaction& transaction) {
  return {transaction.number, transaction.touched, transaction.again ? 1U : 0U};
}

void Coordinator::log(const Here& here, Word type) { here.append(type, note_of(*here.state)); }

Outcome Coordinator::on(const Home& home, const Message& message) {
  // A participant has seen later numbers: our clock went back across a restart.
  begun_.learn(message.body.get<Mark>().oldest);
  const Here here = at(home, message.transaction, message.transaction_type);
  switch (message.type.id) {
    case kTried.id:
      return on_tried(here, message, false);
    case kTryRefused.id:
      return on_tried(here, message, true);
    case kConfirmed.id:
      return on_ended(here, message, State::Reserved);
    case kCancelled.id:
      return on_ended(here, message, State::Cancelled);
    case kCancelRefused.id:  // the operator was wrong: it had been confirmed
      here.announce(FactKind::HeuristicReported, Outcome::Committed, message.from);
      return on_ended(here, message, State::Cancelled);
    case kConfirmRefused.id:
      if (!here.is_known() || question(here) != kConfirm ||
          (here->awaiting & bit(message.step)) == 0) {
        return Outcome::Unknown;
      }
      return given_up(here);
    case kStatusQuery.id:
      on_status_query(here, message);
      return Outcome::Unknown;
    case kStatus.id:
      return on_seen(here, message);
    default:
      TXSIM_ASSERT(false, "a message that no participant sends to its coordinator");
  }
  return Outcome::Unknown;
}

// ---- Try

Outcome Coordinator::begin(const Home& home, TransactionId id, std::uint16_t kind) {
  if (transactions_.contains(id)) return Outcome::Unknown;
  Transaction& transaction = transactions_[id];
  transaction.kind = kind;
  transaction.number = begun_.begin(id, home.context.ascending());
  const Here here = at(home, id);
  here.enter_phase(Phase::Begun);
  here.enter_phase(Phase::Working);
  log(here, kOrderCreated);
  return work(here);
}

// Tries the steps from the current one on, until one needs a wait.
Outcome Coordinator::work(const Here& here) {
  const TransactionKind& kind = here.kind();
  std::uint64_t elsewhere = 0;
  for (; here->step < kind.steps.size(); ++here->step) {
    if (kind.steps[here->step].service != here.self()) {
      elsewhere |= bit(here->step);
      if (here.settings.parallel) continue;
      break;
    }
    if (!here.reservations.reserve(here.context, here.store, here.place(here->step))) {
      return cancel(here);
    }
  }
  if (elsewhere == 0) return reserved(here);
  here->touched |= elsewhere;
  call(here, elsewhere);
  return Outcome::Unknown;
}

Outcome Coordinator::on_tried(const Here& here, const Message& message, bool refused) {
  if (!here.is_known() || here->state != State::Created ||
      (here->awaiting & bit(message.step)) == 0) {
    return Outcome::Unknown;  // a duplicate, or too late
  }
  if (refused && !here.settings.refusal_is_final) {
    here.cancel_timer(here->timer);
    back_off(here);  // however often it was asked
    return Outcome::Unknown;
  }
  here->awaiting &= ~bit(message.step);
  if (refused) {
    here->touched &= ~bit(message.step);
    return cancel(here);
  }
  if (here->awaiting != 0) return Outcome::Unknown;
  here.cancel_timer(here->timer);
  if (!here.settings.parallel) ++here->step;
  return work(here);
}

// ---- Confirm and Cancel

// All steps hold what they need: from here on the order will be confirmed.
Outcome Coordinator::reserved(const Here& here) {
  here.enter_phase(Phase::Deciding);
  enter(here, State::Reserved);
  log(here, kOrderReserved);
  here.reservations.flush(here.context, here.id);
  here.enter_phase(Phase::Finishing);
  return next(here);
}

Outcome Coordinator::cancel(const Here& here) {
  here.cancel_timer(here->timer);
  enter(here, State::Cancelled);
  log(here, kOrderCancelled);
  for (std::uint64_t left = here.reservations.tried(here.id); left != 0; left &= left - 1) {
    here.reservations.cancel(here.context, here.store, here.place(lowest(left)));
  }
  here.reservations.flush(here.context, here.id);
  here.announce(FactKind::Decided, Outcome::Aborted);
  here.enter_phase(Phase::Undoing);
  if (here.own_writes() != 0) here.announce(FactKind::Finished, Outcome::Aborted);
  here->done = here->awaiting = 0;
  [[maybe_unused]] const Outcome none = next(here);
  return Outcome::Aborted;
}

// The steps elsewhere that need a message.
std::uint64_t Coordinator::targets(const Here& here) const {
  std::uint64_t steps = 0;
  for (const NodeId node : here.kind().participants) {
    steps |= here.writes_of(node);
  }
  return here->state == State::Cancelled ? steps & here->touched : steps;
}

Outcome Coordinator::next(const Here& here) {
  const std::uint64_t left = targets(here) & ~here->done;
  if (left != 0) {
    call(here, here.settings.parallel ? left : bit(lowest(left)));
    return Outcome::Unknown;
  }
  here.cancel_timer(here->timer);
  if (here->state != State::Cancelled) return confirmed(here);
  closed(here);
  return Outcome::Unknown;
}

// A step elsewhere is confirmed (state: RESERVED) or cancelled.
Outcome Coordinator::on_ended(const Here& here, const Message& message, State state) {
  if (!here.is_known() || here->state == State::Created) return Outcome::Unknown;
  if ((here->state == State::Cancelled) != (state == State::Cancelled)) {
    return Outcome::Unknown;
  }
  here->done |= bit(message.step);
  if (here->looking || (here->awaiting & bit(message.step)) == 0) {
    return Outcome::Unknown;  // a duplicate, or a retry is due anyway
  }
  here->awaiting &= ~bit(message.step);
  if (here->awaiting != 0) return Outcome::Unknown;
  here.cancel_timer(here->timer);
  return next(here);
}

Outcome Coordinator::confirmed(const Here& here) {
  for (std::uint64_t left = here.reservations.tried(here.id); left != 0; left &= left - 1) {
    here.reservations.confirm(here.context, here.store, here.place(lowest(left)));
  }
  log(here, kOrderConfirmed);
  here.reservations.flush(here.context, here.id);
  here.announce(FactKind::Decided, Outcome::Committed);
  if (here.own_writes() != 0) here.announce(FactKind::Finished, Outcome::Committed);
  mark_siblings(here);
  forget(here);
  return Outcome::Committed;
}

void Coordinator::closed(const Here& here) {
  log(here, kOrderClosed);
  forget(here);
}

void Coordinator::forget(const Here& here) {
  here.enter_phase(Phase::Ended);
  transactions_.erase(here.id);
  begun_.forget([&](TransactionId known) {
    return transactions_.contains(known) || here.context.waits(known);
  });
  here.reservations.learn_oldest(here.self(), begun_.oldest());
}

// ---- Requests and retries

Word Coordinator::question(const Here& here) {
  switch (here->state) {
    case State::Created:
      return kTry;
    case State::Reserved:
    case State::Pending:
      return kConfirm;
    case State::Cancelled:
      return kCancel;
  }
  TXSIM_ASSERT(false, "no such state");
}

void Coordinator::call(const Here& here, std::uint64_t steps) {
  if (here->state == State::Created) here.reservations.flush(here.context, here.id);
  here->awaiting = steps;
  here->attempts = 0;
  for (std::uint64_t left = steps; left != 0; left &= left - 1) {
    ask(here, question(here), lowest(left));
  }
  here->timer = here.set_timer(kAnswerTimeout, here.settings.try_timeout);
}

void Coordinator::ask(const Here& here, Word type, std::uint16_t step) const {
  const NodeId to = here.kind().steps[step].service;
  const std::uint64_t ending = type == kTry ? 0 : targets(here) & here.writes_of(to);
  here.send(to, type, {.step = step, .detail = ending});
}

// No answer: the phase may or may not have taken effect. It is requested again after a while.
Outcome Coordinator::missed(const Here& here) {
  if (!here.settings.retry || here->attempts >= here.settings.retries) {
    return given_up(here);
  }
  back_off(here);
  return Outcome::Unknown;
}

void Coordinator::back_off(const Here& here) {
  const int doublings = std::min<int>(here->attempts, 10);
  if (here->attempts < here.settings.retries) ++here->attempts;
  here->timer = here.set_timer(
      kBackOff, Duration{here.settings.back_off.ns * (std::int64_t{1} << doublings)});
}

void Coordinator::ask_again(const Here& here) {
  for (std::uint64_t left = here->awaiting; left != 0; left &= left - 1) {
    ask(here, question(here), lowest(left));
    here.announce_resent(here.kind().steps[lowest(left)].service);
  }
  here->timer = here.set_timer(kAnswerTimeout, here.settings.try_timeout);
}

// ---- Failures: exhausted retries, PENDING orders with their scheduler and operator, status
// queries

Outcome Coordinator::on_timer(const Home& home, const Timer& timer) {
  const Here here = at(home, timer.transaction);
  TXSIM_ASSERT(here.is_known(), "a forgotten transaction has no timer");
  here->timer = {};
  switch (timer.what.id) {
    case kAnswerTimeout.id:
      return missed(here);
    case kBackOff.id:
      ask_again(here);
      return Outcome::Unknown;
    case kScheduler.id:
      return run_scheduled(here);
    case kOperatorLooks.id:
      look(here);
      return Outcome::Unknown;
    default:
      TXSIM_ASSERT(false, "a timer that the coordinator never sets");
  }
  return Outcome::Unknown;
}

// Unreachable: no answer will come, so there is nothing to wait for before the next attempt.
Outcome Coordinator::on_refused(const Home& home, const Message& message) {
  const Here here = at(home, message.transaction, message.transaction_type);
  if (!here.is_known() || here->looking || !here->timer.is_set() ||
      message.type != question(here) || here->awaiting != bit(message.step)) {
    return Outcome::Unknown;  // one of several: the timer retries
  }
  here.cancel_timer(here->timer);
  return missed(here);
}

// All attempts have failed.
Outcome Coordinator::given_up(const Here& here) {
  here.cancel_timer(here->timer);
  switch (here->state) {
    case State::Created:  // unanswered steps may be reserved: cancelled with the rest
      return cancel(here);
    case State::Reserved:
    case State::Pending:
      pend(here);
      break;
    case State::Cancelled:
      here->awaiting = 0;
      if (here.settings.cancel_every) {
        wait_for_scheduler(here, *here.settings.cancel_every);
      } else {
        closed(here);  // left to the participants' sweeps
      }
      break;
  }
  return Outcome::Unknown;
}

// ---- PENDING

void Coordinator::pend(const Here& here) {
  const bool is_new = here->state == State::Reserved;
  here->awaiting = 0;
  if (is_new) {
    enter(here, State::Pending);
    log(here, kOrderPending);
    here.force();
  }
  wait_pending(here, is_new);
}

void Coordinator::wait_pending(const Here& here, bool is_new) {
  const TccSettings& settings = here.settings;
  switch (settings.pending_policy) {
    case PendingPolicy::Retry:
      wait_for_scheduler(here, settings.pending_every);
      break;
    case PendingPolicy::ConfirmAfter:
      wait_for_scheduler(here, is_new ? settings.confirm_after : settings.pending_every);
      break;
    case PendingPolicy::Alert:
      if (!settings.operator_after) break;
      here->timer = here.set_timer(kOperatorLooks, *settings.operator_after);
      break;
  }
}

void Coordinator::wait_for_scheduler(const Here& here, Duration wait) {
  here->timer = here.set_timer(kScheduler, wait);
}

// The scheduler continues with what was left, or what a crash interrupted.
Outcome Coordinator::run_scheduled(const Here& here) {
  if (here->state == State::Created) return cancel(here);
  return next(here);
}

// ---- The operator: receives an alert, inspects every step elsewhere, and decides.

void Coordinator::look(const Here& here) {
  here->looking = true;
  here->seen_confirmed = here->seen_void = 0;
  here->awaiting = targets(here);
  for (std::uint64_t left = here->awaiting; left != 0; left &= left - 1) {
    ask(here, kStatusQuery, lowest(left));
  }
  here->timer = here.set_timer(kOperatorLooks, *here.settings.operator_after);
}

Outcome Coordinator::on_seen(const Here& here, const Message& message) {
  if (!here.is_known() || !here->looking) return Outcome::Unknown;
  here->awaiting &= ~bit(message.step);
  switch (static_cast<StepState>(message.value)) {
    case StepState::Tried:
      break;
    case StepState::Confirmed:
      here->seen_confirmed |= bit(message.step);
      break;
    case StepState::None:
    case StepState::Cancelled:
    case StepState::Suspended:
      here->seen_void |= bit(message.step);
      break;
  }
  if (here->awaiting != 0) return Outcome::Unknown;
  return decide_by_hand(here);
}

// If any step is confirmed, all are confirmed. If the steps are only reserved, they are cancelled
// if the customer has meanwhile ordered again, and confirmed if not.
Outcome Coordinator::decide_by_hand(const Here& here) {
  here.cancel_timer(here->timer);
  here->looking = false;
  if (here->seen_confirmed == 0) {
    if (here->again || here->seen_void != 0) return cancel(here);
    if (is_executing(here.id)) {  // it may be the one: inspect again later
      wait_pending(here, false);
      return Outcome::Unknown;
    }
  }
  return next(here);
}

// Whether another submission of the order is under way and goes first: of several PENDING ones, the
// first is handled first.
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

void Coordinator::mark_siblings(const Here& here) {
  if (begun_.size() < 2) return;
  const std::uint64_t order = order_of(here.id);
  here.context.writes(here.id, order_item(order));
  for (std::uint64_t submission = 0; submission < 256; ++submission) {
    const TransactionId other = transaction_id(order, submission);
    Transaction* sibling = other == here.id ? nullptr : transactions_.find(other);
    if (sibling == nullptr) continue;
    sibling->again = true;
    here.context.reads(other, order_item(order));
  }
}

// ---- A participant asks for the order's status

void Coordinator::on_status_query(const Here& here, const Message& message) {
  OrderStatus status = OrderStatus::Cancelled;
  if (here.is_known()) {
    switch (here->state) {
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
  here.reply(message, kStatus, {.value = static_cast<std::int64_t>(status)});
}

// ---- Recovery and checkpoints. Nothing is forced while a node recovers, so that all its
// announcements about what it found come in the instant of its restart: the remaining work is left
// to the scheduler.

bool Coordinator::read(const Home& home, const LogRecord& record) {
  switch (record.type.id) {
    case kOrderCreated.id:
    case kOrderReserved.id:
    case kOrderPending.id:
    case kOrderConfirmed.id:
    case kOrderCancelled.id:
    case kOrderClosed.id:
      break;
    default:
      return false;
  }
  const auto note = record.body.get<OrderNote>();
  const TransactionId id = record.transaction;
  begun_.learn(note.number);
  switch (record.type.id) {
    case kOrderConfirmed.id:
      ended_.add(id, note.number, record.transaction_type, Outcome::Committed);
      transactions_.erase(id);
      for (std::uint64_t submission = 0; submission < 256; ++submission) {
        Transaction* sibling = transactions_.find(transaction_id(order_of(id), submission));
        if (sibling != nullptr) sibling->again = true;
      }
      return true;
    case kOrderClosed.id:
      transactions_.erase(id);
      return true;
    default:
      break;
  }
  Transaction& transaction = transactions_[id];
  transaction.number = note.number;
  transaction.kind = record.transaction_type;
  transaction.touched |= note.touched;
  transaction.again = transaction.again || note.again != 0;
  switch (record.type.id) {
    case kOrderCreated.id:
      transaction.state = State::Created;
      for (const NodeId node : home.kind(record.transaction_type).participants) {
        transaction.touched |= home.writes_of(record.transaction_type, node);
      }
      break;
    case kOrderReserved.id:
      transaction.state = State::Reserved;
      break;
    case kOrderPending.id:
      transaction.state = State::Pending;
      break;
    case kOrderCancelled.id:
      transaction.state = State::Cancelled;
      transaction.touched = note.touched;
      ended_.add(id, note.number, record.transaction_type, Outcome::Aborted);
      break;
    default:
      TXSIM_ASSERT(false, "a record that no coordinator writes");
  }
  return true;
}

Outcome Coordinator::outcome_in(const LogRecord& record) {
  if (record.type == kOrderConfirmed) return Outcome::Committed;
  return record.type == kOrderCancelled ? Outcome::Aborted : Outcome::Unknown;
}

// Returns the transactions that it resumes, and those that have ended with their outcome.
std::vector<Resumed> Coordinator::resume(const Home& home) {
  std::vector<Resumed> resumed;
  for (const auto& ended : ended_.take(transactions_)) {
    const bool is_carried_on = ended.standing == EndedTransactions::Standing::CarriedOn;
    if (is_carried_on) resumed.push_back({ended.id, ended.kind, ended.outcome});
    if (ended.standing == EndedTransactions::Standing::Superseded) continue;
    const Here here{home, ended.id, ended.kind};
    if (is_carried_on) here.enter_phase(Phase::Undoing);
    here.announce(FactKind::Decided, ended.outcome);
    if (here.own_writes() != 0) here.announce(FactKind::Finished, ended.outcome);
    if (!is_carried_on) here.enter_phase(Phase::Ended);
  }
  std::vector<BegunTransactions::Begun> left;
  transactions_.for_each_sorted([&](TransactionId id, const Transaction& transaction) {
    left.push_back({transaction.number, id});
  });
  begun_.resume(left);
  for (const BegunTransactions::Begun& begun : left) {
    const Here here = at(home, begun.id);
    if (here->state != State::Cancelled) resumed.push_back({here.id, here.kind_index});
    if (here->state == State::Created) {
      here.enter_phase(Phase::Working);
    } else if (here->state != State::Cancelled) {
      here.enter_phase(Phase::Finishing);
    }
    if (here->state == State::Pending) {
      wait_pending(here, true);
    } else if (here->state != State::Reserved || here.settings.resume_reserved) {
      wait_for_scheduler(here, Duration{0});
    }
  }
  return resumed;
}

void Coordinator::write_checkpoint(std::vector<LogRecord>& log) const {
  transactions_.for_each_sorted([&](TransactionId id, const Transaction& transaction) {
    Word type{};
    switch (transaction.state) {
      case State::Created:
        type = kOrderCreated;
        break;
      case State::Reserved:
        type = kOrderReserved;
        break;
      case State::Pending:
        type = kOrderPending;
        break;
      case State::Cancelled:
        type = kOrderCancelled;
        break;
    }
    log.push_back(record_of(type, id, transaction.kind, note_of(transaction)));
  });
}

}  // namespace txsim::tcc
