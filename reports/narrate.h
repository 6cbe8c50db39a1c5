// One record of a trace in words, and an index that finds the causes and effects of a record.
#pragma once

#include <string>
#include <vector>

#include "reports/names.h"
#include "reports/paint.h"

namespace txsim {

struct Phrase {
  std::string text;
  Tone tone = Tone::Plain;
};

// What happened at the record's node, without time, node and transaction: "locks stock". `faults`:
// the texts of the run's faults by number.
Phrase narrate(const TraceRecord& record, const RunNames& names,
               const std::vector<std::string>& faults);

// Finds the facts that a node announces again at the moment of its restart, because it recalls
// them. Must be called for each record of a trace in turn.
class Recollection {
 public:
  bool is_recalled(const TraceRecord& record);

 private:
  std::vector<Time> restarted_;  // by node, until it has recovered
};

// Whether the record is of the workload's own clock at the client, which only says when the next
// order is due, or when the client asks for an order's status.
bool is_workload_clock(const TraceRecord& record, const RunResult& result);

// A message's name; for a reply that is no answer, its content.
std::string message_text(const TraceRecord& record, const RunNames& names);

// A message as an arrow: "──Prepare──▶ product, point"; with a cross if it is lost.
std::string arrow_text(const std::string& message, bool arrives, const std::string& receivers);

// Finds records of a whole trace by their sequence, and by their cause. Requires that the trace
// outlives it.
class TraceIndex {
 public:
  explicit TraceIndex(const Trace& trace);

  // Null for a sequence that is not in the trace.
  const TraceRecord* find(std::uint64_t sequence) const;
  // How a sent message or a force ended: the records Delivered, Lost, Duplicated, Refused and
  // Durable that it caused, in order.
  std::vector<const TraceRecord*> fate(const TraceRecord& record) const;

 private:
  std::size_t place(std::uint64_t sequence) const;

  const Trace* trace_;
  std::vector<std::uint32_t> last_;    // by place: the last record of its fate, plus one; 0: none
  std::vector<std::uint32_t> before_;  // likewise: the one before it with the same cause
};

}  // namespace txsim
