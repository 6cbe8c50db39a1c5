// Early lock release: which transaction gets a row while the record of its last holder is being
// written.
#include "services/items.h"
#include "services/store.h"

namespace txsim {

// The transaction has changed the row, or releases it: until its record is durable the next
// transaction has to wait.
void Store::note_last(Context& context, TransactionId id, std::uint32_t row, Mode mode) const {
  const auto resource = static_cast<std::uint16_t>(row + first_resource_);
  context.writes(id, mode == Mode::Shared ? shared_row_item(resource) : row_item(resource));
}

// A shared holder delays only transactions that want the row exclusively.
void Store::depend_on_last(Context& context, TransactionId id, std::uint32_t row, Mode mode) const {
  const auto resource = static_cast<std::uint16_t>(row + first_resource_);
  context.reads(id, row_item(resource));
  if (mode == Mode::Exclusive) context.reads(id, shared_row_item(resource));
}

// To observers, a row is locked until the record of its last holder is durable.
void Store::await_last(Context& context, TransactionId id, const Step& wanted,
                       std::uint16_t step) const {
  const std::uint32_t row = row_of(wanted);
  TransactionId last = context.unsettled_writer(id, row_item(wanted.resource));
  if (last == 0 && mode_of(wanted) == Mode::Exclusive) {
    last = context.unsettled_writer(id, shared_row_item(wanted.resource));
  }
  if (last == 0) [[likely]]
    return;
  announce_lock(context, FactKind::LockWaited, id, step, row, last);
  depend_on_last(context, id, row, mode_of(wanted));
  announce_lock(context, FactKind::LockGranted, id, step, row);
}

void Store::touch(Context& context, TransactionId transaction, std::uint16_t kind,
                  std::uint16_t step) const {
  const Step& wanted = step_at(kind, step);
  if (!rows_[row_of(wanted)].is_records) await_last(context, transaction, wanted, step);
}

}  // namespace txsim
