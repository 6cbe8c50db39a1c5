// One record of a trace in words, and the index that finds what led to a record and what it led to.
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

// What the record says of its node, without time, node and transaction: "locks stock". `faults` are
// the texts of the run's faults by number.
Phrase narrate(const TraceRecord& record, const RunNames& names,
               const std::vector<std::string>& faults);

// Which facts are said again, in the moment of a restart, of what a node remembers. It is asked of
// each record of a trace in turn.
class Recollection {
 public:
  bool is_recalled(const TraceRecord& record);

 private:
  std::vector<Time> restarted_;  // by node, until it has recovered
};

// The workload's own clock at the client, which only says when the next order is due, or when it
// asks what has become of one.
bool is_workload_clock(const TraceRecord& record, const RunResult& result);

// A message's name; of a reply that is no answer, what it says.
std::string message_text(const TraceRecord& record, const RunNames& names);

// A message as an arrow: "──Prepare──▶ product, point", or with a cross where it is lost.
std::string arrow_text(const std::string& message, bool arrives, const std::string& receivers);

// Finds records of a whole trace by their sequence, and by their cause. Requires that the trace
// outlives it.
class TraceIndex {
 public:
  explicit TraceIndex(const Trace& trace);

  // Null for a sequence that is not in the trace.
  const TraceRecord* find(std::uint64_t sequence) const;
  // What became of a message sent or a force asked for: Delivered, Lost, Duplicated, Refused and
  // Durable records that it caused, in order.
  std::vector<const TraceRecord*> fate(const TraceRecord& record) const;

 private:
  std::size_t place(std::uint64_t sequence) const;

  const Trace* trace_;
  std::vector<std::uint32_t> last_;    // by place: the last record of its fate, plus one; 0: none
  std::vector<std::uint32_t> before_;  // by place: the one of the same cause before it, likewise
};

}  // namespace txsim
