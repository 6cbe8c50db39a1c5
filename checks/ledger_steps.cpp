// Facts about steps, amounts and row locks.
#include "checks/ledger.h"

namespace txsim {

// The effect of a fact of kind `Fact` on its step, which was `m.before`. What the node recalls was
// already so before its crash: it changes what the node had not announced.
template <FactKind Fact>
Ledger::Meaning Ledger::meaning(const Moment& m, const StepLayout& step, StepStatuses& steps,
                                std::uint64_t bit) {
  using enum FactKind;
  const std::int64_t value = m.record->value;
  Meaning made{.after = m.before};
  if constexpr (Fact == Updated) {
    made.after = StepStatus::UnderLock;
    made.twice = m.before == StepStatus::UnderLock;
    if (!m.recalled) made.available = step.as_read ? value : step.delta;
  } else if constexpr (Fact == Undone) {
    if (m.before != StepStatus::UnderLock && m.before != StepStatus::InEffect) return made;
    made.after = StepStatus::Undone;
    const bool as_read = step.as_read && (steps.by_lock & bit) != 0;
    made.available = as_read ? -steps.as_read_added : -step.delta;
  } else if constexpr (Fact == Applied) {
    made.after = StepStatus::InEffect;
    if (m.before == StepStatus::UnderLock) return made;
    const bool known = m.before == StepStatus::InEffect;
    if (known && (m.recalled || ((steps.by_lock & bit) != 0 && value == 0))) return made;
    steps.by_lock &= ~bit;
    steps.once_more(bit);
    // Before its crash it announced otherwise: that did not survive, and its amounts will show it.
    if (m.recalled && m.before != StepStatus::Untouched) return made;
    made.twice = known;
    made.available = step.as_read && !m.recalled ? value : step.delta;
  } else if constexpr (Fact == Compensated) {
    if (m.before != StepStatus::InEffect) {
      made.twice = m.before == StepStatus::Compensated;
      if (m.before == StepStatus::Untouched) made.after = StepStatus::CalledOff;
    } else if (m.recalled) {  // it announced otherwise before its crash
      steps.never(bit);
      made.after = value == 0 ? StepStatus::CalledOff : StepStatus::Compensated;
    } else {
      made.available = -step.delta;
      if (steps.once_less(bit)) made.after = StepStatus::Compensated;
    }
  } else if constexpr (Fact == Reserved) {
    if (m.recalled && m.before != StepStatus::Untouched) return made;
    made.twice = m.before == StepStatus::Reserved || m.before == StepStatus::Confirmed;
    if (m.before != StepStatus::Confirmed) made.after = StepStatus::Reserved;
    made.available = -value;
    made.reserved = value;
  } else if constexpr (Fact == Confirmed) {
    if (m.recalled && m.before == StepStatus::Confirmed) return made;
    const bool takes = step.takes;
    made.twice = m.before == StepStatus::Confirmed;
    made.after = StepStatus::Confirmed;
    made.available = takes ? 0 : value;
    made.reserved = takes ? -value : 0;
  } else if constexpr (Fact == Cancelled) {
    const bool had_none = m.recalled && m.before != StepStatus::Reserved;
    if (had_none && m.before != StepStatus::Untouched) return made;
    // What was reserved twice is given back, what was confirmed stays.
    if (m.before != StepStatus::Confirmed) made.after = StepStatus::Cancelled;
    if (had_none) return made;
    made.available = value;
    made.reserved = -value;
  }
  return made;
}

namespace {

// The execution contains what the fact ends, takes back or recalls.
template <FactKind Fact>
bool goes_on_from(StepStatus is, bool recalled) {
  using enum FactKind;
  if constexpr (Fact == Applied) {
    return is == (recalled ? StepStatus::InEffect : StepStatus::UnderLock);
  } else if constexpr (Fact == Undone) {
    return !recalled && (is == StepStatus::UnderLock || is == StepStatus::InEffect);
  } else if constexpr (Fact == Compensated) {
    if (!recalled) return is == StepStatus::InEffect;
    return is == StepStatus::Compensated || is == StepStatus::CalledOff;
  } else if constexpr (Fact == Reserved) {
    return recalled && is == StepStatus::Reserved;
  } else if constexpr (Fact == Confirmed) {
    return is == (recalled ? StepStatus::Confirmed : StepStatus::Reserved);
  } else if constexpr (Fact == Cancelled) {
    return is == (recalled ? StepStatus::Cancelled : StepStatus::Reserved);
  }
  return false;
}

}  // namespace

// A fact of an execution before the view's, under the same id: true if it is.
template <FactKind Fact>
bool Ledger::enter_earlier(Moment& m, const StepLayout& step) {
  using enum FactKind;
  const std::uint64_t bit = step_bit(m.record->step);
  const NodeId node = m.record->node;
  const LaterBranch* last = last_branch(m);
  const StepStatuses& now = last != nullptr ? last->steps : m.view->steps;
  if (goes_on_from<Fact>(now.of(bit), m.recalled)) return false;
  const std::size_t place = archive_.find_earlier(m.view->id, [&](const Entry& entry) {
    return goes_on_from<Fact>(entry.steps_at(node).of(bit), m.recalled);
  });
  if (place == Archive::kNowhere) return false;
  m.is_earlier = true;
  Entry entry = archive_.entry(place);
  StepStatuses& steps = entry.steps_at(node);
  m.before = steps.of(bit);
  const Meaning made = meaning<Fact>(m, step, steps, bit);
  m.undone_for_good = Fact == Undone && (steps.ever & bit) != 0;
  steps.move(bit, m.before, made.after);
  m.by_itself = (steps.by_lock & bit) == 0;
  if constexpr (Fact == Cancelled || Fact == Compensated) entry.state.off |= bit;
  if constexpr (Fact == Compensated) entry.state.was_compensated = true;
  entry.state.is_left_open = is_left_open(entry);
  change_amounts<Fact>(m, step, made);
  archive_.replace(place, m.view->id, entry);
  return true;
}

template <FactKind Fact>
void Ledger::enter_step(Moment& m) {
  using enum FactKind;
  const TraceRecord& record = *m.record;
  m.view = execution_of(record.transaction, kind_of(record.extra));
  if (m.view == nullptr || !layout_->knows_step(m.view->kind, record.step)) return;
  TransactionView& view = *m.view;
  m.part = layout_->part(view.kind, record.node);
  if (m.part < 0) return;
  m.recalled = is_recalling(record.node);
  const StepLayout& step = layout_->step(view.kind, record.step);
  m.resource = step.resource;
  const std::uint64_t bit = step_bit(record.step);
  if (view.again > 0 && enter_earlier<Fact>(m, step)) return;
  LaterBranch* later = branch_of(m, Fact == Updated && !m.recalled);
  if constexpr (Fact == Undone) later = branch_to_undo(m, later, bit);
  StepStatuses& steps = later != nullptr ? later->steps : view.steps;
  m.before = steps.of(bit);
  const Meaning made = meaning<Fact>(m, step, steps, bit);
  if constexpr (Fact == Undone) {
    const bool changes = made.after != m.before;
    m.undone_for_good = changes && (steps.ever & bit) != 0;
    m.undone_survivor = changes && (steps.survived & bit) != 0;
  }
  steps.move(bit, m.before, made.after);
  const bool called_off = (view.off & bit) != 0 || (view.aborted_there & part_bit(m.part)) != 0;
  OfStep& side = of_step(view, record.step);
  if constexpr (Fact == Updated) {
    steps.by_lock |= bit;
    if (step.as_read) steps.as_read_added = made.available;
    if (called_off) steps.late |= bit;
  }
  m.by_itself = (steps.by_lock & bit) == 0;
  m.again = made.twice && !m.recalled;
  if constexpr (Fact == Applied) {
    m.again = m.again || (!m.recalled && !later_.empty() && was_applied_elsewhere(m, later, bit));
    steps.applied |= bit;
    if (m.before != StepStatus::InEffect || made.twice) {
      side.place = view.effects;
      if (view.effects < 255) ++view.effects;
    }
  }
  if constexpr (Fact == Reserved || Fact == Applied) m.hangs = called_off && !m.recalled;
  if constexpr (Fact == Cancelled || Fact == Compensated) view.off |= bit;
  if constexpr (Fact == Compensated) view.was_compensated = true;
  if constexpr (Fact == Reserved) {
    if (m.before != StepStatus::Reserved) side.reserved_at = record.time;
    if (m.again) {
      view.reserved_again |= bit;
      view.reserved_again_event = record.sequence;
    }
  }
  if constexpr (Fact == Confirmed || Fact == Cancelled) {
    m.measured = m.before == StepStatus::Reserved && step.delta < 0;
    m.lasted = record.time - side.reserved_at;
  }
  side.reserved += made.reserved;
  view.has_reserved = view.has_reserved || made.reserved != 0;
  if constexpr (Fact != Updated && Fact != Reserved && Fact != ReadDone && Fact != Rejected) {
    if (made.after != m.before || m.again) side.event = record.sequence;
  }
  if constexpr (Fact != ReadDone && Fact != Rejected) change_amounts<Fact>(m, step, made);
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

// The correct amount of the resource, compared with the announced one. One mistake is reported
// once.
template <FactKind Fact>
void Ledger::change_amounts(Moment& m, const StepLayout& step, const Meaning& made) {
  using enum FactKind;
  const TraceRecord& record = *m.record;
  ResourceState& state = resources_[m.resource];
  m.changes = true;
  state.available += made.available;
  state.reserved += made.reserved;
  m.expected = m.announced = state.available;
  if (m.recalled) return;  // its amounts follow
  // Order records are rows of their own: no fact about their number waits for another order's fact,
  // so an earlier count may be announced later. Recoveries report the number.
  if (!step.is_record) m.announced = amount_of(record.extra);
  state.available = m.announced;
  constexpr bool kIsReservation = Fact == Reserved || Fact == Confirmed || Fact == Cancelled;
  const bool adds = Fact == Updated || (Fact == Applied && m.by_itself && !made.twice);
  // As read: overwriting the writes of others is not part of what it takes or gives.
  const bool overwrites = step.as_read && adds && record.value != step.delta;
  m.mismatch = m.announced != m.expected || overwrites ||
               (!kIsReservation && record.value != made.available);
}

// ---- Row locks. Their facts do not carry the kind of transaction.

template <FactKind Fact>
void Ledger::enter_lock(Moment& m) {
  using enum FactKind;
  const TraceRecord& record = *m.record;
  m.resource = static_cast<std::uint16_t>(record.value);
  m.view = find(record.transaction);
  if (m.view == nullptr) {
    const auto [kind, is_guess] = kind_of_lock(record);
    m.view = bring_back(record.transaction, kind);
    if (m.view == nullptr) return;
    m.view->is_guess = is_guess;
  }
  TransactionView& view = *m.view;
  m.part = layout_->part(view.kind, record.node);
  if (m.part < 0 || !layout_->knows_step(view.kind, record.step)) return;
  if constexpr (Fact == LockWaited || Fact == LockTaken) {
    branch_of(m, !is_recalling(record.node));
  }
  const std::uint64_t bit = step_bit(record.step);
  Time& since = of_step(view, record.step).lock_since;
  if constexpr (Fact == LockWaited) {
    if ((view.waiting & bit) == 0) since = record.time;
    view.waiting |= bit;
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
