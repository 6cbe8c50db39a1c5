// Lock rules that differ between databases (xa_resource.h), and some that no database should have.
#include "services/store.h"

namespace txsim {

void Store::release_locks(Context& context, TransactionId transaction) {
  Transaction* here = transactions_.find(transaction);
  if (here != nullptr) release_all(context, transaction, *here);
}

void Store::release_shared(Context& context, TransactionId transaction) {
  Transaction* here = transactions_.find(transaction);
  if (here == nullptr) return;
  for (LockTable::Index hold = here->locks.holds; hold != LockTable::kNone;) {
    const LockTable::Index next = locks_.hold(hold).next_of_owner;
    if (locks_.hold(hold).mode == Mode::Shared) release(context, transaction, *here, hold);
    hold = next;
  }
}

bool Store::is_short_unlocked(TransactionId transaction, std::uint16_t kind,
                              std::uint16_t step) const {
  const Step& wanted = step_at(kind, step);
  const std::uint32_t row = row_of(wanted);
  const Transaction* here = transactions_.find(transaction);
  const LockTable::Owner owner = here != nullptr ? here->locks : LockTable::Owner{};
  return !rows_[row].is_records && rows_[row].for_good + wanted.delta() < 0 &&
         !locks_.is_free(row, owner, mode_of(wanted));
}

}  // namespace txsim
