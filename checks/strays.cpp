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

bool Ledger::begins_stray(const Moment& m) const {
  if (m.view == nullptr || m.part < 0 || is_recovering(m.record->node)) return false;
  if (((m.view->committed | m.view->aborted) & part_bit(m.part)) != 0) return true;
  return m.fact == FactKind::Updated && (m.view->applied & step_bit(m.record->step)) != 0;
}

void Ledger::step_of_stray(Moment& m, Stray* stray) {
  const TraceRecord& record = *m.record;
  const std::uint64_t bit = step_bit(record.step);
  const bool is_pending = stray != nullptr && (stray->pending & bit) != 0;
  switch (m.fact) {
    case FactKind::Updated:
      if (stray == nullptr) stray = &open_stray(m, kind_of(record.extra));
      if (stray->kind == Stray::kNoKind) stray->kind = kind_of(record.extra);
      stray->pending |= bit;
      if (is_recovering(record.node)) {
        stray->is_candidate = true;
      } else {
        change(m, is_pending ? 0 : record.value, 0);
      }
      return;
    case FactKind::Undone:
      m.undone_for_good = is_pending ? stray->was_in_effect : record.value != 0;
      change(m, record.value, 0);
      break;
    case FactKind::Applied:
      m.again = is_pending ? !stray->was_in_effect : record.value != 0;
      change(m, record.value, 0);
      break;
    case FactKind::Reserved:
      m.hangs = true;
      change(m, -record.value, record.value);
      break;
    case FactKind::Confirmed:
      change(m, 0, -record.value);
      break;
    case FactKind::Cancelled:
      change(m, record.value, -record.value);
      break;
    case FactKind::Compensated:
      change(m, record.value, 0);
      break;
    default:
      break;
  }
  if (stray == nullptr) return;
  stray->pending &= ~bit;
  drop_if_empty(m, *stray);
}

void Ledger::vote_of_stray(Moment& m, Stray* stray, std::uint16_t kind) {
  if (static_cast<Vote>(m.record->value) != Vote::Yes) return;
  if (stray == nullptr) stray = &open_stray(m, kind);
  stray->voted = true;
  stray->kind = kind;
  if (!is_recovering(m.record->node) && !is_settling(m.record->node)) return;
  // It holds prepared again what it had ended without forcing that. Whether its steps count once
  // more, the amounts will tell.
  const KindLayout& layout = layout_->kind(kind);
  const std::uint64_t steps = layout.steps_of[static_cast<std::size_t>(m.part)] & layout.writes;
  if (stray->pending == 0) {
    stray->pending = steps;
    stray->is_candidate = true;
  }
}

void Ledger::finish_stray(Moment& m, Stray& stray) {
  if (static_cast<Outcome>(m.record->value) == Outcome::Committed) {
    m.again = stray.pending != 0 && !stray.was_in_effect && !stray.is_candidate;
  } else {
    m.undone_for_good = stray.pending != 0 && stray.was_in_effect;
    if (stray.kind != Stray::kNoKind && !stray.is_candidate) {
      add_deltas(stray.kind, stray.pending, -1);
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
      return;
    case FactKind::LockTaken:
      stray->locked |= bit;
      stray->waiting &= ~bit;
      return;
    case FactKind::LockGranted:
      stray->waiting &= ~bit;
      return;  // LockTaken follows
    case FactKind::LockTimedOut:
      stray->waiting &= ~bit;
      break;
    default:
      stray->locked &= ~bit;
      break;
  }
  drop_if_empty(m, *stray);
}

}  // namespace txsim
