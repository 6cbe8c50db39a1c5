// Facts about a transaction as a whole and about a node's part in it.
#include "checks/ledger.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim {

Ledger::Ledger(std::shared_ptr<const Layout> layout)
    : layout_(std::move(layout)),
      most_steps_(layout_->most_steps()),
      times_each_(2 * layout_->most_steps() + layout_->most_parts()),
      events_each_(layout_->most_steps() + layout_->most_parts()),
      recoveries_(layout_->plan().resources.size()),
      orders_(layout_->plan().orders_may_repeat),
      recovering_(layout_->plan().nodes.size(), std::uint8_t{0}) {
  for (const Resource& resource : layout_->plan().resources) {
    resources_.push_back({.available = resource.initial, .reserved = 0});
  }
}

TransactionView* Ledger::look_up(TransactionId id) {
  const std::uint32_t* place = places_.find(id);
  if (place == nullptr) return nullptr;
  last_id_ = id;
  last_place_ = *place;
  return &views_[*place];
}

TransactionView& Ledger::open(TransactionId id, std::uint16_t kind) {
  std::uint32_t place = 0;
  if (free_.empty()) {
    place = static_cast<std::uint32_t>(views_.size());
    views_.emplace_back();
    times_.resize(views_.size() * times_each_);
    effect_order_.resize(views_.size() * most_steps_);
    events_.resize(views_.size() * events_each_);
  } else {
    place = free_.back();
    free_.pop_back();
    views_[place] = {};
    std::fill_n(events_.begin() + static_cast<std::ptrdiff_t>(place * events_each_), events_each_,
                std::uint64_t{0});
  }
  places_[id] = place;
  last_id_ = id;
  last_place_ = place;
  TransactionView& view = views_[place];
  view.id = id;
  view.kind = kind;
  view.open = true;
  orders_.open(id);
  return view;
}

void Ledger::close(TransactionView& view, const Ended& ended) {
  TXSIM_ASSERT(view.open, "a view is closed twice");
  free_.push_back(static_cast<std::uint32_t>(index_of(view)));
  places_.erase(view.id);
  last_id_ = 0;
  view.open = false;
  if (ended.effect != 0 && ended.effect != layout_->kind(view.kind).writes) {
    Ended& entry = ended_[view.id];
    entry = ended;
    note_told(entry);
  } else if (ended.called_off != 0 || ended.decided_abort) {
    CalledOff off;
    off.steps = ended.called_off;
    off.decided = ended.decided_abort;
    off.compensated = ended.compensated;
    note_called_off(view.id, off);
  }
  // What a stray still waits for is at most word that it has ended.
  for (std::size_t i = 0; i < strays_.size();) {
    if (strays_[i].transaction == view.id && strays_[i].is_empty()) {
      drop(strays_[i]);
    } else {
      ++i;
    }
  }
}

// Some node still has to say how it ended there: it holds something, its coordinator left it half
// done, or others have committed what it has promised to or has not heard of.
bool Ledger::is_awaited(const TransactionView& view) const {
  if (!view.begun) return false;
  if (view.is_outstanding()) return true;
  if (view.orphaned && is_half_done(view)) return true;
  return view.is_committed() && view.has_votes() && !has_ended_everywhere(view);
}

bool Ledger::has_ended_everywhere(const TransactionView& view) const {
  const PartSet ended = view.committed | view.aborted | view.read_only;
  return view.has_votes() && (layout_->kind(view.kind).writers & ~ended) == 0;
}

// In effect for good at some node, and others have not said that it ended there.
bool Ledger::is_half_done(const TransactionView& view) const {
  const std::uint64_t writes = layout_->kind(view.kind).writes;
  const std::uint64_t effect = view.in_effect() & writes;
  return effect != 0 && effect != writes && !has_ended_everywhere(view);
}

bool Ledger::is_ended(const TransactionView& view) const {
  if (view.is_outstanding() || view.oblivious() != 0) return false;
  if (view.phase == Phase::Ended) return true;
  // A coordinator that crashed may have forgotten it rightly, and then never says that it ended.
  return view.orphaned && !is_half_done(view);
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
    if (view.open && is_over(view)) return &view;
  }
  return nullptr;
}

void Ledger::submit(Moment& m) {
  const TraceRecord& record = *m.record;
  const auto kind = static_cast<std::uint16_t>(record.extra);
  if (m.view == nullptr) {
    if (!layout_->knows_kind(kind)) return;
    m.view = &open(record.transaction, kind);
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
  }
  m.view->begun = true;
  m.view->orphaned = false;
  m.view->phase = phase;
  if (phase == Phase::Ended) m.view->ended_event = record.sequence;
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
  view.ends |= outcome == Outcome::Committed ? TransactionView::kCommits : TransactionView::kAborts;
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

template <FactKind Fact>
void Ledger::enter_part(Moment& m) {
  const std::uint16_t kind =
      m.view != nullptr ? m.view->kind : static_cast<std::uint16_t>(m.record->extra);
  if (!layout_->knows_kind(kind)) return;
  m.part = layout_->part(kind, m.record->node);
  if (m.part < 0) return;
  Stray* stray = strays_.empty() ? nullptr : find_stray(m.record->transaction, m.record->node);
  m.stray = m.view == nullptr || stray != nullptr;
  if (!m.stray) {
    const bool is_yes = Fact == FactKind::Voted && static_cast<Vote>(m.record->value) != Vote::No;
    if (!is_yes) note_part_event(*m.view, m.part, m.record->sequence);
    if constexpr (Fact == FactKind::Voted) vote(m);
    if constexpr (Fact == FactKind::DecidedAlone) decide_alone(m);
    if constexpr (Fact == FactKind::DoubtEnded) end_doubt(m);
    if constexpr (Fact == FactKind::Finished) finish(m);
  } else {
    if constexpr (Fact == FactKind::Voted) vote_of_stray(m, stray, kind);
    if (Fact == FactKind::Finished && stray != nullptr) finish_stray(m, *stray);
  }
}

template void Ledger::enter_part<FactKind::Voted>(Moment&);
template void Ledger::enter_part<FactKind::DecidedAlone>(Moment&);
template void Ledger::enter_part<FactKind::DoubtEnded>(Moment&);
template void Ledger::enter_part<FactKind::Finished>(Moment&);

void Ledger::decide_alone(Moment& m) {
  TransactionView& view = *m.view;
  if (static_cast<Outcome>(m.record->value) == Outcome::Committed) {
    view.alone_committed |= part_bit(m.part);
    view.ends |= TransactionView::kCommits;
  } else {
    view.alone_aborted |= part_bit(m.part);
    view.ends |= TransactionView::kAborts;
  }
}

void Ledger::vote(Moment& m) {
  TransactionView& view = *m.view;
  const PartSet part = part_bit(m.part);
  const std::uint64_t steps = steps_of(view, m.part);
  switch (static_cast<Vote>(m.record->value)) {
    case Vote::No:
      view.no |= part;
      view.ends |= TransactionView::kAborts;
      return;
    case Vote::ReadOnly:
      view.read_only |= part;
      return;
    case Vote::Yes:
      break;
  }
  bring_back(view, view.lost & steps);
  if (is_back(m.record->node)) {
    // Its abort, whether told or not, was not yet durable: it is prepared as before.
    bring_back(view, view.undone & steps);
    view.undone &= ~steps;
    view.uncertain &= ~part;
  }
  if ((view.in_doubt & ~view.informed & part) == 0) voted_at(view, m.part) = m.record->time;
  view.informed &= ~part;
  if (!is_calm_) view.forgot &= ~part;
  view.yes |= part;
  view.in_doubt |= part;
}

// From the yes vote to the moment the decision is learned, not until it is durable there.
void Ledger::end_doubt(Moment& m) {
  TransactionView& view = *m.view;
  const PartSet part = part_bit(m.part);
  m.measured = (view.in_doubt & ~view.informed & part) != 0;
  m.lasted = m.record->time - voted_at(view, m.part);
  view.informed |= part;
}

void Ledger::finish(Moment& m) {
  TransactionView& view = *m.view;
  const PartSet part = part_bit(m.part);
  const std::uint64_t steps = steps_of(view, m.part);
  if ((view.in_doubt & part) != 0) end_doubt(m);
  // A crash may have cut off what the node had to say of each step.
  m.cut_off = (view.uncertain & part) != 0 || is_back(m.record->node);
  switch (static_cast<Outcome>(m.record->value)) {
    case Outcome::Committed:
      m.contrary = (view.aborted & part) != 0 && (view.committed & part) == 0;
      view.committed |= part;
      view.ends |= TransactionView::kCommits;
      bring_back(view, view.lost & steps);
      if (!m.cut_off) break;
      note_event(view, view.pending & steps, m.record->sequence);
      view.applied |= view.pending & steps;
      view.pending &= ~steps;
      break;
    case Outcome::Aborted:
      m.contrary = (view.committed & part) != 0 && (view.aborted & part) == 0;
      view.aborted |= part;
      view.ends |= TransactionView::kAborts;
      view.undone |= view.lost & steps;
      view.lost &= ~steps;
      if (!m.cut_off) break;
      note_event(view, view.pending & steps, m.record->sequence);
      add_deltas(view.kind, view.pending & steps, -1);
      view.undone |= view.pending & steps;
      view.pending &= ~steps;
      break;
    case Outcome::Mixed:
    case Outcome::Unknown:
      break;
  }
  view.in_doubt &= ~part;
  if (m.cut_off) view.uncertain &= ~part;
  view.waiting &= ~steps;
}

}  // namespace txsim
