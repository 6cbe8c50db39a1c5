#include "services/store.h"

#include "services/step_set.h"
#include "sim/assert.h"

namespace txsim {
Store::Store(std::shared_ptr<const Plan> plan, NodeId self, const StoreSettings& settings)
    : plan_(std::move(plan)), self_(self), settings_(settings), locks_(0) {
  const std::vector<Resource>& resources = plan_->resources;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    if (resources[i].service != self_) continue;
    if (rows_.empty()) first_resource_ = static_cast<std::uint16_t>(i);
    rows_.resize(i - first_resource_ + 1);
    rows_.back() = {resources[i].initial, resources[i].initial, 0, true, resources[i].is_records};
  }
  locks_ = LockTable(static_cast<std::uint32_t>(rows_.size()), settings_.lock_order);
}

const Step& Store::step_at(std::uint16_t kind, std::uint16_t step) const {
  const Step& found = plan_->kinds[kind].steps[step];
  TXSIM_ASSERT(found.service == self_, "a step at another service's store");
  return found;
}

std::uint32_t Store::row_of(const Step& step) const {
  return std::uint32_t{step.resource} - first_resource_;
}

std::int64_t Store::available(std::uint16_t resource) const {
  return rows_[std::size_t{resource} - first_resource_].available;
}

void Store::move(std::uint16_t resource, std::int64_t available, std::int64_t reserved) {
  Row& row = rows_[std::size_t{resource} - first_resource_];
  row.available += available;
  row.for_good += available;
  row.reserved += reserved;
}

void Store::announce(Context& context, FactKind what, TransactionId id, std::uint16_t kind,
                     std::uint16_t step, std::int64_t value, std::uint32_t row) const {
  context.announce({.what = fact_word(what),
                    .step = static_cast<std::uint8_t>(step),
                    .transaction = id,
                    .value = value,
                    .extra = amount_and_kind(rows_[row].available, kind)});
}

void Store::announce_lock(Context& context, FactKind what, TransactionId id, std::uint16_t step,
                          std::uint32_t row, TransactionId holder) const {
  context.announce({.what = fact_word(what),
                    .step = static_cast<std::uint8_t>(step),
                    .transaction = id,
                    .value = static_cast<std::int64_t>(row) + first_resource_,
                    .extra = static_cast<std::int64_t>(holder)});
}

// ---- Putting steps in effect

std::optional<std::int64_t> Store::addition(TransactionId transaction, const Step& step,
                                            std::int64_t usable) const {
  if (step.is_read_only()) {
    return usable < step.least ? std::nullopt : std::optional<std::int64_t>(0);
  }
  std::int64_t overwritten = 0;
  if (step.as_read) {
    const std::int64_t* seen = seen_.find(transaction);
    if (seen == nullptr || *seen + step.delta() < 0) return std::nullopt;
    overwritten = *seen - available(step.resource);
  }
  const std::int64_t delta = step.delta() + overwritten;
  if (delta < 0 && usable + delta < 0) return std::nullopt;
  return delta;
}

void Store::note_done(TransactionId transaction, const Step& step) {
  if (step.is_kept) seen_[transaction] = available(step.resource);
  if (step.as_read) seen_.erase(transaction);
}

StepResult Store::update(Context& context, TransactionId transaction, std::uint16_t kind,
                         std::uint16_t step) {
  Transaction& here = transactions_[transaction];
  here.kind = kind;
  if ((here.done & bit(step)) != 0) return StepResult::Done;
  if (fence_.bars(transaction)) return barred(context, transaction, kind, step);
  const StepResult locked = lock(context, transaction, here, step);
  return locked == StepResult::Done ? take_effect(context, transaction, here, step) : locked;
}

// Done: it has the row.
StepResult Store::lock(Context& context, TransactionId id, Transaction& transaction,
                       std::uint16_t step) {
  const Step& wanted = step_at(transaction.kind, step);
  const std::uint32_t row = row_of(wanted);
  if (rows_[row].is_records) return StepResult::Done;
  if (transaction.locks.waits != LockTable::kNone &&
      locks_.find_wait(transaction.locks, step) != LockTable::kNone) {
    return StepResult::Waiting;
  }
  switch (locks_.lock(row, id, transaction.locks, mode_of(wanted), step)) {
    case LockTable::Answer::Taken:
      await_last(context, id, wanted, step);
      announce_lock(context, FactKind::LockTaken, id, step, row);
      return StepResult::Done;
    case LockTable::Answer::Held:
      await_last(context, id, wanted, step);
      return StepResult::Done;
    case LockTable::Answer::Conflict:
      return queue(context, id, transaction, step, !settings_.keeps_context);
  }
  TXSIM_ASSERT(false, "no such answer");
}

// Waiting, or Refused if waiting is not allowed.
StepResult Store::queue(Context& context, TransactionId id, Transaction& transaction,
                        std::uint16_t step, bool for_good) {
  const Step& wanted = step_at(transaction.kind, step);
  const std::uint32_t row = row_of(wanted);
  if (settings_.lock_timeout == Duration{0}) {
    announce_lock(context, FactKind::LockWaited, id, step, row, locks_.holder(row, id));
    announce_lock(context, FactKind::LockTimedOut, id, step, row);
    announce(context, FactKind::Rejected, id, transaction.kind, step, 0, row);
    return StepResult::Refused;
  }
  const LockTable::Index index = locks_.add_wait(row, id, transaction.locks, mode_of(wanted), step);
  LockTable::Wait& wait = locks_.wait(index);
  wait.for_good = for_good;
  announce_lock(context, FactKind::LockWaited, id, step, row, locks_.holder(row, id));
  if (settings_.lock_timeout) {
    wait.timer = context.set_timer(kLockWait, *settings_.lock_timeout, id, step);
  }
  return StepResult::Waiting;
}

// Requires the row's lock.
StepResult Store::take_effect(Context& context, TransactionId id, Transaction& transaction,
                              std::uint16_t step) {
  const Step& wanted = step_at(transaction.kind, step);
  const std::uint32_t row = row_of(wanted);
  const std::optional<std::int64_t> delta = addition(id, wanted, rows_[row].available);
  if (!delta) {
    announce(context, FactKind::Rejected, id, transaction.kind, step, 0, row);
    return StepResult::Refused;
  }
  note_done(id, wanted);
  if (wanted.is_read_only()) {
    announce(context, FactKind::ReadDone, id, transaction.kind, step, 0, row);
  } else {
    if (wanted.as_read) transaction.beyond = *delta - wanted.delta();
    rows_[row].available += *delta;
    announce(context, FactKind::Updated, id, transaction.kind, step, *delta, row);
  }
  transaction.done |= bit(step);
  return StepResult::Done;
}

StepResult Store::apply(Context& context, TransactionId transaction, std::uint16_t kind,
                        std::uint16_t step) {
  const Step& wanted = step_at(kind, step);
  const std::uint32_t row = row_of(wanted);
  if (fence_.bars(transaction)) return barred(context, transaction, kind, step);
  if (rows_[row].is_records) return apply_now(context, transaction, kind, step);
  const Transaction* known = transactions_.find(transaction);
  const LockTable::Owner owner = known != nullptr ? known->locks : LockTable::Owner{};
  if (locks_.is_free(row, owner, mode_of(wanted))) {
    return apply_now(context, transaction, kind, step);
  }
  Transaction& here = transactions_[transaction];
  here.kind = kind;
  if (locks_.find_wait(here.locks, step) != LockTable::kNone) return StepResult::Waiting;
  const StepResult queued = queue(context, transaction, here, step, true);
  if (here.is_idle()) transactions_.erase(transaction);
  return queued;
}

// A newer execution of the order has been here.
StepResult Store::barred(Context& context, TransactionId id, std::uint16_t kind,
                         std::uint16_t step) const {
  announce(context, FactKind::Rejected, id, kind, step, 0, row_of(step_at(kind, step)));
  return StepResult::Refused;
}

StepResult Store::apply_now(Context& context, TransactionId id, std::uint16_t kind,
                            std::uint16_t step) {
  const Step& wanted = step_at(kind, step);
  const std::uint32_t row = row_of(wanted);
  touch(context, id, kind, step);
  const std::optional<std::int64_t> delta = addition(id, wanted, rows_[row].available);
  if (!delta) {
    announce(context, FactKind::Rejected, id, kind, step, 0, row);
    return StepResult::Refused;
  }
  note_done(id, wanted);
  if (wanted.is_read_only()) {
    announce(context, FactKind::ReadDone, id, kind, step, 0, row);
    return StepResult::Done;
  }
  rows_[row].available += *delta;
  rows_[row].for_good += *delta;
  LogRecord record;
  record.type = kStepApplied;
  record.transaction_type = kind;
  record.step = step;
  record.transaction = id;
  record.value = *delta;
  context.append(record);
  context.force();
  note_last(context, id, row, Mode::Exclusive);
  announce(context, FactKind::Applied, id, kind, step, *delta, row);
  return StepResult::Done;
}

// ---- The end of a transaction

void Store::commit(Context& context, TransactionId transaction) {
  Transaction* here = transactions_.find(transaction);
  if (here == nullptr) return;
  seen_.erase(transaction);
  leave_lost_waits(*here);
  for (std::uint64_t steps = here->done; steps != 0;) {
    const std::uint16_t step = pop_first(steps);
    const Step& done = step_at(here->kind, step);
    if (done.is_read_only()) continue;
    const std::uint32_t row = row_of(done);
    rows_[row].for_good += added(done, here->beyond);
    note_last(context, transaction, row, Mode::Exclusive);
    announce(context, FactKind::Applied, transaction, here->kind, step, 0, row);
  }
  here->done = 0;
  here->beyond = 0;
  release_all(context, transaction, *here);
  if (here->is_idle())
    transactions_.erase(transaction);  // else a step waits that has lost its transaction
}

// A step that has lost its transaction keeps waiting when that commits, for a lock of its own.
void Store::leave_lost_waits(const Transaction& transaction) {
  for (LockTable::Index i = transaction.locks.waits; i != LockTable::kNone;) {
    LockTable::Wait& wait = locks_.wait(i);
    TXSIM_ASSERT(wait.for_good, "commits while a step waits for its lock");
    wait.conversion = false;
    i = wait.next_of_owner;
  }
}

void Store::abort(Context& context, TransactionId transaction) {
  Transaction* here = transactions_.find(transaction);
  if (here == nullptr) return;
  seen_.erase(transaction);
  while (here->locks.waits != LockTable::kNone) {
    LockTable::Wait& wait = locks_.wait(here->locks.waits);
    const std::uint32_t row = wait.row;
    context.cancel_timer(wait.timer);
    announce_lock(context, FactKind::LockTimedOut, transaction, wait.step, row);
    locks_.drop_wait(here->locks.waits, here->locks);
    grant_next(context, row);
  }
  for (std::uint64_t steps = here->done; steps != 0;) {
    const std::uint16_t step = pop_last(steps);
    const Step& done = step_at(here->kind, step);
    if (done.is_read_only()) continue;
    const std::uint32_t row = row_of(done);
    const std::int64_t delta = added(done, here->beyond);
    rows_[row].available -= delta;
    note_last(context, transaction, row, Mode::Exclusive);
    announce(context, FactKind::Undone, transaction, here->kind, step, -delta, row);
  }
  release_all(context, transaction, *here);
  transactions_.erase(transaction);
}

void Store::release(Context& context, TransactionId id, Transaction& transaction,
                    LockTable::Index hold) {
  const std::uint32_t row = locks_.hold(hold).row;
  note_last(context, id, row, locks_.hold(hold).mode);
  announce_lock(context, FactKind::LockReleased, id, locks_.hold(hold).step, row);
  locks_.release(hold, transaction.locks);
  grant_next(context, row);
}

void Store::release_all(Context& context, TransactionId id, Transaction& transaction) {
  while (transaction.locks.holds != LockTable::kNone) {
    release(context, id, transaction, transaction.locks.holds);
  }
}

// ---- Waits

// Gives the row to the waits that can have it now; `next_news` reports them.
void Store::grant_next(Context& context, std::uint32_t row) {
  for (LockTable::Index next = locks_.grantable(row); next != LockTable::kNone;
       next = locks_.grantable(row)) {
    LockTable::Wait& wait = locks_.wait(next);
    Transaction* owner = transactions_.find(wait.owner);
    TXSIM_ASSERT(owner != nullptr, "a wait of a transaction that is not there");
    context.cancel_timer(wait.timer);
    ended_.push({wait.owner, owner->kind, wait.step, true, wait.for_good});
    locks_.grant(next, owner->locks);
  }
}

bool Store::next_news(Context& context, LockNews& news) {
  while (!ended_.empty()) {
    const Ended ended = ended_.front();
    ended_.pop();
    Transaction* here = transactions_.find(ended.transaction);
    if (here == nullptr && !ended.for_good) continue;  // it was aborted in the meantime
    if (!ended.granted) {
      news = {ended.transaction, ended.kind, ended.step, StepResult::Refused};
      return true;
    }
    if (here == nullptr) continue;
    const LockTable::Index wait = locks_.find_wait(here->locks, ended.step);
    if (wait == LockTable::kNone || !locks_.wait(wait).granted) continue;
    news = tell_granted(context, ended.transaction, *here, wait);
    return true;
  }
  return false;
}

LockNews Store::tell_granted(Context& context, TransactionId id, Transaction& transaction,
                             LockTable::Index wait) {
  const LockTable::Wait granted = locks_.wait(wait);
  const std::uint16_t kind = transaction.kind;
  locks_.drop_wait(wait, transaction.locks);
  depend_on_last(context, id, granted.row, granted.mode);
  announce_lock(context, FactKind::LockGranted, id, granted.step, granted.row);
  const bool is_new = !granted.conversion;
  if (is_new) announce_lock(context, FactKind::LockTaken, id, granted.step, granted.row);
  if (!granted.for_good) {
    return {id, kind, granted.step, take_effect(context, id, transaction, granted.step)};
  }
  const StepResult result = apply_now(context, id, kind, granted.step);
  if (is_new) release(context, id, transaction, locks_.find_hold(transaction.locks, granted.row));
  if (transaction.is_idle()) transactions_.erase(id);
  return {id, kind, granted.step, result};
}

bool Store::on_timer(Context& context, const Timer& timer) {
  if (timer.what != kLockWait) return false;
  Transaction* here = transactions_.find(timer.transaction);
  const auto step = static_cast<std::uint16_t>(timer.value);
  const LockTable::Index index =
      here == nullptr ? LockTable::kNone : locks_.find_wait(here->locks, step);
  TXSIM_ASSERT(index != LockTable::kNone && !locks_.wait(index).granted,
               "a timer of a wait that is over");
  const LockTable::Wait wait = locks_.wait(index);
  locks_.drop_wait(index, here->locks);
  announce_lock(context, FactKind::LockTimedOut, timer.transaction, step, wait.row);
  announce(context, FactKind::Rejected, timer.transaction, here->kind, step, 0, wait.row);
  ended_.push({timer.transaction, here->kind, step, false, wait.for_good});
  if (wait.for_good && here->is_idle()) transactions_.erase(timer.transaction);
  grant_next(context, wait.row);
  return true;
}

std::uint64_t Store::steps_of(TransactionId transaction) const {
  const Transaction* here = transactions_.find(transaction);
  return here != nullptr ? here->done : 0;
}

std::int64_t Store::beyond_of(TransactionId transaction) const {
  const Transaction* here = transactions_.find(transaction);
  return here != nullptr ? here->beyond : 0;
}

bool Store::knows(TransactionId transaction) const { return transactions_.contains(transaction); }

Description store_description() {
  Description info;
  info.name = "store";
  info.what =
      "A service's own database: amounts changed in place under row locks, undone if their "
      "transaction aborts. Every protocol works through it.";
  info.source =
      "Bernstein, Hadzilacos, Goodman, Concurrency Control and Recovery in Database Systems, 1987, "
      "chapters 3 and 6; Gray & Reuter, Transaction Processing, 1993, chapter 8.";
  info.roles = {{"store", "part of every service"}};
  info.records = {
      {"StepApplied",
       "forced: one step in effect for good, outside any transaction (value: its change)"},
      {"Amount", "in a checkpoint: a resource's amount for good"},
      {"TokenSeen",
       "the newest token seen for an order (value): steps under older ones are refused"}};
  info.timers = {{"LockWait",
                  "a step has waited too long for its row and is refused; deadlocks end "
                  "so (value: the step)"}};
  info.states = {{"waiting", "for the row's lock; then in effect, or refused"},
                 {"in effect", "under lock; then for good by commit, or undone by abort"},
                 {"for good", "the locks are free"}};
  info.deviations = {{"logical log", "records name the steps done; they hold no page images"}};
  return info;
}

}  // namespace txsim
