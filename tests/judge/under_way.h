// Messages and timers under way in a run, computed from its trace.
#pragma once

#include <cstdint>
#include <map>

#include "sim/trace.h"

namespace txsim::reference {

// Messages and timers that were under way at the end of a trace, and still are after the records
// seen since.
class UnderWay {
 public:
  explicit UnderWay(const Trace& trace) : cut_(trace.size()) {
    for (const TraceRecord& record : trace) see(record);
  }
  void see(const TraceRecord& record);
  bool any() const { return !messages_.empty() || !timers_.empty(); }

 private:
  std::uint64_t cut_;
  std::map<std::uint64_t, int> messages_;   // by sequence of Sent: number of copies
  std::map<std::uint64_t, NodeId> timers_;  // by sequence of TimerSet
};

}  // namespace txsim::reference
