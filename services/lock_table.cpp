#include "services/lock_table.h"

#include "sim/assert.h"

namespace txsim {
namespace {

template <class Entry>
LockTable::Index take_from(std::vector<Entry>& pool, LockTable::Index& free) {
  if (free == LockTable::kNone) {
    pool.emplace_back();
    return static_cast<LockTable::Index>(pool.size() - 1);
  }
  const LockTable::Index index = free;
  free = pool[index].next_of_owner;
  pool[index] = Entry{};
  return index;
}

// Removes an entry from its owner's chain and returns it to the pool.
template <class Entry>
void give_back(std::vector<Entry>& pool, LockTable::Index& free, LockTable::Index& chain,
               LockTable::Index index) {
  LockTable::Index* link = &chain;
  while (*link != index) {
    TXSIM_ASSERT(*link != LockTable::kNone, "a lock entry that is not its owner's");
    link = &pool[*link].next_of_owner;
  }
  *link = pool[index].next_of_owner;
  pool[index].next_of_owner = free;
  free = index;
}

}  // namespace

LockTable::Index LockTable::find_hold(const Owner& of, std::uint32_t row) const {
  Index index = of.holds;
  while (index != kNone && holds_[index].row != row) index = holds_[index].next_of_owner;
  return index;
}

bool LockTable::is_only_holder(std::uint32_t row, TransactionId owner) const {
  const Index first = rows_[row].holds;
  return first != kNone && holds_[first].owner == owner && holds_[first].next_in_row == kNone;
}

bool LockTable::is_free(std::uint32_t row, const Owner& of, Mode mode) const {
  const Row& r = rows_[row];
  const Index own = find_hold(of, row);
  if (own != kNone) {
    return mode == Mode::Shared || holds_[own].mode == Mode::Exclusive ||
           (is_only_holder(row, holds_[own].owner) &&
            (order_ != LockOrder::NobodyFirst || r.first_wait == kNone));
  }
  const bool may_overtake = order_ == LockOrder::ReadersToo && mode == Mode::Shared;
  if (r.first_wait != kNone && !may_overtake) return false;
  return r.holds == kNone || (mode == Mode::Shared && holds_[r.holds].mode == Mode::Shared);
}

LockTable::Answer LockTable::lock(std::uint32_t row, TransactionId owner, Owner& of, Mode mode,
                                  std::uint16_t step) {
  if (!is_free(row, of, mode)) return Answer::Conflict;
  const Index own = find_hold(of, row);
  if (own == kNone) {
    add_hold(row, owner, of, mode, step);
    return Answer::Taken;
  }
  if (mode == Mode::Exclusive) holds_[own].mode = mode;
  return Answer::Held;
}

TransactionId LockTable::holder(std::uint32_t row, TransactionId but) const {
  const Row& r = rows_[row];
  for (Index i = r.holds; i != kNone; i = holds_[i].next_in_row) {
    if (holds_[i].owner != but) return holds_[i].owner;
  }
  return 0;
}

void LockTable::add_hold(std::uint32_t row, TransactionId owner, Owner& of, Mode mode,
                         std::uint16_t step) {
  const Index index = take_from(holds_, free_holds_);
  Hold& hold = holds_[index];
  hold.owner = owner;
  hold.row = row;
  hold.step = step;
  hold.mode = mode;
  hold.next_of_owner = of.holds;
  of.holds = index;
  hold.next_in_row = rows_[row].holds;
  if (hold.next_in_row != kNone) holds_[hold.next_in_row].previous_in_row = index;
  rows_[row].holds = index;
}

void LockTable::release(Index index, Owner& of) {
  const Hold& hold = holds_[index];
  if (hold.previous_in_row == kNone) {
    rows_[hold.row].holds = hold.next_in_row;
  } else {
    holds_[hold.previous_in_row].next_in_row = hold.next_in_row;
  }
  if (hold.next_in_row != kNone) holds_[hold.next_in_row].previous_in_row = hold.previous_in_row;
  give_back(holds_, free_holds_, of.holds, index);
}

// The wait before which the new one is inserted: a conversion goes behind the present conversions,
// a further wait of one owner right behind its earlier one (it already has its place in the queue),
// all others last.
LockTable::Index LockTable::place_in_queue(const Wait& wait, Index earlier) const {
  for (; earlier != kNone; earlier = waits_[earlier].next_of_owner) {
    const Wait& other = waits_[earlier];
    if (other.row == wait.row && !other.granted) return other.next_in_row;
  }
  if (!wait.conversion || order_ == LockOrder::NobodyFirst) return kNone;
  Index before = rows_[wait.row].first_wait;
  while (before != kNone && waits_[before].conversion) before = waits_[before].next_in_row;
  return before;
}

LockTable::Index LockTable::add_wait(std::uint32_t row, TransactionId owner, Owner& of, Mode mode,
                                     std::uint16_t step) {
  const Index index = take_from(waits_, free_waits_);
  Wait& wait = waits_[index];
  wait.owner = owner;
  wait.row = row;
  wait.step = step;
  wait.mode = mode;
  wait.conversion = find_hold(of, row) != kNone;
  wait.next_of_owner = of.waits;
  of.waits = index;
  Row& r = rows_[row];
  const Index before = place_in_queue(wait, wait.next_of_owner);
  wait.next_in_row = before;
  wait.previous_in_row = before == kNone ? r.last_wait : waits_[before].previous_in_row;
  (wait.previous_in_row == kNone ? r.first_wait : waits_[wait.previous_in_row].next_in_row) = index;
  (before == kNone ? r.last_wait : waits_[before].previous_in_row) = index;
  return index;
}

LockTable::Index LockTable::find_wait(const Owner& of, std::uint16_t step) const {
  Index index = of.waits;
  while (index != kNone && waits_[index].step != step) index = waits_[index].next_of_owner;
  return index;
}

void LockTable::leave_queue(Index index) {
  const Wait& wait = waits_[index];
  Row& r = rows_[wait.row];
  (wait.previous_in_row == kNone ? r.first_wait : waits_[wait.previous_in_row].next_in_row) =
      wait.next_in_row;
  (wait.next_in_row == kNone ? r.last_wait : waits_[wait.next_in_row].previous_in_row) =
      wait.previous_in_row;
}

void LockTable::drop_wait(Index index, Owner& of) {
  if (!waits_[index].granted) leave_queue(index);
  give_back(waits_, free_waits_, of.waits, index);
}

LockTable::Index LockTable::grantable(std::uint32_t row) const {
  const Row& r = rows_[row];
  if (r.first_wait == kNone || r.holds == kNone) return r.first_wait;
  const Wait& first = waits_[r.first_wait];
  const bool is_free = is_only_holder(row, first.owner) ||
                       (first.mode == Mode::Shared && holds_[r.holds].mode == Mode::Shared);
  return is_free ? r.first_wait : kNone;
}

void LockTable::grant(Index index, Owner& of) {
  leave_queue(index);
  Wait& wait = waits_[index];
  const Index own = find_hold(of, wait.row);
  wait.granted = true;
  wait.conversion = own != kNone;
  if (own == kNone) {
    add_hold(wait.row, wait.owner, of, wait.mode, wait.step);
  } else if (wait.mode == Mode::Exclusive) {
    holds_[own].mode = Mode::Exclusive;
  }
}

void LockTable::digest_into(Fingerprint& into) const {
  for (const Row& row : rows_) {
    for (Index i = row.holds; i != kNone; i = holds_[i].next_in_row) into.add(holds_[i]);
    for (Index i = row.first_wait; i != kNone; i = waits_[i].next_in_row) into.add(waits_[i]);
  }
}

void LockTable::digest_granted(Fingerprint& into, const Owner& of) const {
  for (Index i = of.waits; i != kNone; i = waits_[i].next_of_owner) {
    if (waits_[i].granted) into.add(waits_[i]);
  }
}

}  // namespace txsim
