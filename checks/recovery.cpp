// Crashes, and what nodes recall after them. A crash erases what the node had not promised. In the
// instant of its restart the node recalls what it had promised and what it knows to have ended, and
// then announces its amounts. What it had promised and not recalled by then is forgotten.
#include <algorithm>

#include "checks/ledger.h"

namespace txsim {

void Ledger::crashed(const TraceRecord& record) {
  const NodeId node = record.node;
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    RecoveryState& recovery = recoveries_[i];
    if (recovery.is_apart || !is_here(i, node)) continue;
    recovery.is_apart = true;
    recovery.available = resources_[i].available;
    recovery.reserved = resources_[i].reserved;
  }
  if (node < down_.size()) {
    down_[node] = 1;
    recalling_[node] = 0;
  }
  for (TransactionView& view : views_) {
    if (view.open) crash_view(view, record);
  }
  look_for_calm();
}

void Ledger::look_for_calm() {
  is_calm_ = settling_.empty() && std::none_of(recalling_.begin(), recalling_.end(),
                                               [](std::uint8_t is) { return is != 0; });
}

// A participant has promised by its vote, a coordinator by its decision.
void Ledger::crash_view(TransactionView& view, const TraceRecord& record) {
  const int part = layout_->part(view.kind, record.node);
  if (part < 0) return;
  const std::uint64_t steps = layout_->steps_of(view.kind, part);
  const bool decided = part == 0 && view.decided_committed != 0;
  if (part == 0 && view.begun) view.left = view.phase != Phase::Ended;
  if (!decided && (view.in_doubt & part_bit(part)) == 0) {
    lose(view.id, view.kind, view.steps, steps, true);
  }
  view.said_again &= ~part_bit(part);
  for (LaterBranch& branch : later_) {
    if (branch.transaction != view.id || branch.node != record.node) continue;
    branch.said_again = false;
    if (!decided && !branch.in_doubt) lose(view.id, view.kind, branch.steps, steps, true);
  }
  cut_waits(view, steps, record);
  view.locked &= ~steps;  // a node that holds them again announces it
}

void Ledger::cut_waits(TransactionView& view, std::uint64_t steps, const TraceRecord& record) {
  for (std::uint64_t rest = view.waiting & steps; rest != 0; rest &= rest - 1) {
    const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
    settled_.push_back({.kind = Settled::Kind::WaitCut,
                        .event = record.sequence,
                        .node = record.node,
                        .transaction = view.id,
                        .lasted = record.time - lock_since(view, step)});
  }
  view.waiting &= ~steps;
}

void Ledger::restarted(const TraceRecord& record) {
  const NodeId node = record.node;
  if (record.value != 1 || node >= recalling_.size()) return;
  down_[node] = 0;
  recalling_[node] = 1;
  recalling_since_ = record.time;
  is_calm_ = false;
  for (const TransactionView& view : views_) {
    const bool may_be_over = view.open && view.left && coordinator_of(view.kind) == node;
    if (may_be_over) maybe_over_.push_back(static_cast<std::uint32_t>(index_of(view)));
  }
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
  if (std::find(settling_.begin(), settling_.end(), record.node) == settling_.end()) {
    settling_.push_back(record.node);
  }
  is_calm_ = false;
}

void Ledger::go_on_recalling(const TraceRecord& record) {
  const bool is_amount =
      record.kind == EventKind::Announced && record.what == fact_word(FactKind::Recovered) &&
      std::find(settling_.begin(), settling_.end(), record.node) != settling_.end();
  if (!is_amount) {
    while (!settling_.empty()) settle_node(settling_.front());
  }
  if (record.time > recalling_since_) std::fill(recalling_.begin(), recalling_.end(), 0);
  look_for_calm();
}

void Ledger::settle_all() {
  if (is_calm_) return;
  while (!settling_.empty()) settle_node(settling_.front());
  std::fill(recalling_.begin(), recalling_.end(), 0);
  is_calm_ = true;
}

void Ledger::settle_node(NodeId node) {
  settling_.erase(std::find(settling_.begin(), settling_.end(), node));
  if (node < recalling_.size()) {
    recalling_[node] = 0;
    recovered_[node] = 1;
  }
  compare_amounts(node);
  take_amounts(node);
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

// The node has forgotten what it had promised and not recalled; its amounts have shown that.
void Ledger::settle_view(TransactionView& view, NodeId node) {
  const int part = layout_->part(view.kind, node);
  if (part < 0) return;
  const PartSet bit = part_bit(part);
  const std::uint64_t steps = layout_->steps_of(view.kind, part);
  if ((view.said_again & bit) == 0) {
    view.forgot |= view.in_doubt & bit;
    view.in_doubt &= ~bit;
    lose(view.id, view.kind, view.steps, steps, false);
  }
  view.steps.survived |= view.steps.ever & steps;
  for (LaterBranch& branch : later_) {
    if (branch.transaction != view.id || branch.node != node) continue;
    branch.steps.survived |= branch.steps.ever & steps;
    if (branch.said_again) continue;
    branch.forgot = branch.forgot || branch.in_doubt;
    branch.in_doubt = false;
    lose(view.id, view.kind, branch.steps, steps, false);
  }
  maybe_over_.push_back(static_cast<std::uint32_t>(index_of(view)));
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

}  // namespace txsim
