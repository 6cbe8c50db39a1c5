#include "services/lock_service.h"

#include <algorithm>

#include "services/items.h"
#include "sim/assert.h"

namespace txsim {
namespace {

// Body of the records.
struct LockNote {
  Period period;
  std::uint64_t ticket = 0;
  std::uint64_t token = 0;
  std::uint64_t has_expired = 0;  // of LockCleared: 1 on expiry, 0 on ReleaseLock
};

}  // namespace

void LockService::start(Context& context, std::span<const LogRecord> log) {
  for (const LogRecord& record : log) {
    const auto order = static_cast<std::uint64_t>(record.value);
    switch (record.type.id) {
      case kLockSet.id:
        locks_[order] = {record.transaction,
                         record.body.get<LockNote>().period,
                         record.body.get<LockNote>().ticket,
                         {},
                         record.body.get<LockNote>().token};
        tokens_ = std::max(tokens_, record.body.get<LockNote>().token);
        break;
      case kTokensGiven.id:
        tokens_ = std::max(tokens_, static_cast<std::uint64_t>(record.value));
        break;
      case kLockCleared.id:
        locks_.erase(order);
        break;
      default:
        TXSIM_ASSERT(false, "a record that is not the lock service's");
    }
  }
  // The crash may have come between a record and its fact.
  for (const LogRecord& record : log) {
    const bool is_free = !locks_.contains(static_cast<std::uint64_t>(record.value));
    if (is_free && record.type == kLockCleared) announce_unlocked(context, record);
  }
  locks_.for_each_sorted([&](std::uint64_t order, Lock& lock) {
    announce_locked(context, order, lock);
    if (!settings_.expiry) return;
    lock.timer = context.set_timer_at_end(kLockExpiry, lock.period, *settings_.expiry, lock.owner,
                                          static_cast<std::int64_t>(order));
  });
}

void LockService::on(Context& context, const Message& message) {
  switch (message.type.id) {
    case kAcquireLock.id:
      on_acquire(context, message);
      return;
    case kReleaseLock.id:
      on_release(context, message);
      return;
    default:
      TXSIM_ASSERT(false, "a message that the lock service does not know");
  }
}

void LockService::on_acquire(Context& context, const Message& message) {
  const std::uint64_t order = order_of(message.transaction);
  context.reads(message.transaction, order_item(order));
  Lock* lock = locks_.find(order);
  const bool is_its_own =
      lock == nullptr || (settings_.knows_owner && lock->owner == message.transaction);
  const std::uint64_t ticket = message.body.get<LockTicket>().number;
  if (lock == nullptr) {
    set(context, message);
  } else if (is_its_own && lock->ticket < ticket) {
    lock->ticket = ticket;
    context.append(record_of(kLockSet, order, *lock));
    context.force();
    context.writes(lock->owner, order_item(order));
  }
  if (is_its_own) {
    answer(context, message, kLockAcquired, locks_.find(order)->token);
  } else {
    answer(context, message, kLockDenied);
  }
}

void LockService::on_release(Context& context, const Message& message) {
  const std::uint64_t order = order_of(message.transaction);
  const Lock* lock = locks_.find(order);
  const bool is_its_own = lock != nullptr && lock->owner == message.transaction &&
                          lock->ticket <= message.body.get<LockTicket>().number;
  if (is_its_own || (lock != nullptr && !settings_.owner_check)) clear(context, order, false);
  context.reads(message.transaction, order_item(order));
  answer(context, message, kLockFreed);
}

void LockService::on(Context& context, const Timer& timer) {
  TXSIM_ASSERT(timer.what == kLockExpiry, "a timer that is not the lock service's");
  clear(context, static_cast<std::uint64_t>(timer.value), true);
}

// Idempotent receivers ask again when they get no answer.
void LockService::on_refused(Context& context, const Message& message) {
  (void)context;
  (void)message;
}

void LockService::set(Context& context, const Message& request) {
  const std::uint64_t order = order_of(request.transaction);
  Lock& lock = locks_[order];
  lock.owner = request.transaction;
  lock.ticket = request.body.get<LockTicket>().number;
  lock.token = ++tokens_;
  if (settings_.expiry) {
    lock.period = context.begin_period(kLockExpiry, order, *settings_.expiry);
    lock.timer = context.set_timer_at_end(kLockExpiry, lock.period, *settings_.expiry, lock.owner,
                                          static_cast<std::int64_t>(order));
  }
  context.append(record_of(kLockSet, order, lock));
  context.force();
  context.writes(lock.owner, order_item(order));
  announce_locked(context, order, lock);
}

// An expiry needs no force: it would happen again after a crash.
void LockService::clear(Context& context, std::uint64_t order, bool expired) {
  Lock* lock = locks_.find(order);
  TXSIM_ASSERT(lock != nullptr, "frees a lock that is not there");
  context.cancel_timer(lock->timer);
  const LogRecord record = record_of(kLockCleared, order, *lock, expired);
  context.append(record);
  if (!expired) context.force();
  context.writes(lock->owner, order_item(order));
  announce_unlocked(context, record);
  locks_.erase(order);
}

void LockService::announce_locked(Context& context, std::uint64_t order, const Lock& lock) {
  context.announce({.what = fact_word(FactKind::OrderLocked),
                    .transaction = lock.owner,
                    .value = static_cast<std::int64_t>(order)});
}

void LockService::announce_unlocked(Context& context, const LogRecord& cleared) {
  context.announce({.what = fact_word(FactKind::OrderUnlocked),
                    .transaction = cleared.transaction,
                    .value = cleared.value,
                    .extra = static_cast<std::int64_t>(cleared.body.get<LockNote>().has_expired)});
}

void LockService::answer(Context& context, const Message& question, Word type,
                         std::uint64_t token) const {
  Message message = question;
  message.to = question.from;
  message.type = type;
  if (token != 0) message.body.put(LockGrant{question.body.get<LockTicket>(), token});
  context.send(message);
}

LogRecord LockService::record_of(Word type, std::uint64_t order, const Lock& lock,
                                 bool has_expired) {
  LogRecord record;
  record.type = type;
  record.transaction = lock.owner;
  record.value = static_cast<std::int64_t>(order);
  record.body.put(LockNote{lock.period, lock.ticket, lock.token, has_expired ? 1U : 0U});
  return record;
}

bool LockService::checkpoint(std::vector<LogRecord>& log) const {
  LogRecord given;
  given.type = kTokensGiven;
  given.value = static_cast<std::int64_t>(tokens_);
  log.push_back(given);
  locks_.for_each_sorted([&](std::uint64_t order, const Lock& lock) {
    log.push_back(record_of(kLockSet, order, lock));
  });
  return true;
}

Description lock_service_description() {
  Description info;
  info.name = "lock-service";
  info.what =
      "One lock for each order: set if absent, with an expiry, released only by its owner. A node "
      "of its own that the idempotent receivers of services ask.";
  info.source =
      "Redis documentation (SET with NX and PX; Distributed Locks with Redis); Kleppmann, How to "
      "do distributed locking, 2016 (fencing tokens); Burrows, The Chubby Lock Service, OSDI 2006 "
      "(sequencers).";
  info.roles = {
      {"lock service", "holds the locks, in a log that survives crashes"},
      {"idempotent receiver", "acquires before it executes an order, releases afterwards"}};
  info.messages = {
      {"AcquireLock", "the receiver asks for the order's lock (value: the order)"},
      {"LockAcquired", "it was free, or the asker's own already; with the grant's token"},
      {"LockDenied", "it is somebody else's"},
      {"ReleaseLock", "its owner needs it no longer"},
      {"LockFreed", "acknowledges, whether or not there was a lock to free"}};
  info.records = {{"LockSet", "forced before LockAcquired (value: the order)"},
                  {"LockCleared", "forced before LockFreed; not forced on expiry"},
                  {"TokensGiven", "in a checkpoint: the last token (value)"}};
  info.timers = {{"LockExpiry", "the lock is free again (value: the order)"}};
  info.states = {{"free", "AcquireLock makes it held"},
                 {"held", "its owner's ReleaseLock, or the expiry, makes it free"}};
  info.deviations = {
      {"tickets",
       "requests are numbered so that a late release does not free a lock that its owner "
       "has requested again after a crash"},
      {"durable", "locks and tokens survive a crash of the lock service"}};
  return info;
}

}  // namespace txsim
