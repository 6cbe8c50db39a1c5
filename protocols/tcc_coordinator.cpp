#include "protocols/tcc_coordinator.h"

#include <algorithm>

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

}  // namespace txsim::tcc
