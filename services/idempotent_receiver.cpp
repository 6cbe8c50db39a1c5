#include "services/idempotent_receiver.h"

#include <algorithm>

#include "services/items.h"
#include "services/lock_service.h"
#include "sim/assert.h"

namespace txsim {
namespace {

constexpr std::uint64_t kOrdersInPage = 32;

constexpr int shift_of(std::uint64_t order) { return static_cast<int>(order % kOrdersInPage) * 2; }

}  // namespace

IdempotentReceiver::IdempotentReceiver(std::shared_ptr<const Plan> plan,
                                       const IdempotentReceiverSettings& settings)
    : plan_(std::move(plan)), settings_(settings) {}

bool IdempotentReceiver::is_mine(Word message_type) {
  switch (message_type.id) {
    case kSubmit.id:
    case kOrderQuery.id:
    case kLockAcquired.id:
    case kLockDenied.id:
    case kLockFreed.id:
      return true;
    default:
      return false;
  }
}

IdempotentReceiver::Admission IdempotentReceiver::on(Context& context, const Message& message) {
  switch (message.type.id) {
    case kSubmit.id:
      return on_submit(context, message);
    case kLockAcquired.id:
      return on_lock_acquired(context, message);
    case kLockDenied.id:
      on_lock_denied(context, message);
      return {};
    case kLockFreed.id:
      on_lock_freed(context, message);
      return {};
    case kOrderQuery.id:
      on_query(context, message);
      return {};
    default:
      TXSIM_ASSERT(false, "a message that is not the receiver's");
  }
}

// ---- One handler a message, in the order of the happy path

IdempotentReceiver::Admission IdempotentReceiver::on_submit(Context& context,
                                                            const Message& message) {
  const TransactionId transaction = message.transaction;
  if (Submission* submission = submissions_.find(transaction)) {
    switch (submission->state) {
      case State::Asking:
      case State::UnderWay:
        submission->client = message.from;  // answered when it ends
        if (submission->is_accepted) accept(context, transaction);
        return {};
      case State::Releasing:  // has ended; submitted once more
        context.cancel_timer(submission->timer);
        break;
    }
  }
  Submission& submission = submissions_[transaction];
  submission.client = message.from;
  submission.kind = message.transaction_type;
  if (locks()) {
    submission.state = State::Asking;
    submission.ticket = tickets_.next(context.ascending());
    ask(context, transaction, submission, kAcquireLock);
    return {};
  }
  if (const auto outcome = known(order_of(transaction))) {
    recognise(context, transaction, submission, *outcome);
    submissions_.erase(transaction);
    return {};
  }
  submission.state = State::UnderWay;
  return {transaction, submission.kind, 0};
}

bool IdempotentReceiver::is_under_way(TransactionId transaction) const {
  const Submission* submission = submissions_.find(transaction);
  return submission != nullptr && submission->state == State::UnderWay;
}

void IdempotentReceiver::turn_away(Context& context, TransactionId transaction) {
  const Submission submission = *submissions_.find(transaction);
  reply(context, transaction, submission, Reply::Busy);
  let_go(context, transaction, submission.ticket);
}

IdempotentReceiver::Admission IdempotentReceiver::on_lock_acquired(Context& context,
                                                                   const Message& message) {
  const TransactionId transaction = message.transaction;
  const auto grant = message.body.get<LockGrant>();
  const std::uint64_t ticket = grant.ticket.number;
  Submission* submission = submissions_.find(transaction);
  if (submission == nullptr) {  // requested before a crash, or twice: not needed
    let_go(context, transaction, ticket);
    return {};
  }
  switch (submission->state) {
    case State::Asking:
      if (ticket != submission->ticket) return {};  // requested before a crash
      context.cancel_timer(submission->timer);
      if (const auto outcome = known(order_of(transaction))) {
        recognise(context, transaction, *submission, *outcome);
        let_go(context, transaction, ticket);
        return {};
      }
      submission->state = State::UnderWay;
      return {transaction, submission->kind, fences() ? grant.token : 0};
    case State::UnderWay:  // requested twice, answered twice
      return {};
    case State::Releasing:
      let_go(context, transaction, submission->ticket);
      return {};
  }
  TXSIM_ASSERT(false, "no such state");
}

void IdempotentReceiver::finish(Context& context, TransactionId transaction, Outcome outcome) {
  TXSIM_ASSERT(outcome != Outcome::Unknown, "finishes without an outcome");
  if (outcome != Outcome::Committed) write_saved(context, transaction, outcome);
  remember(order_of(transaction), outcome);
  Submission* submission = submissions_.find(transaction);
  if (submission != nullptr && submission->is_accepted) keep(context, transaction, outcome);
  if (submission != nullptr && submission->client != kNoNode) {
    force_saved(context, transaction);
    reply(context, transaction, *submission, reply_for(outcome));
    submission->client = kNoNode;
  }
  if (remembers()) context.writes(transaction, order_item(order_of(transaction)));
  const bool has_ticket = submission != nullptr && submission->ticket != 0;
  let_go(context, transaction,
         has_ticket ? submission->ticket : tickets_.next(context.ascending()));
}

void IdempotentReceiver::on_lock_freed(Context& context, const Message& message) {
  Submission* submission = submissions_.find(message.transaction);
  if (submission == nullptr) return;  // acknowledged before
  switch (submission->state) {
    case State::Asking:  // a late acknowledgement: the submission has come again
    case State::UnderWay:
      return;
    case State::Releasing:
      if (message.body.get<LockTicket>().number != submission->ticket) return;
      context.cancel_timer(submission->timer);
      submissions_.erase(message.transaction);
      return;
  }
}

void IdempotentReceiver::on_lock_denied(Context& context, const Message& message) {
  Submission* submission = submissions_.find(message.transaction);
  if (submission == nullptr) return;  // answered before
  switch (submission->state) {
    case State::Asking:
      if (message.body.get<LockTicket>().number != submission->ticket) return;
      context.cancel_timer(submission->timer);
      reply(context, message.transaction, *submission, Reply::Busy);
      submissions_.erase(message.transaction);
      return;
    case State::UnderWay:  // overtaken by the answer to a later request
    case State::Releasing:
      return;
  }
}

bool IdempotentReceiver::on_timer(Context& context, const Timer& timer) {
  if (timer.what == kOutcomesOld) {
    drop_old_outcomes(context);
    return true;
  }
  if (timer.what != kLockOverdue) return false;
  Submission* submission = submissions_.find(timer.transaction);
  TXSIM_ASSERT(submission != nullptr, "waits for the lock service without a submission");
  switch (submission->state) {
    case State::Asking:
      ask(context, timer.transaction, *submission, kAcquireLock);
      break;
    case State::UnderWay:
      TXSIM_ASSERT(false, "waits for the lock service while it has the lock");
    case State::Releasing:
      ask(context, timer.transaction, *submission, kReleaseLock);
      break;
  }
  context.announce({.what = fact_word(FactKind::Resent),
                    .peer = settings_.lock_service,
                    .transaction = timer.transaction});
  return true;
}

// ---- Parts of the handlers

void IdempotentReceiver::recognise(Context& context, TransactionId transaction,
                                   const Submission& submission, Outcome outcome) {
  force_saved(context, transaction);
  context.announce({.what = fact_word(FactKind::Recognised),
                    .transaction = transaction,
                    .value = static_cast<std::int64_t>(order_of(transaction))});
  reply(context, transaction, submission, reply_for(outcome));
}

void IdempotentReceiver::reply(Context& context, TransactionId transaction,
                               const Submission& submission, Reply reply) const {
  if (submission.client == kNoNode) return;
  Message message;
  message.to = submission.client;
  message.type = kReply;
  message.transaction_type = submission.kind;
  message.transaction = transaction;
  message.value = static_cast<std::int64_t>(reply);
  context.send(message);
}

void IdempotentReceiver::ask(Context& context, TransactionId transaction, Submission& submission,
                             Word what) const {
  Message message;
  message.to = settings_.lock_service;
  message.type = what;
  message.transaction_type = submission.kind;
  message.transaction = transaction;
  message.value = static_cast<std::int64_t>(order_of(transaction));
  message.body.put(LockTicket{submission.ticket});
  context.send(message);
  submission.timer = context.set_timer(kLockOverdue, settings_.lock_timeout, transaction);
}

// Nothing more is to be done for the submission but to free its lock.
void IdempotentReceiver::let_go(Context& context, TransactionId transaction, std::uint64_t ticket) {
  if (!locks()) {
    submissions_.erase(transaction);
    return;
  }
  Submission& submission = submissions_[transaction];
  context.cancel_timer(submission.timer);
  submission.client = kNoNode;
  submission.ticket = ticket;
  submission.state = State::Releasing;
  ask(context, transaction, submission, kReleaseLock);
}

void IdempotentReceiver::resume(TransactionId transaction, std::uint16_t kind, bool is_accepted) {
  Submission& submission = submissions_[transaction];
  submission.kind = kind;
  submission.state = State::UnderWay;
  submission.is_accepted = is_accepted;
}

// ---- Known orders

std::optional<Outcome> IdempotentReceiver::known(std::uint64_t order) const {
  const std::uint64_t* page = saved_.find(order / kOrdersInPage);
  if (page == nullptr) return std::nullopt;
  const auto outcome = static_cast<Outcome>((*page >> shift_of(order)) & 3U);
  if (outcome == Outcome::Unknown) return std::nullopt;
  return outcome;
}

// An order that was executed stays so, whatever becomes of another execution that raced it.
void IdempotentReceiver::remember(std::uint64_t order, Outcome outcome) {
  if (!remembers() || known(order) == Outcome::Committed) return;
  std::uint64_t& page = saved_[order / kOrdersInPage];
  page &= ~(std::uint64_t{3} << shift_of(order));
  page |= static_cast<std::uint64_t>(outcome) << shift_of(order);
}

void IdempotentReceiver::save(Context& context, TransactionId transaction, Outcome outcome) {
  write_saved(context, transaction, outcome);
  force_saved(context, transaction);
}

void IdempotentReceiver::write_saved(Context& context, TransactionId transaction, Outcome outcome) {
  const auto before = known(order_of(transaction));
  if (!remembers() || before == outcome || before == Outcome::Committed) return;
  LogRecord record;
  record.type = kOrderSaved;
  record.transaction = transaction;
  record.value = static_cast<std::int64_t>(outcome);
  context.append(record);
  unforced_.push_back(transaction);
  remember(order_of(transaction), outcome);
}

// The transaction says what became of an order: that is durable before anybody hears of it.
void IdempotentReceiver::force_saved(Context& context, TransactionId transaction) {
  if (!unforced_.empty()) {
    context.force_all(transaction);
    for (const TransactionId saved : unforced_) {
      context.writes(transaction, order_item(order_of(saved)));
    }
    unforced_.clear();
  }
  context.reads(transaction, order_item(order_of(transaction)));
}

bool IdempotentReceiver::recover(const LogRecord& record) {
  if (record.type == kOrderSaved) {
    remember(order_of(record.transaction), static_cast<Outcome>(record.value));
    return true;
  }
  if (record.type == kOutcomeKept) {
    put_kept(record.transaction, static_cast<Outcome>(record.value));
    return true;
  }
  if (record.type != kOrdersSaved) return false;
  saved_[static_cast<std::uint64_t>(record.value)] = record.body.get<std::uint64_t>();
  return true;
}

void IdempotentReceiver::write_checkpoint(std::vector<LogRecord>& log) const {
  saved_.for_each_sorted([&](std::uint64_t page, std::uint64_t outcomes) {
    LogRecord record;
    record.type = kOrdersSaved;
    record.value = static_cast<std::int64_t>(page);
    record.body.put(outcomes);
    log.push_back(record);
  });
  kept_.for_each_sorted([&](std::uint64_t transaction, Outcome outcome) {
    LogRecord record;
    record.type = kOutcomeKept;
    record.transaction = transaction;
    record.value = static_cast<std::int64_t>(outcome);
    log.push_back(record);
  });
}

Description idempotent_receiver_description() {
  Description info;
  info.name = "idempotent-receiver";
  info.what =
      "Stands before any protocol so that the same order is executed once: recognises orders by "
      "their id, and keeps two executions of one order apart by a lock.";
  info.source =
      "Idempotent Receiver: Hohpe & Woolf, Enterprise Integration Patterns, 2003; Helland, "
      "Idempotence Is Not a Medical Condition, 2012. Fencing: Kleppmann, How to do distributed "
      "locking, 2016; Burrows, The Chubby Lock Service, OSDI 2006.";
  info.roles = {{"idempotent receiver", "in each service where transactions begin"},
                {"client", "submits orders under an id that it was given beforehand"},
                {"lock service", "holds one lock for each order"}};
  info.messages = {
      {"Submit", "client to receiver: execute the order (value: its number)"},
      {"Reply",
       "receiver to client (value: 1 done, 2 failed, 3 busy, 4 accepted, 5 in "
       "progress)"},
      {"OrderQuery", "client to receiver: what has become of an accepted order?"},
      {"AcquireLock", "receiver to lock service (value: the order)"},
      {"LockAcquired", "the order is locked for this submission, under a token of its own"},
      {"LockDenied", "another submission of the order holds the lock"},
      {"ReleaseLock", "the submission has ended; sent again until acknowledged"},
      {"LockFreed", "acknowledges ReleaseLock"}};
  info.records = {{"OrderSaved", "the outcome of an order, if no record of the protocol shows it"},
                  {"OrdersSaved", "in a checkpoint: the outcomes of 32 orders"},
                  {"OutcomeKept", "in a checkpoint: the outcome of an accepted order"}};
  info.timers = {{"LockOverdue", "the lock service has not answered: asked again"},
                 {"OutcomesOld", "outcomes kept long enough are dropped"}};
  info.states = {{"Asking", "waits for the order's lock; then UnderWay, or ends as known or busy"},
                 {"UnderWay", "the protocol executes it; then Releasing"},
                 {"Releasing", "ended; waits until the lock service has freed the lock"}};
  info.deviations = {
      {"memory", "outcomes are remembered only where an order may be submitted more than once"},
      {"crash", "only its expiry frees a lock whose submission was lost in a crash"}};
  info.promises = {"exactly-once", "truthful-reply"};
  info.conditions = {
      {"all",
       "order_id, lock, fencing and lock-service.owner_check are on: without fencing, a pause that "
       "is longer than the lock's expiry lets two executions through"},
      {"convergence of the protocol behind it",
       "where orders are locked, locks expire (lock-service.expiry): nothing else frees the lock "
       "of "
       "a submission that was lost in a crash"}};
  return info;
}

}  // namespace txsim
