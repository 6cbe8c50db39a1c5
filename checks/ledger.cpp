// Facts about a transaction as a whole and about a node's part in it.
#include "checks/ledger.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim {

Ledger::Ledger(std::shared_ptr<const Layout> layout)
    : layout_(std::move(layout)),
      orders_(layout_->plan().orders_may_repeat),
      recovering_(layout_->plan().nodes.size(), std::uint8_t{0}) {
  for (const Resource& resource : layout_->plan().resources) {
    ResourceState state;
    state.available = state.announced_available = resource.initial;
    resources_.push_back(state);
  }
}

TransactionView& Ledger::open(TransactionId id, std::uint16_t kind) {
  std::uint32_t place = 0;
  if (free_.empty()) {
    place = static_cast<std::uint32_t>(views_.size());
    views_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
    views_[place].reset();
  }
  places_[id] = place;
  TransactionView& view = views_[place];
  view.id = id;
  view.kind = kind;
  view.open = true;
  orders_.open(id);
  return view;
}

void Ledger::close(TransactionView& view) {
  TXSIM_ASSERT(view.open, "a view is closed twice");
  const std::uint32_t* place = places_.find(view.id);
  free_.push_back(*place);
  places_.erase(view.id);
  view.open = false;
  // What a stray still waits for is at most word that it has ended.
  for (std::size_t i = 0; i < strays_.size();) {
    if (strays_[i].transaction == view.id && strays_[i].is_empty()) {
      drop(strays_[i]);
    } else {
      ++i;
    }
  }
}

std::vector<TransactionView*> Ledger::open_views() {
  std::vector<TransactionView*> open;
  for (const std::uint64_t id : places_.sorted_keys()) open.push_back(find(id));
  return open;
}

TransactionView* Ledger::take_over() {
  while (!maybe_over_.empty()) {
    TransactionView& view = views_[maybe_over_.back()];
    maybe_over_.pop_back();
    if (view.open && view.is_over()) return &view;
  }
  return nullptr;
}

void Ledger::submit(Moment& m) {
  const TraceRecord& record = *m.record;
  const auto kind = static_cast<std::uint16_t>(record.extra);
  if (m.view == nullptr) {
    if (!layout_->knows_kind(kind)) return;
    m.view = &open(record.transaction, kind);
    m.opened = true;
  }
  if (m.view->submitted) return;
  m.view->submitted = true;
  m.view->submitted_at = record.time;
  m.view->submit_message_delays = record.message_delays;
  m.view->submit_write_delays = record.write_delays;
}

void Ledger::enter_phase(Moment& m) {
  const TraceRecord& record = *m.record;
  const auto phase = static_cast<Phase>(record.value);
  const auto kind = static_cast<std::uint16_t>(record.extra);
  if (m.view == nullptr) {
    if (phase != Phase::Begun || !layout_->knows_kind(kind)) return;
    m.view = &open(record.transaction, kind);
    m.opened = true;
  }
  m.view->begun = true;
  m.view->orphaned = false;
  m.view->phase = phase;
}

void Ledger::decide(Moment& m) {
  if (m.view == nullptr) return;
  TransactionView& view = *m.view;
  m.part = layout_->part(view.kind, m.record->node);
  const auto outcome = static_cast<Outcome>(m.record->value);
  if (outcome != Outcome::Committed && outcome != Outcome::Aborted) return;
  if (view.decision != Outcome::Unknown) {
    m.contrary = view.decision != outcome;
    return;
  }
  view.decision = outcome;
  view.decision_event = m.record->sequence;
  // The coordinator's log had its own steps, though it crashed before it said so.
  if (outcome == Outcome::Committed) bring_back(view, view.lost & steps_of(view, 0));
}

void Ledger::tell(Moment& m) {
  if (m.view == nullptr) return;
  TransactionView& view = *m.view;
  if (m.fact == FactKind::GaveUp) {
    view.gave_up = true;
    supersede(view.id);
    return;
  }
  if (view.told) return;
  view.told = true;
  view.reply = static_cast<Reply>(m.record->value);
  view.reply_event = m.record->sequence;
  view.answered_at = m.record->time;
  if (view.reply != Reply::Busy) supersede(view.id);
}

// Who has the answer to a later submission waits no longer for one to an earlier.
void Ledger::supersede(TransactionId id) {
  for (std::uint64_t earlier = 0; earlier < submission_of(id); ++earlier) {
    const std::uint32_t* place = places_.find(transaction_id(order_of(id), earlier));
    if (place == nullptr || views_[*place].is_client_served()) continue;
    views_[*place].superseded = true;
    maybe_over_.push_back(*place);
  }
}

void Ledger::enter_part(Moment& m, std::uint16_t kind) {
  if (m.view != nullptr) kind = m.view->kind;
  if (!layout_->knows_kind(kind)) return;
  m.part = layout_->part(kind, m.record->node);
  if (m.part < 0) return;
  Stray* stray = strays_.empty() ? nullptr : find_stray(m.record->transaction, m.record->node);
  m.stray = m.view == nullptr || stray != nullptr;
  switch (m.fact) {
    case FactKind::Voted:
      if (m.stray) {
        vote_of_stray(m, stray, kind);
      } else {
        vote(m);
      }
      break;
    case FactKind::InDoubt:
      if (!m.stray) m.view->waited_long |= part_bit(m.part);
      break;
    case FactKind::DecidedAlone:
      if (m.stray) break;
      if (static_cast<Outcome>(m.record->value) == Outcome::Committed) {
        m.view->alone_committed |= part_bit(m.part);
      } else {
        m.view->alone_aborted |= part_bit(m.part);
      }
      break;
    default:
      if (stray != nullptr) {
        finish_stray(m, *stray);
      } else if (!m.stray) {
        finish(m);
      }
      break;
  }
}

void Ledger::vote(Moment& m) {
  TransactionView& view = *m.view;
  const PartSet part = part_bit(m.part);
  const std::uint64_t steps = steps_of(view, m.part);
  switch (static_cast<Vote>(m.record->value)) {
    case Vote::No:
      view.no |= part;
      return;
    case Vote::ReadOnly:
      view.read_only |= part;
      return;
    case Vote::Yes:
      break;
  }
  bring_back(view, view.lost & steps);
  const bool is_back = is_recovering(m.record->node) || is_settling(m.record->node);
  if (is_back) {
    // Its abort, whether told or not, was not yet durable: it is prepared as before.
    bring_back(view, view.undone & steps);
    view.undone &= ~steps;
  }
  if ((view.in_doubt & part) == 0) {
    view.voted_at[static_cast<std::size_t>(m.part)] = m.record->time;
  }
  view.yes |= part;
  view.in_doubt |= part;
}

void Ledger::finish(Moment& m) {
  TransactionView& view = *m.view;
  const PartSet part = part_bit(m.part);
  const std::uint64_t steps = steps_of(view, m.part);
  if ((view.in_doubt & part) != 0) {
    m.measured = true;
    m.lasted = m.record->time - view.voted_at[static_cast<std::size_t>(m.part)];
  }
  // A crash may have cut off what the node had to say of each step.
  const bool was_cut_off = (view.uncertain & part) != 0;
  switch (static_cast<Outcome>(m.record->value)) {
    case Outcome::Committed:
      m.contrary = (view.aborted & part) != 0 && (view.committed & part) == 0;
      view.committed |= part;
      bring_back(view, view.lost & steps);
      if (!was_cut_off) break;
      if ((view.pending & steps) != 0) view.effect_event = m.record->sequence;
      view.applied |= view.pending & steps;
      view.pending &= ~steps;
      break;
    case Outcome::Aborted:
      m.contrary = (view.committed & part) != 0 && (view.aborted & part) == 0;
      view.aborted |= part;
      view.undone |= view.lost & steps;
      view.lost &= ~steps;
      if (!was_cut_off) break;
      add_deltas(view.kind, view.pending & steps, -1);
      view.undone |= view.pending & steps;
      view.pending &= ~steps;
      break;
    case Outcome::Mixed:
    case Outcome::Unknown:
      break;
  }
  view.in_doubt &= ~part;
  view.uncertain &= ~part;
  view.waiting &= ~steps;
}

}  // namespace txsim
