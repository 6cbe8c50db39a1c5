// Facts about a transaction as a whole and about a node's part in it.
#include "checks/ledger.h"

namespace txsim {

void Ledger::submit(Moment& m) {
  const TraceRecord& record = *m.record;
  m.view = execution_of(record.transaction, static_cast<std::uint16_t>(record.extra));
  if (m.view == nullptr) return;
  m.again = m.view->submitted;
  if (m.again) return;
  m.view->submitted = true;
  m.view->submitted_at = record.time;
  m.view->submit_message_delays = record.message_delays;
  m.view->submit_write_delays = record.write_delays;
}

void Ledger::enter_phase(Moment& m) {
  const TraceRecord& record = *m.record;
  m.view = execution_of(record.transaction, static_cast<std::uint16_t>(record.extra));
  if (m.view == nullptr) return;
  const auto phase = static_cast<Phase>(record.value);
  m.view->begun = true;
  m.view->left = false;
  m.view->phase = phase;
  if (phase != Phase::Ended) return;
  m.view->had_ended = layout_->has_reads();
  m.view->ended_event = record.sequence;
}

void Ledger::decide(Moment& m) {
  const TraceRecord& record = *m.record;
  m.view = execution_of(record.transaction, static_cast<std::uint16_t>(record.extra));
  if (m.view == nullptr) return;
  TransactionView& view = *m.view;
  m.part = layout_->part(view.kind, record.node);
  const auto outcome = static_cast<Outcome>(record.value);
  if (m.part < 0 || (outcome != Outcome::Committed && outcome != Outcome::Aborted)) return;
  const bool commits = outcome == Outcome::Committed;
  const PartSet part = part_bit(m.part);
  m.recalled = is_recalling(record.node);
  if (m.recalled && view.again > 0 && has_decided_earlier(m, commits)) {
    m.is_earlier = true;
    return;
  }
  m.contrary = ((commits ? view.decided_aborted : view.decided_committed) & part) != 0;
  (commits ? view.decided_committed : view.decided_aborted) |= part;
  if (view.decision == Outcome::Unknown) {
    view.decision = outcome;
    view.decision_event = record.sequence;
  }
  if (!commits || !m.recalled) return;
  const std::uint64_t steps = layout_->steps_of(view.kind, m.part);
  if (LaterBranch* later = branch_of(m, false)) {
    later->said_again = true;
    end_steps(m, later->steps, steps, true);
  } else {
    view.said_again |= part;
    end_steps(m, view.steps, steps, true);
  }
  m.is_later = false;
}

void Ledger::tell(Moment& m) {
  const TraceRecord& record = *m.record;
  m.view = find(record.transaction);
  if (m.view == nullptr) m.view = bring_back(record.transaction, Archive::kAnyKind);
  if (m.view == nullptr) return;
  TransactionView& view = *m.view;
  if (m.fact == FactKind::GaveUp) {
    view.gave_up = true;
    supersede(view.id);
    return;
  }
  if (view.told) return;
  view.told = true;
  view.reply = static_cast<Reply>(record.value);
  view.reply_event = record.sequence;
  view.answered_at = record.time;
  if (view.reply != Reply::Busy) supersede(view.id);
}

// A client that has the answer to a later submission no longer waits for an earlier one.
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
  const TraceRecord& record = *m.record;
  const auto kind = static_cast<std::uint16_t>(record.extra);
  m.view = Fact == FactKind::DoubtEnded ? find(record.transaction)
                                        : execution_of(record.transaction, kind);
  if (m.view == nullptr) return;
  m.part = layout_->part(m.view->kind, record.node);
  if (m.part < 0) return;
  m.recalled = is_recalling(record.node);
  const bool is_yes = Fact == FactKind::Voted && static_cast<Vote>(record.value) != Vote::No;
  if constexpr (Fact == FactKind::Voted) vote(m);
  if constexpr (Fact == FactKind::DecidedAlone) decide_alone(m);
  if constexpr (Fact == FactKind::DoubtEnded) end_doubt(m);
  if constexpr (Fact == FactKind::Finished) finish(m);
  if (!is_yes && !m.is_later && !m.is_earlier) of_part(*m.view, m.part).event = record.sequence;
}

template void Ledger::enter_part<FactKind::Voted>(Moment&);
template void Ledger::enter_part<FactKind::DecidedAlone>(Moment&);
template void Ledger::enter_part<FactKind::DoubtEnded>(Moment&);
template void Ledger::enter_part<FactKind::Finished>(Moment&);

void Ledger::decide_alone(Moment& m) {
  if (branch_of(m, false) != nullptr) return;
  const bool commits = static_cast<Outcome>(m.record->value) == Outcome::Committed;
  (commits ? m.view->alone_committed : m.view->alone_aborted) |= part_bit(m.part);
}

void Ledger::vote(Moment& m) {
  TransactionView& view = *m.view;
  const auto vote = static_cast<Vote>(m.record->value);
  LaterBranch* later = branch_of(m, !m.recalled);
  const std::uint64_t steps = layout_->steps_of(view.kind, m.part);
  if (view.again > 0 && vote == Vote::Yes && !m.recalled) {
    carry_over(m, later != nullptr ? later->steps : view.steps);
  }
  if (later != nullptr) {
    if (vote != Vote::Yes) return;
    later->in_doubt = true;
    if (!m.recalled) return;
    later->said_again = true;
    later->finished = later->forgot = false;
    hold_again(view.kind, later->steps, steps);
    return;
  }
  const PartSet part = part_bit(m.part);
  if (vote == Vote::No) view.no |= part;
  if (vote == Vote::ReadOnly) view.read_only |= part;
  if (vote != Vote::Yes) return;
  if ((view.in_doubt & ~view.informed & part) == 0) {
    of_part(view, m.part).voted_at = m.record->time;
  }
  view.informed &= ~part;
  view.yes |= part;
  view.in_doubt |= part;
  if (!m.recalled) return;
  view.said_again |= part;
  view.finished &= ~part;
  view.forgot &= ~part;
  hold_again(view.kind, view.steps, steps);
}

// From the yes vote until the participant learns the decision, not until that is durable there.
void Ledger::end_doubt(Moment& m) {
  TransactionView& view = *m.view;
  const PartSet part = part_bit(m.part);
  if (branch_of(m, false) != nullptr) return;
  m.measured = (view.in_doubt & ~view.informed & part) != 0;
  m.lasted = m.record->time - of_part(view, m.part).voted_at;
  view.informed |= part;
}

void Ledger::finish(Moment& m) {
  if (m.view->again > 0 && finish_earlier(m)) return;
  TransactionView& view = *m.view;
  const PartSet part = part_bit(m.part);
  const std::uint64_t steps = layout_->steps_of(view.kind, m.part);
  const auto outcome = static_cast<Outcome>(m.record->value);
  const bool commits = outcome == Outcome::Committed;
  const bool aborts = outcome == Outcome::Aborted;
  LaterBranch* later = branch_of(m, false);
  if (aborts) view.aborted_there |= part;
  if (later != nullptr) {
    later->finished = true;
    later->outcome = outcome;
    later->in_doubt = false;
    if (!m.recalled) return;
    later->said_again = true;
    if (commits || aborts) end_steps(m, later->steps, steps, commits);
    return;
  }
  if ((view.in_doubt & ~view.informed & part) != 0) end_doubt(m);
  view.finished |= part;
  view.in_doubt &= ~part;
  if (commits) {
    m.contrary = (view.aborted & part) != 0;
    view.committed |= part;
  } else if (aborts) {
    m.contrary = (view.committed & part) != 0;
    view.aborted |= part;
  }
  if (!m.recalled) return;
  view.said_again |= part;
  if (commits || aborts) end_steps(m, view.steps, steps, commits);
}

}  // namespace txsim
