// Branches that late or repeated requests open, and what a node recalls of a branch.
#include "checks/ledger.h"

namespace txsim {

LaterBranch* Ledger::last_branch(const Moment& m) {
  for (std::size_t i = later_.size(); i-- > 0;) {
    LaterBranch& branch = later_[i];
    if (branch.transaction == m.view->id && branch.node == m.record->node) return &branch;
  }
  return nullptr;
}

// The node's last branch, null: its first; `opens`: a new one if the last has finished.
LaterBranch* Ledger::find_branch(Moment& m, bool opens) {
  LaterBranch* last = last_branch(m);
  const bool is_finished =
      last != nullptr ? last->finished : (m.view->finished & part_bit(m.part)) != 0;
  if (opens && is_finished) {
    later_.emplace_back();
    last = &later_.back();
    last->transaction = m.view->id;
    last->node = m.record->node;
  }
  m.is_later = last != nullptr;
  return last;
}

// The last branch of the node that has something to undo.
LaterBranch* Ledger::branch_to_undo(Moment& m, LaterBranch* last, std::uint64_t bit) {
  if (last == nullptr) return nullptr;
  const auto has_it = [&](const StepStatuses& steps) {
    return ((steps.under_lock() | steps.set(StepStatus::InEffect)) & bit) != 0;
  };
  for (std::size_t i = later_.size(); i-- > 0;) {
    LaterBranch& branch = later_[i];
    const bool is_its = branch.transaction == m.view->id && branch.node == m.record->node;
    if (is_its && has_it(branch.steps)) return &branch;
  }
  if (!has_it(m.view->steps)) return last;
  m.is_later = false;
  return nullptr;
}

// The step was announced as applied in another branch of the same node.
bool Ledger::was_applied_elsewhere(const Moment& m, const LaterBranch* here,
                                   std::uint64_t bit) const {
  if (here != nullptr && (m.view->steps.applied & bit) != 0) return true;
  for (const LaterBranch& branch : later_) {
    const bool is_its = branch.transaction == m.view->id && branch.node == m.record->node;
    if (is_its && &branch != here && (branch.steps.applied & bit) != 0) return true;
  }
  return false;
}

std::int64_t Ledger::added(std::uint16_t kind, const StepStatuses& steps, std::uint8_t step) const {
  const StepLayout& of = layout_->step(kind, step);
  return of.as_read ? steps.as_read_added : of.delta;
}

// The node's end was not yet durable: it is prepared as before, with everything it had updated.
void Ledger::hold_again(std::uint16_t kind, StepStatuses& steps, std::uint64_t of) {
  for (std::uint64_t rest = steps.by_lock & of; rest != 0; rest &= rest - 1) {
    const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
    const std::uint64_t bit = step_bit(step);
    const StepStatus was = steps.of(bit);
    if (was != StepStatus::Undone && was != StepStatus::InEffect) continue;
    if (was == StepStatus::Undone) {
      resources_[layout_->step(kind, step).resource].available += added(kind, steps, step);
    }
    steps.move(bit, was, StepStatus::UnderLock);
  }
}

// What a node recalls as ended, of what it had promised.
void Ledger::end_steps(Moment& m, StepStatuses& steps, std::uint64_t of, bool commits) {
  TransactionView& view = *m.view;
  for (std::uint64_t rest = steps.under_lock() & of; rest != 0; rest &= rest - 1) {
    const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
    of_step(view, step).event = m.record->sequence;
    steps.move(step_bit(step), StepStatus::UnderLock,
               commits ? StepStatus::InEffect : StepStatus::Undone);
    const std::uint16_t resource = layout_->step(view.kind, step).resource;
    if (!commits) resources_[resource].available -= added(view.kind, steps, step);
    settled_.push_back({.kind = commits ? Settled::Kind::Kept : Settled::Kind::Lost,
                        .event = m.record->sequence,
                        .resource = resource,
                        .transaction = view.id});
  }
}

// A crash erases what was not promised, and what was promised but is not recalled.
void Ledger::lose(TransactionId id, std::uint16_t kind, StepStatuses& steps, std::uint64_t of,
                  bool changes_amounts) {
  for (std::uint64_t rest = steps.under_lock() & of; rest != 0; rest &= rest - 1) {
    const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
    const std::uint16_t resource = layout_->step(kind, step).resource;
    steps.move(step_bit(step), StepStatus::UnderLock, StepStatus::Lost);
    if (changes_amounts) resources_[resource].available -= added(kind, steps, step);
    settled_.push_back({.kind = Settled::Kind::Lost, .resource = resource, .transaction = id});
  }
}

// ---- Executions before the view's, under the same id

namespace {

bool has_finished_so(PartSet part, const ExecutionState& state, const LaterBranch* later,
                     Outcome outcome) {
  if (later != nullptr) return later->finished && later->outcome == outcome;
  if (outcome == Outcome::Committed) return (state.committed & part) != 0;
  if (outcome == Outcome::Aborted) return (state.aborted & part) != 0;
  return (state.finished & part) != 0;
}

// The node has begun its part and not finished it.
bool is_under_way(PartSet part, std::uint64_t steps, const ExecutionState& state,
                  const LaterBranch* later) {
  if (later != nullptr) return !later->finished;
  const bool has_begun =
      (state.steps.sets[0] & steps) != 0 || ((state.yes | state.no | state.read_only) & part) != 0;
  return has_begun && (state.finished & part) == 0;
}

}  // namespace

bool Ledger::finish_earlier(Moment& m) {
  const PartSet part = part_bit(m.part);
  const std::uint64_t steps = layout_->steps_of(m.view->kind, m.part);
  const auto outcome = static_cast<Outcome>(m.record->value);
  const auto fits = [&](const ExecutionState& state, const LaterBranch* later) {
    return m.recalled ? has_finished_so(part, state, later, outcome)
                      : is_under_way(part, steps, state, later);
  };
  if (fits(*m.view, last_branch(m))) return false;
  const std::size_t place = archive_.find_earlier(m.view->id, [&](const Entry& entry) {
    return fits(entry.state, entry.later_at(m.record->node));
  });
  if (place == Archive::kNowhere) return false;
  m.is_earlier = true;
  if (m.recalled) return true;
  Entry entry = archive_.entry(place);
  if (LaterBranch* later = entry.later_at(m.record->node)) {
    later->finished = true;
    later->outcome = outcome;
    later->in_doubt = false;
  } else {
    entry.state.finished |= part;
    entry.state.in_doubt &= ~part;
    if (outcome == Outcome::Committed) entry.state.committed |= part;
    if (outcome == Outcome::Aborted) entry.state.aborted |= part;
  }
  if (outcome == Outcome::Aborted) entry.state.aborted_there |= part;
  entry.state.is_left_open = is_left_open(entry);
  archive_.replace(place, m.view->id, entry);
  return true;
}

// A yes vote covers everything that the node holds under lock of the transaction, including updates
// of an earlier execution that its coordinator has forgotten and that were not promised then.
void Ledger::carry_over(const Moment& m, StepStatuses& into) {
  const std::uint64_t of = layout_->steps_of(m.view->kind, m.part);
  const auto held = [&](const Entry& entry) -> std::uint64_t {
    const LaterBranch* later = entry.later_at(m.record->node);
    const bool is_promised =
        later != nullptr ? later->in_doubt : (entry.state.in_doubt & part_bit(m.part)) != 0;
    if (is_promised) return 0;
    return entry.steps_at(m.record->node).under_lock() & of & ~into.sets[0];
  };
  for (;;) {
    const std::size_t place =
        archive_.find_earlier(m.view->id, [&](const Entry& entry) { return held(entry) != 0; });
    if (place == Archive::kNowhere) return;
    Entry entry = archive_.entry(place);
    StepStatuses& from = entry.steps_at(m.record->node);
    for (std::uint64_t rest = held(entry); rest != 0; rest &= rest - 1) {
      const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
      if (layout_->step(m.view->kind, step).as_read) into.as_read_added = from.as_read_added;
      from.give(step_bit(step), into);
    }
    entry.state.is_left_open = is_left_open(entry);
    archive_.replace(place, m.view->id, entry);
  }
}

// And not in the view's own.
bool Ledger::has_decided_earlier(const Moment& m, bool commits) const {
  const auto has_decided = [&](const ExecutionState& state) {
    const PartSet parts = commits ? state.decided_committed : state.decided_aborted;
    return (parts & part_bit(m.part)) != 0;
  };
  if (has_decided(*m.view)) return false;
  return archive_.find_earlier(m.view->id, [&](const Entry& entry) {
    return has_decided(entry.state);
  }) != Archive::kNowhere;
}

}  // namespace txsim
