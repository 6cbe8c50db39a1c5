// What the store reads from a log, and what it writes into a checkpoint.
#include "services/step_set.h"
#include "services/store.h"

namespace txsim {

bool Store::recover(const LogRecord& record) {
  if (record.type == kStepApplied) {
    redo(record.transaction_type, bit(record.step),
         record.value - step_at(record.transaction_type, record.step).delta());
    return true;
  }
  if (fence_.recover(record)) return true;
  if (record.type != kAmount) return false;
  Row& row = rows_[std::size_t{record.step} - first_resource_];
  row.available = row.for_good = record.value;
  row.reserved = record.body.get<std::int64_t>();
  return true;
}

void Store::redo(std::uint16_t kind, std::uint64_t steps, std::int64_t beyond) {
  while (steps != 0) {
    const Step& done = step_at(kind, pop_first(steps));
    Row& row = rows_[row_of(done)];
    row.available += added(done, beyond);
    row.for_good += added(done, beyond);
  }
}

// If locks were freed before the transaction's end, another transaction may have the row now: then
// it is held without the row.
void Store::hold(Context& context, TransactionId transaction, std::uint16_t kind,
                 std::uint64_t steps, std::int64_t beyond) {
  if (steps == 0) return;
  transactions_[transaction].done |= steps;
  transactions_[transaction].beyond = beyond;
  for (std::uint64_t left = steps; left != 0;) {
    const Step& held = step_at(kind, pop_first(left));
    rows_[row_of(held)].available += added(held, beyond);
  }
  lock_again(context, transaction, kind, steps);
}

void Store::lock_again(Context& context, TransactionId transaction, std::uint16_t kind,
                       std::uint64_t steps) {
  if (steps == 0) return;
  Transaction& here = transactions_[transaction];
  here.kind = kind;
  while (steps != 0) {
    const std::uint16_t step = pop_first(steps);
    const Step& held = step_at(kind, step);
    const std::uint32_t row = row_of(held);
    if (rows_[row].is_records) continue;
    const auto answer = locks_.lock(row, transaction, here.locks, mode_of(held), step);
    if (answer == LockTable::Answer::Taken) {
      announce_lock(context, FactKind::LockTaken, transaction, step, row);
    }
  }
}

void Store::announce_recovered(Context& context) const {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (!rows_[i].is_here) continue;
    context.announce({.what = fact_word(FactKind::Recovered),
                      .peer = static_cast<NodeId>(i + first_resource_),
                      .value = rows_[i].available,
                      .extra = rows_[i].reserved});
  }
}

void Store::write_checkpoint(std::vector<LogRecord>& log) const {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (!rows_[i].is_here) continue;
    LogRecord record;
    record.type = kAmount;
    record.step = static_cast<std::uint16_t>(i + first_resource_);
    record.value = rows_[i].for_good;
    record.body.put(rows_[i].reserved);
    log.push_back(record);
  }
  fence_.write_checkpoint(log);
}

}  // namespace txsim
