// What the books say after a crash, and how they are settled once the node has recovered.
//
// What was not prepared is gone: that is entered at once, as lost. But the crash may have come
// after the record was durable and before that was announced:
//   1. participant forces its prepare record; 2. the write completes; 3. it crashes before Voted.
// It recovers prepared, its steps in effect. So the lost steps come back when the node says so, and
// failing that when the amounts that it announces cannot be explained otherwise. The other way
// round, a yes vote that the node does not say again, and whose steps its amounts do not show, is
// void: it has forgotten its promise.
#include <algorithm>
#include <cstdlib>

#include "checks/ledger.h"

namespace txsim {

void Ledger::crashed(const TraceRecord& record) {
  const NodeId node = record.node;
  if (is_settling(node)) settle_node(node);
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    RecoveryState& recovery = recoveries_[i];
    if (recovery.is_apart || !is_here(i, node)) continue;
    recovery.is_apart = true;
    recovery.available = resources_[i].available;
    recovery.reserved = resources_[i].reserved;
  }
  for (TransactionView& view : views_) {
    if (view.open && view.begun) crash_view(view, record);
  }
  crash_strays(record);
  if (node < recovering_.size()) recovering_[node] = 0;
  look_for_calm();
}

void Ledger::look_for_calm() {
  is_calm_ = settling_.empty() && std::none_of(recovering_.begin(), recovering_.end(),
                                               [](std::uint8_t is) { return is != 0; });
}

void Ledger::crash_view(TransactionView& view, const TraceRecord& record) {
  const int part = layout_->part(view.kind, record.node);
  if (part < 0) return;
  const std::uint64_t steps = steps_of(view, part);
  const bool prepared =
      (view.yes & part_bit(part)) != 0 || (part == 0 && view.decision == Outcome::Committed);
  if (!prepared) {
    const std::uint64_t gone = view.pending & steps;
    add_deltas(view.kind, gone, -1);
    view.pending &= ~gone;
    view.lost |= gone;
  }
  cut_waits(view, steps, record);
  view.locked &= ~steps;  // whoever holds them again says so
  view.waiting &= ~steps;
  if (part == 0) view.orphaned = view.phase != Phase::Ended;
  // Of what was reserved, its coordinator may have more to say.
  const std::uint64_t by_itself = view.by_itself() | view.compensated;
  const bool is_open = part == 0 && view.orphaned &&
                       (view.reserved | view.confirmed | view.cancelled | by_itself) != 0;
  const bool has_ended = ((view.committed | view.aborted) & part_bit(part)) != 0;
  if (is_open || !has_ended) view.uncertain |= part_bit(part);
}

void Ledger::cut_waits(const TransactionView& view, std::uint64_t steps,
                       const TraceRecord& record) {
  for (std::uint64_t rest = view.waiting & steps; rest != 0; rest &= rest - 1) {
    const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
    settled_.push_back({.kind = Settled::Kind::WaitCut,
                        .event = record.sequence,
                        .node = record.node,
                        .transaction = view.id,
                        .lasted = record.time - lock_since(view, step)});
  }
}

void Ledger::crash_strays(const TraceRecord& record) {
  for (std::size_t i = 0; i < strays_.size();) {
    Stray& stray = strays_[i];
    if (stray.node != record.node) {
      ++i;
      continue;
    }
    if (stray.waiting != 0) {
      settled_.push_back({.kind = Settled::Kind::WaitCut,
                          .event = record.sequence,
                          .node = record.node,
                          .transaction = stray.transaction,
                          .lasted = record.time - stray.waited_since});
    }
    stray.locked = stray.waiting = 0;
    if (!stray.voted) {
      if (stray.kind != Stray::kNoKind) {
        add_deltas(stray.kind, stray.pending & ~stray.held_before, -1);
      }
      stray.pending = stray.held_before = 0;
    }
    if (stray.is_empty()) {
      drop(stray);
    } else {
      ++i;
    }
  }
}

void Ledger::restarted(const TraceRecord& record) {
  const NodeId node = record.node;
  if (record.value != 1 || node >= recovering_.size()) return;
  const std::vector<Resource>& resources = layout_->plan().resources;
  const bool will_announce = std::any_of(resources.begin(), resources.end(),
                                         [&](const Resource& r) { return r.service == node; });
  recovering_[node] = will_announce ? 1 : 0;
  is_calm_ = false;
  if (!will_announce) await_settling(node, record.time);
}

void Ledger::enter_recovered(Moment& m) {
  const TraceRecord& record = *m.record;
  if (record.peer >= resources_.size()) return;
  m.resource = static_cast<std::uint16_t>(record.peer);
  m.changes = true;
  m.announced = m.expected = record.value;
  recoveries_[m.resource] = {.available = record.value,
                             .reserved = record.extra,
                             .event = record.sequence,
                             .is_apart = true,
                             .to_settle = true};
  if (record.node < recovering_.size()) recovering_[record.node] = 0;
  await_settling(record.node, record.time);
}

std::vector<std::pair<std::int64_t, std::int64_t>> Ledger::announced_amounts() const {
  std::vector<std::pair<std::int64_t, std::int64_t>> amounts;
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    const RecoveryState& recovery = recoveries_[i];
    if (recovery.is_apart) {
      amounts.emplace_back(recovery.available, recovery.reserved);
    } else {
      amounts.emplace_back(resources_[i].available, resources_[i].reserved);
    }
  }
  return amounts;
}

void Ledger::await_settling(NodeId node, Time since) {
  if (!is_settling(node)) settling_.push_back(node);
  settling_since_ = since;
  is_calm_ = false;
}

bool Ledger::is_settling(NodeId node) const {
  return std::find(settling_.begin(), settling_.end(), node) != settling_.end();
}

void Ledger::settle_all() {
  while (!settling_.empty()) settle_node(settling_.front());
}

void Ledger::settle_node(NodeId node) {
  settling_.erase(std::find(settling_.begin(), settling_.end(), node));
  explain(node);
  compare_amounts(node);
  void_votes(node);
  take_amounts(node);
  look_for_calm();
  for (TransactionView& view : views_) {
    if (view.open) settle_view(view, node);
  }
}

void Ledger::compare_amounts(NodeId node) {
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    const ResourceState& state = resources_[i];
    const RecoveryState& recovery = recoveries_[i];
    if (!recovery.to_settle || !is_here(i, node)) continue;
    Settled settled{.event = recovery.event,
                    .resource = static_cast<std::uint16_t>(i),
                    .node = node,
                    .expected = state.available,
                    .announced = recovery.available};
    if (recovery.available != state.available) {
      settled.kind = Settled::Kind::Mismatch;
    } else if (recovery.reserved != state.reserved) {
      settled.kind = Settled::Kind::Mismatch;
      settled.expected = state.reserved;
      settled.announced = recovery.reserved;
    }
    settled_.push_back(settled);
  }
}

void Ledger::take_amounts(NodeId node) {
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    RecoveryState& recovery = recoveries_[i];
    if (!recovery.to_settle || !is_here(i, node)) continue;
    resources_[i].available = recovery.available;
    resources_[i].reserved = recovery.reserved;
    recovery = {};
  }
}

// What participants had promised before they crashed and neither say again nor show.
void Ledger::void_votes(NodeId node) {
  for_each_open_view([&](TransactionView& view) {
    const int part = layout_->part(view.kind, node);
    if (part <= 0 || (view.uncertain & view.in_doubt & part_bit(part)) == 0) return;
    const std::uint64_t steps = steps_of(view, part);
    const std::uint64_t pending = view.pending & steps;
    const bool is_shown = changes_amounts(view.kind, pending) && !fits(view.kind, pending, -1);
    if ((view.applied & steps) != 0 || is_shown) return;
    add_deltas(view.kind, pending, -1);
    view.pending &= ~pending;
    lose(view, pending);
    view.in_doubt &= ~part_bit(part);
    view.forgot |= part_bit(part);
  });
}

void Ledger::lose(TransactionView& view, std::uint64_t steps) {
  view.undone |= steps;
  for (std::uint64_t rest = steps; rest != 0; rest &= rest - 1) {
    const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
    settled_.push_back({.kind = Settled::Kind::Lost,
                        .resource = layout_->step(view.kind, step).resource,
                        .transaction = view.id});
  }
}

void Ledger::settle_view(TransactionView& view, NodeId node) {
  const int part = layout_->part(view.kind, node);
  if (part < 0) return;
  const std::uint64_t steps = steps_of(view, part);
  lose(view, view.lost & steps);
  view.lost &= ~steps;
  if (part == 0 && view.decision == Outcome::Committed) {  // its log says so
    note_event(view, view.pending & steps, view.decision_event);
    view.applied |= view.pending & steps;
    view.pending &= ~steps;
  }
  if ((view.uncertain & part_bit(part)) == 0) return;
  view.uncertain &= ~part_bit(part);
  maybe_over_.push_back(static_cast<std::uint32_t>(index_of(view)));
}

// ---- Finding out what the node kept

void Ledger::add_deltas(std::uint16_t kind, std::uint64_t steps, int sign) {
  for (; steps != 0; steps &= steps - 1) {
    const StepLayout& step = layout_->step(kind, static_cast<std::uint8_t>(__builtin_ctzll(steps)));
    resources_[step.resource].available += sign * step.delta;
  }
}

bool Ledger::changes_amounts(std::uint16_t kind, std::uint64_t steps) const {
  for (; steps != 0; steps &= steps - 1) {
    if (layout_->step(kind, static_cast<std::uint8_t>(__builtin_ctzll(steps))).delta != 0) {
      return true;
    }
  }
  return false;
}

void Ledger::put_back(TransactionView& view, std::uint64_t steps) {
  add_deltas(view.kind, steps, 1);
  view.lost &= ~steps;
  view.pending |= steps;
  view.updated |= steps;
}

// Whether the steps put in effect (or taken out, sign -1) bring each amount nearer to what was
// announced and none beyond it.
bool Ledger::fits(std::uint16_t kind, std::uint64_t steps, int sign) const {
  bool helps = false;
  for (; steps != 0; steps &= steps - 1) {
    const StepLayout& step = layout_->step(kind, static_cast<std::uint8_t>(__builtin_ctzll(steps)));
    const std::int64_t by = sign * step.delta;
    if (by == 0) continue;
    const RecoveryState& recovery = recoveries_[step.resource];
    const std::int64_t gap = recovery.available - resources_[step.resource].available;
    if (!recovery.to_settle || (gap < 0) != (by < 0) || std::abs(gap) < std::abs(by)) return false;
    helps = true;
  }
  return helps;
}

void Ledger::explain(NodeId node) {
  bool agrees = true;
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    const RecoveryState& recovery = recoveries_[i];
    if (!recovery.to_settle || !is_here(i, node)) continue;
    if (recovery.available != resources_[i].available) agrees = false;
  }
  if (agrees) return;
  for_each_open_view([&](TransactionView& view) {
    const int part = layout_->part(view.kind, node);
    if (part >= 0 && (view.uncertain & part_bit(part)) != 0) explain_by(view, part);
  });
}

void Ledger::explain_by(TransactionView& view, int part) {
  const std::uint64_t steps = steps_of(view, part);
  const std::uint64_t lost = view.lost & steps;
  if (fits(view.kind, lost, 1)) {
    bring_back(view, lost);
    if (part == 0) {  // a coordinator does not prepare: what its log has is committed
      view.pending &= ~lost;
      view.applied |= lost;
    } else {
      view.yes |= part_bit(part);
      view.in_doubt |= part_bit(part);
      voted_at(view, part) = settling_since_;
    }
    return;
  }
  const std::uint64_t pending = view.pending & steps;
  const bool may_be_aborted = view.decision == Outcome::Aborted ||
                              (view.alone_aborted & part_bit(part)) != 0 ||
                              (view.decision == Outcome::Unknown && view.orphaned);
  if (may_be_aborted && fits(view.kind, pending, -1)) {
    add_deltas(view.kind, pending, -1);
    view.pending &= ~pending;
    view.undone |= pending;
    view.aborted |= part_bit(part);
    view.ends |= TransactionView::kAborts;
    view.in_doubt &= ~part_bit(part);
    return;
  }
  // A local transaction of one step: its record was durable and its Applied was cut off.
  if (recalls_) return;  // nodes that remember their steps say so
  const std::uint64_t known = view.pending | view.applied | view.undone | view.lost |
                              view.reserved | view.confirmed | view.cancelled;
  for (std::uint64_t rest = steps & ~known; rest != 0; rest &= rest - 1) {
    const std::uint64_t bit = rest & (~rest + 1);
    if (!fits(view.kind, bit, 1)) continue;
    add_deltas(view.kind, bit, 1);
    view.applied |= bit;
  }
}

}  // namespace txsim
