// What nodes say in a recovery that they remember of their steps. A crash may have cut off the
// first telling of it; else it is known already. Where it contradicts what the same node said
// before the crash, the node has lost that: its amounts, compared right after, say so, and are left
// alone here.
#include "checks/ledger.h"

namespace txsim {

// False: not said of what it remembers, but done now.
template <FactKind Fact>
bool Ledger::recall(Moment& m, std::uint64_t bit, std::int64_t delta) {
  using enum FactKind;
  const TraceRecord& record = *m.record;
  if constexpr (Fact == Applied || Fact == Compensated) {
    if (!strays_.empty() && find_stray(record.transaction, record.node) != nullptr) return false;
    if (Fact == Applied && record.value != delta) return false;
    if (m.view == nullptr) {
      recall_late(m, kind_of(record.extra), bit);
      recalls_ = m.recalled = true;
      return true;
    }
    if ((m.view->updated & bit) != 0) return false;
    recalls_ = m.recalled = true;
    if constexpr (Fact == Applied) {
      recall_applied(m, bit, delta);
    } else {
      recall_compensated(m, bit, delta);
    }
  } else {
    recalls_ = m.recalled = true;
    if (m.view != nullptr) recall_reserved(m, bit);
  }
  return true;
}

template bool Ledger::recall<FactKind::Reserved>(Moment&, std::uint64_t, std::int64_t);
template bool Ledger::recall<FactKind::Confirmed>(Moment&, std::uint64_t, std::int64_t);
template bool Ledger::recall<FactKind::Cancelled>(Moment&, std::uint64_t, std::int64_t);
template bool Ledger::recall<FactKind::Applied>(Moment&, std::uint64_t, std::int64_t);
template bool Ledger::recall<FactKind::Compensated>(Moment&, std::uint64_t, std::int64_t);

// Reserved, Confirmed, Cancelled.
void Ledger::recall_reserved(Moment& m, std::uint64_t bit) {
  TransactionView& view = *m.view;
  const std::uint64_t ended = view.confirmed | view.cancelled;
  const bool is_known =
      m.fact == FactKind::Reserved
          ? ((view.reserved | ended) & bit) != 0
          : ((m.fact == FactKind::Confirmed ? view.confirmed : view.cancelled) & bit) != 0;
  if (is_known) return;
  if (m.fact != FactKind::Reserved) note_event(view, bit, m.record->sequence);
  if (m.fact == FactKind::Reserved) {
    reserve(m, bit);
  } else if (m.fact == FactKind::Confirmed || (view.reserved & bit) != 0) {
    release(m, bit);
  } else {
    view.cancelled |= bit;  // neither was told: nothing has changed
  }
  m.hangs = m.again = false;
}

void Ledger::recall_applied(Moment& m, std::uint64_t bit, std::int64_t delta) {
  TransactionView& view = *m.view;
  const bool was_applied = (view.applied & bit) != 0;
  const bool was_called_off = (view.compensated & bit) != 0;
  if (was_applied) {
    view.compensated &= ~bit;  // if it was, the node knows nothing of that any more
    return;
  }
  note_event(view, bit, m.record->sequence);
  apply(m, bit, delta);
  m.hangs = was_called_off;
  m.again = false;
}

void Ledger::recall_compensated(Moment& m, std::uint64_t bit, std::int64_t delta) {
  TransactionView& view = *m.view;
  if ((view.compensated & bit) != 0) return;
  note_event(view, bit, m.record->sequence);
  if ((view.applied & bit) == 0) {
    if (m.record->value != 0) view.applied |= bit;  // neither was told: nothing has changed
    view.compensated |= bit;
  } else if (m.record->value == 0 && delta != 0) {
    view.applied &= ~bit;  // it has forgotten that it had done it
    view.compensated |= bit;
  } else {
    compensate(m, bit, delta);
  }
}

// Of a transaction that is over.
void Ledger::recall_late(const Moment& m, std::uint16_t kind, std::uint64_t bit) {
  const bool in_effect = m.fact == FactKind::Applied;
  const bool changes = in_effect || m.record->value != 0;
  if (changes && was_in_effect(m.record->transaction, bit) != in_effect) {
    change_ended(m, kind, bit, in_effect, By::Step);
  }
}

// ---- For the explorer

// Of the order in which steps took effect only that of steps which may be compensated counts, and
// of their places only which is before which.
void Ledger::digest_order(const TransactionView& view, Fingerprint& into) const {
  for (std::uint64_t rest = view.by_itself(); rest != 0; rest &= rest - 1) {
    const std::uint8_t order = effect_order(view, static_cast<std::uint8_t>(__builtin_ctzll(rest)));
    std::uint64_t later = 0;
    for (std::uint64_t others = view.by_itself(); others != 0; others &= others - 1) {
      const auto other = static_cast<std::uint8_t>(__builtin_ctzll(others));
      if (effect_order(view, other) > order) later |= step_bit(other);
    }
    into.add(later);
  }
}

void Ledger::digest_into(Fingerprint& into) const {
  into.add(is_calm_, by_itself_, recalls_, ended_, resources_, recoveries_, orders_, recovering_,
           settling_.size());
  std::uint64_t sum = 0;
  for (const CalledOff& alike : called_off_) sum += Fingerprint::of(alike);
  places_.for_each([&](std::uint64_t, const std::uint32_t place) {
    const TransactionView& view = views_[place];
    Fingerprint one;
    one.add(view);
    digest_order(view, one);
    sum += one.value();
  });
  for (const Stray& stray : strays_) sum += Fingerprint::of(stray);
  into.add(sum);
}

}  // namespace txsim
