// Branches that late or repeated requests opened at a node that was through with the transaction,
// and facts that come after all was over.
#include <algorithm>

#include "checks/ledger.h"

namespace txsim {

Stray* Ledger::find_stray(TransactionId id, NodeId node) {
  for (Stray& stray : strays_) {
    if (stray.transaction == id && stray.node == node) return &stray;
  }
  return nullptr;
}

Stray& Ledger::open_stray(const Moment& m, std::uint16_t kind) {
  Stray stray;
  stray.transaction = m.record->transaction;
  stray.node = m.record->node;
  stray.kind = kind;
  stray.event = m.record->sequence;
  const std::uint64_t off =
      m.view != nullptr ? called_off_of(*m.view) : called_off(stray.transaction).steps;
  stray.was_called_off = layout_->knows_kind(kind) &&
                         (off & layout_->steps_of(kind, layout_->part(kind, stray.node))) != 0;
  strays_.push_back(stray);
  return strays_.back();
}

// The order of strays means nothing, so the last may take the place.
void Ledger::drop(Stray& stray) {
  stray = strays_.back();
  strays_.pop_back();
}

// A stray of a transaction still in flight is kept until the node says that it has ended, so that
// this is not taken for the end of the transaction's own part.
void Ledger::drop_if_empty(const Moment& m, Stray& stray) {
  if (!stray.is_empty()) return;
  const bool ends_later = m.view != nullptr && m.part >= 0 &&
                          ((m.view->committed | m.view->aborted) & part_bit(m.part)) != 0;
  if (!ends_later) drop(stray);
}

bool Ledger::begins_stray_after_end(const Moment& m) const {
  if (m.part < 0 || is_recovering(m.record->node)) return false;
  if (((m.view->committed | m.view->aborted) & part_bit(m.part)) != 0) return true;
  return m.fact == FactKind::Updated && (m.view->applied & step_bit(m.record->step)) != 0;
}

void Ledger::step_of_stray(Moment& m, Stray* stray) {
  using enum FactKind;
  const TraceRecord& record = *m.record;
  const std::uint64_t bit = step_bit(record.step);
  const bool is_pending = stray != nullptr && (stray->pending & bit) != 0;
  switch (m.fact) {
    case Updated:
      if (stray == nullptr) stray = &open_stray(m, kind_of(record.extra));
      if (stray->kind == Stray::kNoKind) stray->kind = kind_of(record.extra);
      stray->pending |= bit;
      if (is_recovering(record.node)) {
        if (!is_pending) hold_again(m, *stray, bit);
      } else {
        change(m, is_pending ? 0 : record.value, 0);
      }
      return;
    case Undone:
      m.undone_for_good = is_pending ? (stray->held_before & bit) != 0 : record.value != 0;
      change(m, record.value, 0);
      if (m.undone_for_good && m.view == nullptr) {
        change_ended(m, kind_of(record.extra), bit, false, By::Part);
      }
      break;
    case Applied:
      if (is_pending) {
        take_effect(m, *stray, bit);
        change(m, record.value, 0);
      } else if (m.view == nullptr) {
        apply_late(m, bit);
      } else {
        m.again = record.value != 0;
        change(m, record.value, 0);
      }
      break;
    case Reserved:
    case Confirmed:
    case Cancelled:
      reservation_of_stray(m, stray, bit);
      return;
    case Compensated:
      compensate_late(m, bit);
      break;
    default:
      break;
  }
  if (stray == nullptr) return;
  stray->pending &= ~bit;
  stray->held_before &= ~bit;
  stray->waiting &= ~bit;
  drop_if_empty(m, *stray);
}

// What the node holds prepared again after a crash counts once, as it did before.
void Ledger::hold_again(const Moment& m, Stray& stray, std::uint64_t steps) {
  const std::uint64_t effect =
      m.view != nullptr ? m.view->in_effect() : effect_of(stray.transaction, stray.kind);
  stray.held_before |= steps & effect;
  add_deltas(stray.kind, steps & ~effect, 1);
}

// Steps of a stray are in effect for good: still, for the first time, or once more.
void Ledger::take_effect(Moment& m, const Stray& stray, std::uint64_t steps) {
  const std::uint64_t fresh = steps & ~stray.held_before & layout_->kind(stray.kind).writes;
  if (fresh == 0) return;
  const bool is_over = m.view == nullptr;
  const std::uint64_t effect =
      is_over ? effect_of(stray.transaction, stray.kind) : m.view->in_effect();
  const std::uint64_t off = is_over ? called_off(stray.transaction).steps : called_off_of(*m.view);
  m.again = (fresh & effect) != 0;
  m.hangs = (fresh & ~effect & off) != 0;
  if (is_over) {
    change_ended(m, stray.kind, fresh, true, By::Part);
  } else {
    note_event(*m.view, fresh, m.record->sequence);
    m.view->applied |= fresh;
    m.view->undone &= ~fresh;
  }
}

// After all was over: a step takes effect by itself, for the second time or for the first.
void Ledger::apply_late(Moment& m, std::uint64_t bit) {
  const TraceRecord& record = *m.record;
  const std::uint16_t kind = kind_of(record.extra);
  const bool by_itself =
      record.value == layout_->step(kind, record.step).delta && (by_itself_ || record.value != 0);
  if (by_itself && !was_in_effect(record.transaction, bit)) {
    m.hangs = (called_off(record.transaction).steps & bit) != 0;
    change_ended(m, kind, bit, true, By::Step);
  } else {
    m.again = record.value != 0;
  }
  change(m, record.value, 0);
}

void Ledger::compensate_late(Moment& m, std::uint64_t bit) {
  const TraceRecord& record = *m.record;
  const bool was = m.view == nullptr && was_in_effect(record.transaction, bit);
  if (was && record.value == -layout_->step(kind_of(record.extra), record.step).delta) {
    change_ended(m, kind_of(record.extra), bit, false, By::Step);
  } else {
    m.again = record.value != 0;
  }
  if (m.view == nullptr) {
    CalledOff off;
    off.steps = bit;
    off.compensated = true;
    note_called_off(record.transaction, off);
  }
  change(m, m.again ? 0 : record.value, 0);
}

// Reserved, Confirmed, Cancelled, after all was over.
void Ledger::reservation_of_stray(Moment& m, Stray* stray, std::uint64_t bit) {
  const TraceRecord& record = *m.record;
  const std::uint16_t kind = kind_of(record.extra);
  const std::uint64_t effect =
      m.view != nullptr ? m.view->in_effect() : effect_of(record.transaction, kind);
  if (m.fact == FactKind::Reserved) {
    const std::uint64_t off =
        m.view != nullptr ? called_off_of(*m.view) : called_off(record.transaction).steps;
    m.hangs = (off & bit) != 0;
    m.again = ((effect | (stray != nullptr ? stray->reserved : 0)) & bit) != 0;
    if (stray == nullptr) stray = &open_stray(m, kind);
    stray->reserved |= bit;
    change(m, -record.value, record.value);
    return;
  }
  if (m.fact == FactKind::Cancelled) {
    if (m.view == nullptr) {
      CalledOff off;
      off.steps = bit;
      note_called_off(record.transaction, off);
    }
    change(m, record.value, -record.value);
  } else {
    m.again = (effect & bit) != 0 && record.value != 0;
    if (m.view == nullptr) change_ended(m, kind, bit, true, By::Step);
    const bool gives = layout_->step(kind, record.step).delta > 0;
    change(m, gives ? record.value : 0, gives ? 0 : -record.value);
  }
  if (stray == nullptr) return;
  stray->reserved &= ~bit;
  drop_if_empty(m, *stray);
}

void Ledger::vote_of_stray(Moment& m, Stray* stray, std::uint16_t kind) {
  if (static_cast<Vote>(m.record->value) != Vote::Yes) return;
  if (stray == nullptr) stray = &open_stray(m, kind);
  stray->voted = true;
  stray->kind = kind;
  if (!is_back(m.record->node) || stray->pending != 0) return;
  // It holds prepared again what it had ended without forcing that.
  stray->pending = layout_->steps_of(kind, m.part) & layout_->kind(kind).writes;
  hold_again(m, *stray, stray->pending);
}

void Ledger::finish_stray(Moment& m, Stray& stray) {
  const std::uint64_t steps = stray.pending;
  if (static_cast<Outcome>(m.record->value) == Outcome::Committed) {
    if (steps != 0) take_effect(m, stray, steps);
  } else {
    m.undone_for_good = stray.held_before != 0;
    if (m.undone_for_good && m.view == nullptr) {
      change_ended(m, stray.kind, stray.held_before, false, By::Part);
    }
    if (stray.kind != Stray::kNoKind) add_deltas(stray.kind, steps, -1);
    if (m.view == nullptr && layout_->knows_kind(stray.kind)) {
      CalledOff off;
      off.steps = layout_->steps_of(stray.kind, m.part);
      note_called_off(stray.transaction, off);
    }
  }
  drop(stray);
}

void Ledger::lock_of_stray(Moment& m, Stray* stray) {
  const std::uint64_t bit = step_bit(m.record->step);
  const bool begins = m.fact == FactKind::LockTaken || m.fact == FactKind::LockWaited;
  if (stray == nullptr) {
    if (!begins) return;
    stray = &open_stray(m, m.view == nullptr ? Stray::kNoKind : m.view->kind);
  }
  switch (m.fact) {
    case FactKind::LockWaited:
      stray->waiting |= bit;
      stray->waited_since = m.record->time;
      return;
    case FactKind::LockTaken:
      stray->locked |= bit;
      stray->waiting &= ~bit;
      return;
    case FactKind::LockGranted:
    case FactKind::LockTimedOut:
      m.measured = (stray->waiting & bit) != 0;
      m.lasted = m.record->time - stray->waited_since;
      stray->waiting &= ~bit;
      if (m.fact == FactKind::LockGranted) return;  // LockTaken follows
      break;
    default:
      stray->locked &= ~bit;
      break;
  }
  drop_if_empty(m, *stray);
}

}  // namespace txsim
