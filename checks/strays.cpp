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
  const auto before = is_pending ? stray->before : Stray::Before::NotInEffect;
  switch (m.fact) {
    case Updated:
      if (stray == nullptr) stray = &open_stray(m, kind_of(record.extra));
      if (stray->kind == Stray::kNoKind) stray->kind = kind_of(record.extra);
      stray->pending |= bit;
      if (is_recovering(record.node)) {
        stray->is_prepared_again = true;
        stray->before = Stray::Before::ToBeSeen;
      } else {
        change(m, is_pending ? 0 : record.value, 0);
      }
      return;
    case Undone:
      m.undone_for_good = is_pending ? before == Stray::Before::InEffect : record.value != 0;
      change(m, record.value, 0);
      if (m.undone_for_good) {
        contradict(m, kind_of(record.extra), bit, false, Stray::Before::InEffect);
      }
      break;
    case Applied:
      if (m.view == nullptr && !is_pending) {
        apply_late(m, bit);
        break;
      }
      m.again = is_pending ? before == Stray::Before::NotInEffect : record.value != 0;
      change(m, record.value, 0);
      if (is_pending && stray->is_prepared_again) {
        contradict(m, stray->kind, bit, true, before);
      }
      break;
    case Reserved:
      m.hangs = true;
      change(m, -record.value, record.value);
      break;
    case Confirmed:
      change(m, 0, -record.value);
      break;
    case Cancelled:
      change(m, record.value, -record.value);
      break;
    case Compensated:
      compensate_late(m, bit);
      break;
    default:
      break;
  }
  if (stray == nullptr) return;
  stray->pending &= ~bit;
  stray->waiting &= ~bit;
  drop_if_empty(m, *stray);
}

// After all was over: a step takes effect by itself, for the second time or for the first.
void Ledger::apply_late(Moment& m, std::uint64_t bit) {
  const TraceRecord& record = *m.record;
  const std::uint16_t kind = kind_of(record.extra);
  const bool by_itself = by_itself_ && record.value == layout_->step(kind, record.step).delta;
  if (by_itself && !was_in_effect(record.transaction, bit)) {
    m.hangs = true;
    contradict_by_step(m, kind, bit, true);
  } else {
    m.again = record.value != 0;
  }
  change(m, record.value, 0);
}

void Ledger::compensate_late(Moment& m, std::uint64_t bit) {
  const TraceRecord& record = *m.record;
  const bool was = m.view == nullptr && was_in_effect(record.transaction, bit);
  if (was && record.value == -layout_->step(kind_of(record.extra), record.step).delta) {
    contradict_by_step(m, kind_of(record.extra), bit, false);
  } else {
    m.again = record.value != 0;
  }
  change(m, m.again ? 0 : record.value, 0);
}

void Ledger::vote_of_stray(Moment& m, Stray* stray, std::uint16_t kind) {
  if (static_cast<Vote>(m.record->value) != Vote::Yes) return;
  if (stray == nullptr) stray = &open_stray(m, kind);
  stray->voted = true;
  stray->kind = kind;
  if (!is_back(m.record->node)) return;
  // It holds prepared again what it had ended without forcing that. Whether its steps count once
  // more, the amounts will tell.
  if (stray->pending == 0) {
    stray->pending = layout_->steps_of(kind, m.part) & layout_->kind(kind).writes;
    stray->is_prepared_again = true;
    stray->before = Stray::Before::ToBeSeen;
  }
}

void Ledger::finish_stray(Moment& m, Stray& stray) {
  using enum Stray::Before;
  const std::uint64_t steps = stray.pending;
  if (static_cast<Outcome>(m.record->value) == Outcome::Committed) {
    m.again = steps != 0 && stray.before == NotInEffect;
    if (steps != 0 && stray.is_prepared_again) {
      contradict(m, stray.kind, steps, true, stray.before);
    }
  } else {
    m.undone_for_good = steps != 0 && stray.before == InEffect;
    if (m.undone_for_good) contradict(m, stray.kind, steps, false, stray.before);
    if (stray.kind != Stray::kNoKind && stray.before != ToBeSeen) {
      add_deltas(stray.kind, steps, -1);
    }
  }
  drop(stray);
}

// The steps of a transaction that is over are in effect after all, or no longer.
void Ledger::contradict(const Moment& m, std::uint16_t kind, std::uint64_t steps, bool in_effect,
                        Stray::Before before) {
  using enum Stray::Before;
  if (m.view != nullptr || !layout_->knows_kind(kind)) return;
  // Said in the instant of the recovery, it is but said again.
  if (before == ToBeSeen || before == Unknown) return;
  const std::uint64_t writes = layout_->kind(kind).writes;
  Ended* ended = ended_.find(m.record->transaction);
  if (ended == nullptr) {
    if (in_effect == (before == InEffect)) return;
    ended = &ended_[m.record->transaction];
    *ended = {.id = m.record->transaction, .kind = kind};
    ended->before = ended->effect = in_effect ? 0 : writes;
  }
  ended->effect = in_effect ? ended->effect | steps : ended->effect & ~steps;
  ended->node = m.record->node;
  ended->event = m.record->sequence;
  orders_.revise(order_of(ended->id), ended->effect == writes);
}

void Ledger::contradict_by_step(const Moment& m, std::uint16_t kind, std::uint64_t bit,
                                bool in_effect) {
  const std::uint64_t writes = layout_->kind(kind).writes;
  if ((bit & writes) == 0) return;
  const TransactionId id = m.record->transaction;
  const bool was = was_in_effect(id, bit);
  Ended* ended = ended_.find(id);
  if (ended == nullptr) {
    ended = &ended_[id];
    *ended = {.id = id, .kind = kind};
    ended->before = ended->effect = was ? writes : 0;
  }
  const bool was_full = ended->effect == writes;
  ended->effect = in_effect ? ended->effect | bit : ended->effect & ~bit;
  ended->node = m.record->node;
  ended->event = m.record->sequence;
  ended->by_step = true;
  const bool is_full = ended->effect == writes;
  if (was_full != is_full) orders_.revise(order_of(id), is_full);
}

bool Ledger::was_in_effect(TransactionId id, std::uint64_t bit) const {
  if (const Ended* ended = ended_.find(id)) return (ended->effect & bit) != 0;
  return orders_.ended_in_effect(id);
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
