// What is known of transactions that are over, and how late facts change it.
#include <algorithm>
#include <limits>

#include "checks/ledger.h"

namespace txsim {

std::uint64_t Ledger::last_event_of(const TransactionView& view, std::uint64_t steps) const {
  std::uint64_t last = 0;
  for (; steps != 0; steps &= steps - 1) {
    last = std::max(last, event_of(view, static_cast<std::uint8_t>(__builtin_ctzll(steps))));
  }
  return last;
}

// Compensated, cancelled, or of a part that has ended aborted.
std::uint64_t Ledger::called_off_of(const TransactionView& view) const {
  std::uint64_t steps = view.compensated | view.cancelled;
  PartSet aborted = view.aborted & ~view.committed;
  for (int part = 0; aborted != 0; ++part) {
    if ((aborted & part_bit(part)) == 0) continue;
    steps |= steps_of(view, part);
    aborted &= ~part_bit(part);
  }
  return steps & ~view.in_effect();
}

// A step under lock is in effect for good once it is applied, one that took effect by itself once
// its transaction has ended: until then it may be compensated. One that is not in effect stays so
// once it was called off or undone, any other once its transaction has ended. After the first of
// either kind, neither all nor nothing comes of the transaction.
Ended Ledger::end_of(const TransactionView& view, std::uint64_t effect) const {
  const std::uint64_t writes = layout_->kind(view.kind).writes;
  Ended ended{.id = view.id, .kind = view.kind};
  ended.before = ended.effect = effect;
  ended.called_off = called_off_of(view);
  ended.decided_abort = view.decision == Outcome::Aborted;
  ended.compensated = (view.compensated & writes) != 0;
  const std::uint64_t missing = writes & ~effect;
  if (effect == 0 || missing == 0) return ended;
  const std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
  const auto first_final = [&](std::uint64_t steps, std::uint64_t by_themselves) {
    std::uint64_t first = never;
    for (; steps != 0; steps &= steps - 1) {
      const auto step = static_cast<std::uint8_t>(__builtin_ctzll(steps));
      const std::uint64_t since = event_of(view, step);
      const bool waits = (by_themselves & step_bit(step)) != 0;
      if (waits && view.ended_event == 0) continue;
      first = std::min(first, waits ? std::max(since, view.ended_event) : since);
    }
    return first;
  };
  const std::uint64_t out = (ended.called_off | view.undone) & missing;
  const std::uint64_t in_since = first_final(effect, view.by_itself());
  const std::uint64_t out_since = first_final(missing, missing & ~out);
  ended.is_final = in_since != never && out != 0;
  const bool is_known = in_since != never && out_since != never;
  ended.event = is_known ? std::max(in_since, out_since) : last_event_of(view, writes);
  ended.sides = {event_of(view, static_cast<std::uint8_t>(__builtin_ctzll(effect))),
                 event_of(view, static_cast<std::uint8_t>(__builtin_ctzll(missing)))};
  return ended;
}

std::uint64_t Ledger::effect_of(TransactionId id, std::uint16_t kind) const {
  if (const Ended* ended = ended_.find(id)) return ended->effect;
  const bool is_full = layout_->knows_kind(kind) && orders_.ended_in_effect(id);
  return is_full ? layout_->kind(kind).writes : 0;
}

bool Ledger::is_full(TransactionId id) const {
  if (const Ended* ended = ended_.find(id)) {
    return ended->effect == layout_->kind(ended->kind).writes;
  }
  return orders_.ended_in_effect(id);
}

bool Ledger::is_partial_or_full(TransactionId id) const {
  if (const Ended* ended = ended_.find(id)) return ended->effect != 0;
  return orders_.ended_in_effect(id);
}

bool Ledger::is_known_to_end(TransactionId id) const {
  return is_partial_or_full(id) || called_off(id).decided;
}

bool Ledger::was_in_effect(TransactionId id, std::uint64_t bit) const {
  if (const Ended* ended = ended_.find(id)) return (ended->effect & bit) != 0;
  return orders_.ended_in_effect(id);
}

CalledOff Ledger::called_off(TransactionId id) const {
  CalledOff all;
  if (const Ended* ended = ended_.find(id)) {
    all.steps = ended->called_off;
    all.decided = ended->decided_abort;
    all.compensated = ended->compensated;
  }
  for (const CalledOff& alike : called_off_) {
    if (alike.submission != submission_of(id) || !alike.orders.contains(order_of(id))) continue;
    all.steps |= alike.steps;
    all.decided = all.decided || alike.decided;
    all.compensated = all.compensated || alike.compensated;
  }
  return all;
}

void Ledger::note_called_off(TransactionId id, const CalledOff& what) {
  if (Ended* ended = ended_.find(id)) {
    ended->called_off |= what.steps;
    ended->compensated = ended->compensated || what.compensated;
    return;
  }
  const std::uint64_t submission = submission_of(id);
  for (CalledOff& alike : called_off_) {
    if (alike.steps != what.steps || alike.decided != what.decided ||
        alike.compensated != what.compensated || alike.submission != submission) {
      continue;
    }
    alike.orders.add(order_of(id));
    return;
  }
  called_off_.push_back(what);
  called_off_.back().submission = submission;
  called_off_.back().orders.add(order_of(id));
}

// What its client was told, which was true when the order was over.
void Ledger::note_told(Ended& ended) const {
  const std::uint64_t order = order_of(ended.id);
  if (orders_.is_open(order) || !orders_.is_heard(order)) return;
  ended.told_done = orders_.is_done(ended.id);
  ended.told_failed = !ended.told_done;
}

Ended& Ledger::ended_entry(TransactionId id, std::uint16_t kind) {
  if (Ended* ended = ended_.find(id)) return *ended;
  const CalledOff off = called_off(id);
  Ended ended{.id = id, .kind = kind};
  ended.before = ended.effect = effect_of(id, kind);
  ended.called_off = off.steps;
  ended.decided_abort = off.decided;
  ended.compensated = off.compensated;
  note_told(ended);
  return ended_[id] = ended;
}

// Steps of a transaction that is over are in effect after all, or no longer.
void Ledger::change_ended(const Moment& m, std::uint16_t kind, std::uint64_t steps, bool in_effect,
                          By by) {
  if (!layout_->knows_kind(kind)) return;
  const std::uint64_t writes = layout_->kind(kind).writes;
  const TransactionId id = m.record->transaction;
  steps &= writes & (in_effect ? ~effect_of(id, kind) : effect_of(id, kind));
  if (steps == 0) return;
  Ended& ended = ended_entry(id, kind);
  const bool was_full = ended.effect == writes;
  ended.effect ^= steps;
  ended.sides[in_effect ? 0 : 1] = m.record->sequence;
  ended.node = m.record->node;
  ended.event = m.record->sequence;
  ended.is_changed = true;
  ended.by_step = by == By::Step;
  const bool is_full = ended.effect == writes;
  if (was_full != is_full) orders_.revise(order_of(id), is_full);
  orders_.touch(order_of(id));
}

std::int64_t Ledger::reserved_for_nobody(std::uint16_t resource) {
  std::int64_t reserved = resources_[resource].reserved;
  const auto take_off = [&](std::uint16_t kind, std::uint64_t steps) {
    for (; steps != 0; steps &= steps - 1) {
      const StepLayout& step =
          layout_->step(kind, static_cast<std::uint8_t>(__builtin_ctzll(steps)));
      if (step.resource == resource && step.delta < 0) reserved += step.delta;
    }
  };
  for_each_open_view([&](const TransactionView& view) { take_off(view.kind, view.reserved); });
  for (const Stray& stray : strays_) {
    if (layout_->knows_kind(stray.kind)) take_off(stray.kind, stray.reserved);
  }
  return reserved;
}

}  // namespace txsim
