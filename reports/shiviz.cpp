#include "reports/shiviz.h"

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <vector>

#include "reports/names.h"
#include "reports/narrate.h"

namespace txsim {
namespace {

using Clock = std::vector<std::uint64_t>;

bool is_told(const TraceRecord& record) {
  switch (record.kind) {
    case EventKind::TimerSet:
    case EventKind::TimerFired:
    case EventKind::TimerCancelled:
    case EventKind::Appended:
    case EventKind::Checkpointed:
    // Loss and duplication of a message happen at no node.
    case EventKind::Lost:
    case EventKind::Duplicated:
    case EventKind::FaultBegan:
    case EventKind::FaultEnded:
      return false;
    default:
      return true;
  }
}

void merge(Clock& into, const Clock& other) {
  for (std::size_t i = 0; i < into.size(); ++i) {
    if (other[i] > into[i]) into[i] = other[i];
  }
}

}  // namespace

std::string shiviz_log(const Report& report) {
  const RunResult& result = *report.result;
  const RunNames names(result);
  const std::vector<std::string> faults = fault_texts(report);
  const std::size_t count = result.scenario->plan.nodes.size();
  std::vector<Clock> clocks(count, Clock(count));
  std::map<std::uint64_t, Clock> sent;  // by the Sent record's number
  std::string log = "(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})\n\n";
  for (const TraceRecord& record : result.trace) {
    if (record.node >= count || !is_told(record)) continue;
    Clock& clock = clocks[record.node];
    if (record.kind == EventKind::Delivered || record.kind == EventKind::Refused) {
      const auto cause = sent.find(record.cause);
      if (cause != sent.end()) merge(clock, cause->second);
    }
    ++clock[record.node];
    if (record.kind == EventKind::Sent) sent[record.sequence] = clock;
    const std::string transaction = transaction_text(record.transaction);
    fmt::format_to(std::back_inserter(log), "{}{}{} {}\n{} {{", time_text(record.time),
                   transaction.empty() ? "" : " ", transaction,
                   printable(narrate(record, names, faults).text), names.node(record.node));
    const char* separator = "";
    for (std::size_t i = 0; i < count; ++i) {
      if (clock[i] == 0) continue;
      fmt::format_to(std::back_inserter(log), "{}\"{}\":{}", separator,
                     names.node(static_cast<NodeId>(i)), clock[i]);
      separator = ", ";
    }
    log += "}\n";
  }
  return log;
}

}  // namespace txsim
