#include "protocols/tcc/coordinator.h"

#include <algorithm>

#include "services/items.h"
#include "sim/assert.h"

namespace txsim::tcc {
void Coordinator::enter(Transaction& transaction, State state) {
  const State from = transaction.state;
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
  transaction.state = state;
}

void Coordinator::log(const Home& home, Word type, TransactionId id,
                      const Transaction& transaction) const {
  LogRecord record;
  record.type = type;
  record.kind = transaction.kind;
  record.transaction = id;
  record.body.put(OrderNote{transaction.number, transaction.touched,
                            transaction.again ? std::uint64_t{1} : std::uint64_t{0}});
  home.context.append(record);
}

Outcome Coordinator::on(const Home& home, const Message& message) {
  // A participant that has seen later numbers says so: our clock went back over a restart.
  begun_.learn(message.body.get<Mark>().oldest);
  switch (message.type.id) {
    case kTried.id:
      return on_tried(home, message, false);
    case kTryRefused.id:
      return on_tried(home, message, true);
    case kConfirmed.id:
      return on_ended(home, message, State::Reserved);
    case kCancelled.id:
      return on_ended(home, message, State::Cancelled);
    case kCancelRefused.id:  // the operator was wrong: it had been confirmed
      home.announce(FactKind::HeuristicReported, message.transaction,
                    static_cast<std::int64_t>(Outcome::Committed), message.kind, message.from);
      return on_ended(home, message, State::Cancelled);
    case kConfirmRefused.id: {
      Transaction* transaction = transactions_.find(message.transaction);
      if (transaction == nullptr || question(*transaction) != kConfirm ||
          (transaction->awaiting & bit(message.step)) == 0) {
        return Outcome::Unknown;
      }
      return given_up(home, message.transaction, *transaction);
    }
    case kStatusQuery.id:
      on_status_query(home, message);
      return Outcome::Unknown;
    case kStatus.id:
      return on_seen(home, message);
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
  transaction.number = begun_.begin(id, home.context.now());
  home.enter_phase(id, Phase::Begun, kind);
  home.enter_phase(id, Phase::Working, kind);
  log(home, kOrderCreated, id, transaction);
  return work(home, id, transaction);
}

// Tries the steps from the current one on, until one has to be waited for.
Outcome Coordinator::work(const Home& home, TransactionId id, Transaction& transaction) {
  const TransactionKind& kind = home.kind(transaction.kind);
  std::uint64_t elsewhere = 0;
  for (; transaction.step < kind.steps.size(); ++transaction.step) {
    if (kind.steps[transaction.step].service != home.self()) {
      elsewhere |= bit(transaction.step);
      if (home.settings.parallel) continue;
      break;
    }
    const StepPlace place{id, transaction.kind, transaction.step, transaction.number};
    if (!home.reservations.reserve(home.context, home.store, place)) {
      return cancel(home, id, transaction);
    }
  }
  if (elsewhere == 0) return reserved(home, id, transaction);
  transaction.touched |= elsewhere;
  call(home, id, transaction, elsewhere);
  return Outcome::Unknown;
}

Outcome Coordinator::on_tried(const Home& home, const Message& message, bool refused) {
  Transaction* transaction = transactions_.find(message.transaction);
  if (transaction == nullptr || transaction->state != State::Created ||
      (transaction->awaiting & bit(message.step)) == 0) {
    return Outcome::Unknown;  // a duplicate, or too late
  }
  if (refused && !home.settings.refusal_is_final) {
    home.context.cancel_timer(transaction->timer);
    back_off(home, message.transaction, *transaction);  // however often it was asked
    return Outcome::Unknown;
  }
  transaction->awaiting &= ~bit(message.step);
  if (refused) {
    transaction->touched &= ~bit(message.step);
    return cancel(home, message.transaction, *transaction);
  }
  if (transaction->awaiting != 0) return Outcome::Unknown;
  home.context.cancel_timer(transaction->timer);
  if (!home.settings.parallel) ++transaction->step;
  return work(home, message.transaction, *transaction);
}

// ---- Confirm and Cancel

// All steps hold what they need: from here on the order is to be confirmed.
Outcome Coordinator::reserved(const Home& home, TransactionId id, Transaction& transaction) {
  home.enter_phase(id, Phase::Deciding, transaction.kind);
  enter(transaction, State::Reserved);
  log(home, kOrderReserved, id, transaction);
  home.reservations.flush(home.context, id);
  home.enter_phase(id, Phase::Finishing, transaction.kind);
  return next(home, id, transaction);
}

Outcome Coordinator::cancel(const Home& home, TransactionId id, Transaction& transaction) {
  const std::uint16_t kind = transaction.kind;
  home.context.cancel_timer(transaction.timer);
  enter(transaction, State::Cancelled);
  log(home, kOrderCancelled, id, transaction);
  for (std::uint64_t left = home.reservations.tried(id); left != 0; left &= left - 1) {
    home.reservations.cancel(home.context, home.store,
                             {id, kind, lowest(left), transaction.number});
  }
  home.reservations.flush(home.context, id);
  home.announce(FactKind::Decided, id, Outcome::Aborted, kind);
  home.enter_phase(id, Phase::Undoing, kind);
  if (home.writes_of(kind, home.self()) != 0) {
    home.announce(FactKind::Finished, id, Outcome::Aborted, kind);
  }
  transaction.done = transaction.awaiting = 0;
  [[maybe_unused]] const Outcome none = next(home, id, transaction);
  return Outcome::Aborted;
}

// The steps elsewhere that have to be told.
std::uint64_t Coordinator::targets(const Home& home, const Transaction& transaction) const {
  std::uint64_t steps = 0;
  for (const NodeId node : home.kind(transaction.kind).participants) {
    steps |= home.writes_of(transaction.kind, node);
  }
  return transaction.state == State::Cancelled ? steps & transaction.touched : steps;
}

Outcome Coordinator::next(const Home& home, TransactionId id, Transaction& transaction) {
  const std::uint64_t left = targets(home, transaction) & ~transaction.done;
  if (left != 0) {
    call(home, id, transaction, home.settings.parallel ? left : bit(lowest(left)));
    return Outcome::Unknown;
  }
  home.context.cancel_timer(transaction.timer);
  if (transaction.state != State::Cancelled) return confirmed(home, id, transaction);
  closed(home, id, transaction);
  return Outcome::Unknown;
}

// A step elsewhere is confirmed (state: RESERVED) or cancelled.
Outcome Coordinator::on_ended(const Home& home, const Message& message, State state) {
  Transaction* transaction = transactions_.find(message.transaction);
  if (transaction == nullptr || transaction->state == State::Created) return Outcome::Unknown;
  if ((transaction->state == State::Cancelled) != (state == State::Cancelled)) {
    return Outcome::Unknown;
  }
  transaction->done |= bit(message.step);
  if (transaction->looking || (transaction->awaiting & bit(message.step)) == 0) {
    return Outcome::Unknown;  // a duplicate, or somebody is asking again anyway
  }
  transaction->awaiting &= ~bit(message.step);
  if (transaction->awaiting != 0) return Outcome::Unknown;
  home.context.cancel_timer(transaction->timer);
  return next(home, message.transaction, *transaction);
}

Outcome Coordinator::confirmed(const Home& home, TransactionId id, Transaction& transaction) {
  const std::uint16_t kind = transaction.kind;
  for (std::uint64_t left = home.reservations.tried(id); left != 0; left &= left - 1) {
    home.reservations.confirm(home.context, home.store,
                              {id, kind, lowest(left), transaction.number});
  }
  log(home, kOrderConfirmed, id, transaction);
  home.reservations.flush(home.context, id);
  home.announce(FactKind::Decided, id, Outcome::Committed, kind);
  if (home.writes_of(kind, home.self()) != 0) {
    home.announce(FactKind::Finished, id, Outcome::Committed, kind);
  }
  mark_siblings(home, id);
  forget(home, id, kind);
  return Outcome::Committed;
}

void Coordinator::closed(const Home& home, TransactionId id, const Transaction& transaction) {
  log(home, kOrderClosed, id, transaction);
  forget(home, id, transaction.kind);
}

void Coordinator::forget(const Home& home, TransactionId id, std::uint16_t kind) {
  home.enter_phase(id, Phase::Ended, kind);
  transactions_.erase(id);
  begun_.forget([&](TransactionId known) {
    return transactions_.contains(known) || home.context.waits(known);
  });
  home.reservations.learn_oldest(home.self(), begun_.oldest());
}

// ---- Asking, and asking again

Word Coordinator::question(const Transaction& transaction) const {
  switch (transaction.state) {
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

void Coordinator::call(const Home& home, TransactionId id, Transaction& transaction,
                       std::uint64_t steps) {
  if (transaction.state == State::Created) home.reservations.flush(home.context, id);
  transaction.awaiting = steps;
  transaction.attempts = 0;
  for (std::uint64_t left = steps; left != 0; left &= left - 1) {
    send(home, question(transaction), id, transaction, lowest(left));
  }
  transaction.timer = home.context.set_timer(kAnswerTimeout, home.settings.try_timeout, id);
}

void Coordinator::send(const Home& home, Word type, TransactionId id,
                       const Transaction& transaction, std::uint16_t step) const {
  const NodeId to = home.kind(transaction.kind).steps[step].service;
  const std::uint64_t ending =
      type == kTry ? 0 : targets(home, transaction) & home.writes_of(transaction.kind, to);
  home.send(to, type, {id, transaction.kind, step, transaction.number},
            begun_.mark(transaction.number, ending));
}

// No answer: perhaps it took effect and perhaps not. After a while it is asked again.
Outcome Coordinator::missed(const Home& home, TransactionId id, Transaction& transaction) {
  if (!home.settings.retry || transaction.attempts >= home.settings.retries) {
    return given_up(home, id, transaction);
  }
  back_off(home, id, transaction);
  return Outcome::Unknown;
}

void Coordinator::back_off(const Home& home, TransactionId id, Transaction& transaction) {
  const int doublings = std::min<int>(transaction.attempts, 10);
  if (transaction.attempts < home.settings.retries) ++transaction.attempts;
  transaction.timer = home.context.set_timer(
      kBackOff, Duration{home.settings.back_off.ns * (std::int64_t{1} << doublings)}, id);
}

void Coordinator::ask_again(const Home& home, TransactionId id, Transaction& transaction) {
  for (std::uint64_t left = transaction.awaiting; left != 0; left &= left - 1) {
    send(home, question(transaction), id, transaction, lowest(left));
    home.announce(FactKind::Resent, id, 0, 0,
                  home.kind(transaction.kind).steps[lowest(left)].service);
  }
  transaction.timer = home.context.set_timer(kAnswerTimeout, home.settings.try_timeout, id);
}

// ---- Failures: retries that are used up, PENDING orders with their scheduler and operator, status
// queries

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

// ---- Recovery and checkpoints. Nothing is forced while a node recovers, so that all it announces
// about what it found comes in the instant of its restart:
// what there is to do is left to the scheduler.

void Coordinator::read(const Home& home, const LogRecord& record) {
  const auto note = record.body.get<OrderNote>();
  const TransactionId id = record.transaction;
  begun_.learn(note.number);
  switch (record.type.id) {
    case kOrderConfirmed.id:
      ended_.add(id, note.number, record.kind, Outcome::Committed);
      transactions_.erase(id);
      for (std::uint64_t submission = 0; submission < 256; ++submission) {
        Transaction* sibling = transactions_.find(transaction_id(order_of(id), submission));
        if (sibling != nullptr) sibling->again = true;
      }
      return;
    case kOrderClosed.id:
      transactions_.erase(id);
      return;
    default:
      break;
  }
  Transaction& transaction = transactions_[id];
  transaction.number = note.number;
  transaction.kind = record.kind;
  transaction.touched |= note.touched;
  transaction.again = transaction.again || note.again != 0;
  switch (record.type.id) {
    case kOrderCreated.id:
      transaction.state = State::Created;
      for (const NodeId node : home.kind(record.kind).participants) {
        transaction.touched |= home.writes_of(record.kind, node);
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
      ended_.add(id, note.number, record.kind, Outcome::Aborted);
      break;
    default:
      TXSIM_ASSERT(false, "a record that no coordinator writes");
  }
}

// Gives the transactions that it carries on, and those that have ended, with their outcome.
std::vector<Coordinator::Resumed> Coordinator::resume(const Home& home) {
  std::vector<Resumed> resumed;
  for (const auto& ended : ended_.take(transactions_)) {
    const bool is_carried_on = ended.standing == EndedTransactions::Standing::CarriedOn;
    resumed.push_back({ended.id, ended.kind, ended.outcome, is_carried_on});
    if (ended.standing == EndedTransactions::Standing::Superseded) continue;
    if (is_carried_on) home.enter_phase(ended.id, Phase::Undoing, ended.kind);
    home.announce(FactKind::Decided, ended.id, ended.outcome, ended.kind);
    if (home.writes_of(ended.kind, home.self()) != 0) {
      home.announce(FactKind::Finished, ended.id, ended.outcome, ended.kind);
    }
    if (!is_carried_on) home.enter_phase(ended.id, Phase::Ended, ended.kind);
  }
  std::vector<BegunTransactions::Begun> left;
  transactions_.for_each_sorted([&](TransactionId id, const Transaction& transaction) {
    left.push_back({transaction.number, id});
  });
  begun_.resume(left);
  for (const BegunTransactions::Begun& begun : left) {
    Transaction& transaction = *transactions_.find(begun.id);
    if (transaction.state != State::Cancelled) resumed.push_back({begun.id, transaction.kind});
    if (transaction.state == State::Created) {
      home.enter_phase(begun.id, Phase::Working, transaction.kind);
    } else if (transaction.state != State::Cancelled) {
      home.enter_phase(begun.id, Phase::Finishing, transaction.kind);
    }
    if (transaction.state == State::Pending) {
      wait_pending(home, begun.id, transaction, true);
    } else if (transaction.state != State::Reserved || home.settings.resume_reserved) {
      wait_for_scheduler(home, begun.id, transaction, Duration{0});
    }
  }
  return resumed;
}

void Coordinator::write_checkpoint(std::vector<LogRecord>& log) const {
  transactions_.for_each_sorted([&](TransactionId id, const Transaction& transaction) {
    LogRecord record;
    switch (transaction.state) {
      case State::Created:
        record.type = kOrderCreated;
        break;
      case State::Reserved:
        record.type = kOrderReserved;
        break;
      case State::Pending:
        record.type = kOrderPending;
        break;
      case State::Cancelled:
        record.type = kOrderCancelled;
        break;
    }
    record.kind = transaction.kind;
    record.transaction = id;
    record.body.put(OrderNote{transaction.number, transaction.touched,
                              transaction.again ? std::uint64_t{1} : std::uint64_t{0}});
    log.push_back(record);
  });
}

}  // namespace txsim::tcc
