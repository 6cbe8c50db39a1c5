#include "checks/counting.h"

#include <algorithm>

namespace txsim {

Ending ending_of(const Closing& closing, const Layout& layout) {
  const TransactionView& view = closing.view;
  if ((view.in_doubt & ~view.informed & ~closing.gone) != 0) return Ending::InDoubt;
  std::uint64_t missing = 0;  // prepared steps of nodes that never restart
  for (PartSet rest = view.in_doubt & closing.gone; rest != 0; rest &= rest - 1) {
    missing |= layout.steps_of(view.kind, lowest_part(rest));
  }
  const std::uint64_t open =
      view.steps.under_lock() | view.steps.reserved() | view.locked | view.waiting;
  if ((open & ~missing) != 0) return Ending::Pending;
  const std::uint64_t writes = closing.kind.writes & ~(missing & ~closing.effect);
  if (closing.effect != 0 && closing.effect != writes) {
    // A step in effect without a lock: its transaction is still being completed or compensated.
    const bool goes_on = !closing.is_ended && !view.left && view.steps.by_itself() != 0;
    return goes_on ? Ending::Pending : Ending::Mixed;
  }
  if (closing.effect != 0) return Ending::Committed;
  if ((view.steps.taken_back() & closing.kind.writes) != 0) return Ending::Compensated;
  if (!closing.is_ended) return Ending::Unfinished;
  // Nothing to change, or nothing changed.
  const bool done = view.decision == Outcome::Committed ||
                    (view.decision == Outcome::Unknown && view.told && view.reply == Reply::Done);
  return closing.kind.writes == 0 && done ? Ending::Committed : Ending::Aborted;
}

void Counting::set_up(const Plan& plan, bool keep_transactions) {
  keep_ = keep_transactions;
  may_repeat_ = plan.orders_may_repeat;
  records_.resize(plan.resources.size());
}

// ---- The results of submissions

std::optional<Counting::Result> Counting::find(TransactionId id) const {
  for (const Group& group : groups_) {
    if (group.submission == submission_of(id) && group.orders.contains(order_of(id))) {
      return group.result;
    }
  }
  return std::nullopt;
}

void Counting::put(TransactionId id, std::optional<Result> before, Result result) {
  if (before == result) return;
  const auto count = [&](Result of, int by) {
    if (of == kNeverBegun) return;
    std::uint64_t& counter = of == kRecognised ? counters_.recognised : counters_.endings[of];
    if (by > 0 || counter > 0) counter += static_cast<std::uint64_t>(by);
  };
  const auto group_of = [&](Result of) -> Group& {
    for (Group& group : groups_) {
      if (group.submission == submission_of(id) && group.result == of) return group;
    }
    groups_.push_back({submission_of(id), of, {}});
    return groups_.back();
  };
  if (before) {
    count(*before, -1);
    group_of(*before).orders.remove(order_of(id));
  }
  count(result, 1);
  if (!before && !may_repeat_ && result == result_of(Ending::Committed)) return;
  group_of(result).orders.add(order_of(id));
}

// Once more if the view was over before: it is counted again. A submission that is executed again
// under its id is one transaction: a second execution without effect does not take back the effect
// of the first.
void Counting::closed(const Closing& closing, const Layout& layout, TransactionView& view) {
  const Result now = view.begun ? result_of(ending_of(closing, layout)) : kNeverBegun;
  std::optional<Result> before;
  const bool is_known = view.result != TransactionView::kNotCounted;
  if (!view.submitted || !view.begun || is_known || counters_.recognised > 0) [[unlikely]]
    before = find(view.id);
  if (!before && is_known) before = view.result;
  Result result = now;
  if (before && !is_begun(now)) result = *before;
  if (before && is_begun(now) && is_begun(*before) && view.again > 0) {
    const bool has_no_effect =
        now == result_of(Ending::Aborted) || now == result_of(Ending::Compensated);
    if (has_no_effect) result = *before;
  }
  put(view.id, before, result);
  view.result = result;
  summarise(view, result);
  count_records(layout, view.kind, view.counted, -1);
  count_records(layout, view.kind, closing.effect, 1);
  view.counted = closing.effect;
  const bool is_awaited =
      view.submitted && !view.told && !view.gave_up && !closing.at_end() && !view.was_over;
  if (is_awaited) [[unlikely]] {
    awaited_[view.id] = {view.submitted_at, view.submit_message_delays, view.submit_write_delays};
  }
}

void Counting::recognised(const Moment& m) {
  if (m.view != nullptr && m.view->begun) return;  // a second copy of its Submit
  const TransactionId id = m.record->transaction;
  const std::optional<Result> before = find(id);
  if (before ? *before != kNeverBegun : m.view == nullptr) return;
  put(id, before, kRecognised);
  if (const std::uint32_t* place = places_.find(id)) summaries_[*place].fate = Fate::Recognised;
}

void Counting::count_records(const Layout& layout, std::uint16_t kind, std::uint64_t steps,
                             int sign) {
  for (std::uint64_t rest = steps & layout.kind(kind).writes; rest != 0; rest &= rest - 1) {
    const auto step = static_cast<std::uint8_t>(__builtin_ctzll(rest));
    const StepLayout& done = layout.step(kind, step);
    if (!done.is_record) continue;
    const bool creates = (layout.kind(kind).creates & step_bit(step)) != 0;
    Records& records = records_[done.resource];
    (creates ? records.created : records.completed) += sign;
  }
}

// A node announces how many completed records it has. A record that a crash has lost is missing
// there, though the acknowledged transaction is in effect: that violates durability.
std::vector<std::int64_t> Counting::records(
    const std::vector<std::pair<std::int64_t, std::int64_t>>& amounts) const {
  std::vector<std::int64_t> there;
  there.reserve(records_.size());
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const Records& records = records_[i];
    const std::int64_t lost = std::max<std::int64_t>(records.completed - amounts[i].first, 0);
    there.push_back(std::max<std::int64_t>(records.created - lost, 0));
  }
  return there;
}

// ---- The answers to clients

void Counting::told(const Moment& m) {
  const TraceRecord& record = *m.record;
  const bool is_known = m.view != nullptr && m.view->submitted;
  if (is_known && m.view->reply_event != record.sequence) return;  // answered before
  const auto reply = static_cast<Reply>(record.value);
  if (reply == Reply::Done) ++counters_.told_done;
  if (reply == Reply::Failed) ++counters_.told_failed;
  if (reply == Reply::Busy) ++counters_.told_busy;
  told_order(order_of(record.transaction), reply);
  if (is_known && !m.view->was_over) {
    const TransactionView& view = *m.view;
    measure({view.submitted_at, view.submit_message_delays, view.submit_write_delays}, reply,
            record);
    return;
  }
  const Awaited* awaited = awaited_.find(record.transaction);
  if (awaited == nullptr) return;
  measure(*awaited, reply, record);
  awaited_.erase(record.transaction);
  if (const std::uint32_t* place = places_.find(record.transaction)) {
    TransactionSummary& summary = summaries_[*place];
    summary.told = true;
    summary.reply = reply;
    summary.answered = record.time;
  }
}

void Counting::told_order(std::uint64_t order, Reply reply) {
  if (reply != Reply::Done && reply != Reply::Failed) return;
  const bool done = reply == Reply::Done;
  if (!may_repeat_) {
    ++(done ? counters_.orders_told_done : counters_.orders_told_failed);
    return;
  }
  if (orders_told_done_.contains(order)) return;
  const bool failed_before = orders_told_failed_.contains(order);
  if (done) {
    orders_told_done_.add(order);
    ++counters_.orders_told_done;
    if (!failed_before) return;
    orders_told_failed_.remove(order);
    --counters_.orders_told_failed;
  } else if (!failed_before) {
    orders_told_failed_.add(order);
    ++counters_.orders_told_failed;
  }
}

// How long the answer took. Busy says nothing about the order: the client asks again.
void Counting::measure(const Awaited& awaited, Reply reply, const TraceRecord& record) {
  if (reply == Reply::Busy) return;
  counters_.latency.add(record.time - awaited.submitted_at);
  ++counters_.path_count;
  const int messages = record.message_delays - awaited.message_delays;
  const int writes = record.write_delays - awaited.write_delays;
  counters_.path_message_delays += static_cast<std::uint64_t>(std::max(messages, 0));
  counters_.path_write_delays += static_cast<std::uint64_t>(std::max(writes, 0));
}

// ---- One summary for each submission

void Counting::summarise(const TransactionView& view, Result result) {
  if (!keep_) return;
  const std::uint32_t* known = places_.find(view.id);
  const auto place = static_cast<std::uint32_t>(known != nullptr ? *known : summaries_.size());
  if (known == nullptr) {
    places_[view.id] = place;
    summaries_.emplace_back();
  }
  TransactionSummary& summary = summaries_[place];
  summary.id = view.id;
  summary.kind = view.kind;
  summary.fate = is_begun(result)        ? Fate::Begun
                 : result == kRecognised ? Fate::Recognised
                                         : Fate::NeverBegun;
  if (is_begun(result)) summary.ending = static_cast<Ending>(result);
  if (view.submitted && !view.was_over) summary.submitted = view.submitted_at;
  if (!view.told || (view.was_over && view.answered_at == Time{})) return;
  summary.told = true;
  summary.reply = view.reply;
  summary.answered = view.answered_at;
}

std::vector<TransactionSummary> Counting::summaries() const {
  std::vector<TransactionSummary> sorted(summaries_.begin(), summaries_.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return sorted;
}

}  // namespace txsim
