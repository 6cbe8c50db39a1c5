// Facts about steps, amounts and row locks.
#include <algorithm>

#include "checks/ledger.h"

namespace txsim {
namespace {

bool has_aborted(const TransactionView& view, int part) {
  if (part < 0 || (view.ends & TransactionView::kAborts) == 0) return false;
  return (view.aborted & ~view.committed & part_bit(part)) != 0;
}

}  // namespace

template <FactKind Fact>
void Ledger::enter_step(Moment& m) {
  using enum FactKind;
  const TraceRecord& record = *m.record;
  const std::uint16_t kind = m.view != nullptr ? m.view->kind : kind_of(record.extra);
  if (!layout_->knows_step(kind, record.step)) return;
  m.part = layout_->part(kind, record.node);
  const StepLayout& step = layout_->step(kind, record.step);
  m.resource = step.resource;
  const std::uint64_t bit = step_bit(record.step);
  if (m.view != nullptr && (m.view->lost & bit) != 0) [[unlikely]] {
    // It was not lost in the crash: the node ends it only now.
    const bool ends =
        (Fact == Undone && record.value == -step.delta) || (Fact == Applied && record.value == 0);
    if (ends) bring_back(*m.view, m.view->lost & steps_of(*m.view, m.part));
  }
  if (!is_calm_ && is_settling(record.node)) [[unlikely]]
    settle_node(record.node);
  if constexpr (Fact == Reserved || Fact == Confirmed || Fact == Cancelled || Fact == Applied ||
                Fact == Compensated) {
    if (is_recovering(record.node)) [[unlikely]] {
      if (recall<Fact>(m, bit, step.delta)) return;
    }
  }
  Stray* stray = strays_.empty() ? nullptr : find_stray(record.transaction, record.node);
  m.stray = m.view == nullptr || stray != nullptr || (Fact == Updated && begins_stray(m));
  if (m.stray) {
    step_of_stray(m, stray);
    return;
  }
  if constexpr (Fact != Updated && Fact != Reserved && Fact != ReadDone) {
    note_event(*m.view, bit, record.sequence);
  }
  if constexpr (Fact == Updated) update(m, bit, step.delta);
  if constexpr (Fact == Undone) undo(m, bit, step.delta);
  if constexpr (Fact == Applied) apply(m, bit, step.delta);
  if constexpr (Fact == Reserved) reserve(m, bit);
  if constexpr (Fact == Confirmed || Fact == Cancelled) release(m, bit);
  if constexpr (Fact == Compensated) compensate(m, bit, step.delta);
  if constexpr (Fact == Rejected) m.view->waiting &= ~bit;
}

template void Ledger::enter_step<FactKind::Updated>(Moment&);
template void Ledger::enter_step<FactKind::Undone>(Moment&);
template void Ledger::enter_step<FactKind::Applied>(Moment&);
template void Ledger::enter_step<FactKind::Reserved>(Moment&);
template void Ledger::enter_step<FactKind::Confirmed>(Moment&);
template void Ledger::enter_step<FactKind::Cancelled>(Moment&);
template void Ledger::enter_step<FactKind::Compensated>(Moment&);
template void Ledger::enter_step<FactKind::Rejected>(Moment&);
template void Ledger::enter_step<FactKind::ReadDone>(Moment&);

void Ledger::change(Moment& m, std::int64_t available, std::int64_t reserved) {
  ResourceState& state = resources_[m.resource];
  m.changes = true;
  state.available += available;
  state.reserved += reserved;
  m.expected = state.available;
  m.announced = amount_of(m.record->extra);
  if (is_recovering(m.record->node)) {  // the node is still rebuilding its amounts
    m.announced = m.expected;
    return;
  }
  if (m.announced != m.expected) {
    // Of records, each is a row by itself: that one is completed says nothing of how many others
    // are, and may become durable before one that was completed earlier.
    if (layout_->plan().resources[m.resource].is_records) {
      m.announced = m.expected;
      return;
    }
    m.mismatch = true;
    state.available = m.announced;  // told once
  }
}

void Ledger::update(Moment& m, std::uint64_t bit, std::int64_t delta) {
  TransactionView& view = *m.view;
  if (is_recovering(m.record->node)) {  // held again after a crash
    if (((view.pending | view.applied) & bit) == 0) bring_back(view, bit);
    view.undone &= ~bit;
    return;
  }
  if ((view.pending & bit) != 0) {
    const std::int64_t announced = amount_of(m.record->extra);
    m.again = delta != 0 && announced == resources_[m.resource].available + delta;
    change(m, m.again ? delta : 0, 0);
    return;
  }
  view.updated |= bit;
  view.pending |= bit;
  view.lost &= ~bit;
  view.undone &= ~bit;
  change(m, delta, 0);
  m.mismatch = m.mismatch || m.record->value != delta;
}

void Ledger::apply(Moment& m, std::uint64_t bit, std::int64_t delta) {
  TransactionView& view = *m.view;
  const std::int64_t value = m.record->value;
  const bool known = (view.applied & bit) != 0;
  if (known && value == 0 && (view.updated & bit) != 0) {
    change(m, 0, 0);  // said again after a crash
    return;
  }
  m.again = known && (view.compensated & bit) == 0;
  m.hangs = (view.compensated & bit) != 0 || has_aborted(view, m.part);
  const bool was_pending = (view.pending & bit) != 0;
  by_itself_ = by_itself_ || (view.updated & bit) == 0;
  view.pending &= ~bit;
  view.undone &= ~bit;
  view.compensated &= ~bit;
  view.applied |= bit;
  effect_order_[index_of(view) * most_steps_ + m.record->step] = view.effects;
  if (view.effects < 255) ++view.effects;
  change(m, was_pending ? 0 : delta, 0);
  m.mismatch = m.mismatch || value != (was_pending ? 0 : delta);
}

void Ledger::undo(Moment& m, std::uint64_t bit, std::int64_t delta) {
  TransactionView& view = *m.view;
  const bool was_in_effect = ((view.pending | view.applied) & bit) != 0;
  m.undone_for_good = (view.applied & bit) != 0;
  view.pending &= ~bit;
  view.applied &= ~bit;
  view.waiting &= ~bit;
  view.undone |= bit;
  change(m, was_in_effect ? -delta : 0, 0);
  m.mismatch = m.mismatch || m.record->value != (was_in_effect ? -delta : 0);
}

void Ledger::reserve(Moment& m, std::uint64_t bit) {
  TransactionView& view = *m.view;
  m.again = ((view.reserved | view.confirmed) & bit) != 0;
  if ((view.reserved & bit) == 0) reserved_at(view, m.record->step) = m.record->time;
  m.hangs = (view.cancelled & bit) != 0 || has_aborted(view, m.part);
  view.reserved |= bit;
  change(m, -m.record->value, m.record->value);
  if (m.again) [[unlikely]] {
    resources_[m.resource].again_event = m.record->sequence;
    resources_[m.resource].again = view.id;
  }
}

// Confirmed, Cancelled.
void Ledger::release(Moment& m, std::uint64_t bit) {
  TransactionView& view = *m.view;
  const std::int64_t value = m.record->value;
  const bool holds_nothing = layout_->step(view.kind, m.record->step).delta >= 0;
  m.measured = (view.reserved & bit) != 0 && !holds_nothing;
  m.lasted = m.record->time - reserved_at(view, m.record->step);
  view.waiting &= ~bit;
  view.reserved &= ~bit;
  if (m.fact == FactKind::Cancelled) {
    view.cancelled |= bit;
    change(m, value, -value);
    return;
  }
  m.again = (view.confirmed & bit) != 0 && value != 0;
  view.confirmed |= bit;
  if (layout_->step(view.kind, m.record->step).delta > 0) {
    change(m, value, 0);
  } else {
    change(m, 0, -value);
  }
}

// Takes back what was in effect; nothing if nothing was.
void Ledger::compensate(Moment& m, std::uint64_t bit, std::int64_t delta) {
  TransactionView& view = *m.view;
  const bool was_in_effect = (view.applied & ~view.compensated & bit) != 0;
  const std::int64_t value = was_in_effect ? -delta : 0;
  m.again = (view.compensated & bit) != 0;
  view.waiting &= ~bit;
  view.compensated |= bit;
  change(m, value, 0);
  m.mismatch = m.mismatch || m.record->value != value;
}

// ---- Row locks. Their facts do not carry the kind of transaction.

template <FactKind Fact>
void Ledger::enter_lock(Moment& m) {
  using enum FactKind;
  const TraceRecord& record = *m.record;
  m.resource = static_cast<std::uint16_t>(record.value);
  if (m.view != nullptr) m.part = layout_->part(m.view->kind, record.node);
  Stray* stray = strays_.empty() ? nullptr : find_stray(record.transaction, record.node);
  m.stray = m.view == nullptr || stray != nullptr ||
            ((Fact == LockTaken || Fact == LockWaited) && begins_stray(m));
  if (m.stray) {
    lock_of_stray(m, stray);
    return;
  }
  TransactionView& view = *m.view;
  if (!layout_->knows_step(view.kind, record.step)) return;
  const std::uint64_t bit = step_bit(record.step);
  Time& since = times_[times_of(view) + record.step];
  if constexpr (Fact == LockWaited) {
    view.waiting |= bit;
    since = record.time;
  } else if constexpr (Fact == LockGranted || Fact == LockTimedOut) {
    m.measured = (view.waiting & bit) != 0;
    m.lasted = record.time - since;
    view.waiting &= ~bit;
  } else if constexpr (Fact == LockTaken) {
    if ((view.locked & bit) == 0) since = record.time;
    view.locked |= bit;
    view.waiting &= ~bit;
  } else {
    m.measured = (view.locked & bit) != 0;
    m.lasted = record.time - since;
    view.locked &= ~bit;
  }
}

template void Ledger::enter_lock<FactKind::LockWaited>(Moment&);
template void Ledger::enter_lock<FactKind::LockGranted>(Moment&);
template void Ledger::enter_lock<FactKind::LockTimedOut>(Moment&);
template void Ledger::enter_lock<FactKind::LockTaken>(Moment&);
template void Ledger::enter_lock<FactKind::LockReleased>(Moment&);

}  // namespace txsim
