#include "checks/counting.h"

#include <algorithm>

namespace txsim {

Ending ending_of(const Closing& closing) {
  const TransactionView& view = closing.view;
  if (!view.begun) return Ending::Unknown;
  if (view.in_doubt != 0) return Ending::InDoubt;
  if (view.is_outstanding()) return Ending::Pending;
  if (closing.is_partial()) {
    // What took effect by itself is still being completed, or compensated.
    const bool goes_on = !closing.is_ended && !view.orphaned && view.by_itself() != 0;
    return goes_on ? Ending::Pending : Ending::Mixed;
  }
  if (closing.effect != 0) return Ending::Committed;
  const std::uint64_t undone = (view.compensated & view.applied) | view.cancelled;
  if ((undone & closing.kind.writes) != 0) return Ending::Compensated;
  if (!closing.is_ended) return Ending::Unknown;
  // Nothing to change, or nothing changed.
  const bool done = view.decision == Outcome::Committed ||
                    (view.decision == Outcome::Unknown && view.told && view.reply == Reply::Done);
  return closing.kind.writes == 0 && done ? Ending::Committed : Ending::Aborted;
}

void Counting::told(const Moment& m) {
  if (m.view == nullptr || m.view->reply_event != m.record->sequence || !m.view->submitted) return;
  const TransactionView& view = *m.view;
  counters_.latency.add(m.record->time - view.submitted_at);
  ++counters_.path_count;
  const int messages = m.record->message_delays - view.submit_message_delays;
  const int writes = m.record->write_delays - view.submit_write_delays;
  counters_.path_message_delays += static_cast<std::uint64_t>(std::max(messages, 0));
  counters_.path_write_delays += static_cast<std::uint64_t>(std::max(writes, 0));
}

void Counting::closed(const Closing& closing) {
  const Ending ending = ending_of(closing);
  ++counters_.endings[static_cast<int>(ending)];
  if (!keep_) return;
  const TransactionView& view = closing.view;
  summaries_.push_back(
      {view.id, view.kind, ending, view.told, view.reply, view.submitted_at, view.answered_at});
}

void Counting::contradicted(const Ended& ended, const KindLayout& kind) {
  const auto ending = [&](std::uint64_t effect) {
    if (effect == kind.writes) return Ending::Committed;
    return effect == 0 ? Ending::Aborted : Ending::Mixed;
  };
  Ending before = ending(ended.before);
  const auto count = [&](Ending of) -> std::uint64_t& {
    return counters_.endings[static_cast<int>(of)];
  };
  // Nothing was in effect: which way that came, its summary knows.
  if (before == Ending::Aborted && count(before) == 0) before = Ending::Compensated;
  if (before == Ending::Compensated && count(before) == 0) before = Ending::Unknown;
  for (TransactionSummary& summary : summaries_) {
    if (summary.id != ended.id) continue;
    before = summary.ending;
    summary.ending = ending(ended.effect);
  }
  if (count(before) > 0) --count(before);
  ++count(ending(ended.effect));
}

std::vector<TransactionSummary> Counting::summaries() const {
  std::vector<TransactionSummary> sorted = summaries_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.id < b.id; });
  std::vector<TransactionSummary> last;
  for (const TransactionSummary& summary : sorted) {
    if (!last.empty() && last.back().id == summary.id) {
      last.back() = summary;
    } else {
      last.push_back(summary);
    }
  }
  return last;
}

}  // namespace txsim
