#include "reports/causes.h"

#include <fmt/format.h>

#include <algorithm>

namespace txsim {
namespace {

TimelineLine line_of(const RunResult& result, const TraceRecord& record, Phrase phrase) {
  const auto place = static_cast<std::size_t>(&record - result.trace.data());
  return {record.time, record.node, record.transaction, {std::move(phrase)}, place};
}

// Null if there is none. A cause precedes its effect; otherwise the chain would be endless.
const TraceRecord* cause_of(const TraceRecord& record, const TraceIndex& index) {
  return record.cause < record.sequence ? index.find(record.cause) : nullptr;
}

bool is_fault(const TraceRecord& record, TransactionId transaction) {
  switch (record.kind) {
    case EventKind::Lost:
    case EventKind::Refused:
      return transaction == 0 || record.transaction == transaction;
    case EventKind::Crashed:
    case EventKind::Paused:
    case EventKind::FaultBegan:
      return true;
    default:
      return false;
  }
}

void keep_last(std::vector<TimelineLine>& lines, std::size_t most) {
  if (lines.size() <= most) return;
  lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
}

}  // namespace

std::vector<TimelineLine> causes(const RunResult& result, const TraceIndex& index,
                                 const std::vector<std::string>& faults, std::uint64_t event,
                                 std::size_t most) {
  const RunNames names(result);
  std::vector<TimelineLine> lines;
  const TraceRecord* record = index.find(event);
  while (record != nullptr && lines.size() < most) {
    const TraceRecord* cause = cause_of(*record, index);
    const TraceRecord* told = record;
    Phrase phrase = narrate(*record, names, faults);
    if (cause != nullptr && record->kind == EventKind::Delivered) {  // joined with its sending
      phrase = {fmt::format("{}  arrives {}",
                            arrow_text(names.word(cause->what), true, names.node(cause->peer)),
                            time_text(record->time))};
      told = cause;
      cause = cause_of(*cause, index);
    } else if (cause != nullptr && record->kind == EventKind::TimerFired) {  // with its setting
      phrase.text += fmt::format(" (set {})", time_text(cause->time));
      cause = cause_of(*cause, index);
    }
    lines.push_back(line_of(result, *told, std::move(phrase)));
    record = cause;
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

std::vector<TimelineLine> faults_before(const RunResult& result,
                                        const std::vector<std::string>& faults, std::uint64_t event,
                                        TransactionId transaction, std::size_t most) {
  const RunNames names(result);
  std::vector<TimelineLine> lines;
  for (auto record = result.trace.rbegin(); record != result.trace.rend(); ++record) {
    if (lines.size() == most) break;
    if (event != 0 && record->sequence > event) continue;
    if (!is_fault(*record, transaction)) continue;
    lines.push_back(line_of(result, *record, narrate(*record, names, faults)));
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

std::vector<TimelineLine> last_of(const RunResult& result, const TraceIndex& index,
                                  const std::vector<std::string>& faults, TransactionId transaction,
                                  std::size_t most, std::size_t width) {
  std::size_t last = result.trace.size();
  while (last > 0 && result.trace[last - 1].transaction != transaction) --last;
  const std::size_t first = last > 2'000 ? last - 2'000 : 0;
  std::vector<TimelineLine> lines = timeline_lines(result, index, faults, first, last, width);
  lines.erase(
      std::remove_if(lines.begin(), lines.end(),
                     [&](const TimelineLine& line) { return line.transaction != transaction; }),
      lines.end());
  keep_last(lines, most);
  return lines;
}

}  // namespace txsim
