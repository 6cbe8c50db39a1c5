// Why something happened: the chain of causes of an event, and what went wrong before it.
#pragma once

#include "reports/timeline.h"

namespace txsim {

// The event and its chain of causes, at most `most` lines; the earliest cause is at the top.
std::vector<TimelineLine> causes(const RunResult& result, const TraceIndex& index,
                                 const std::vector<std::string>& faults, std::uint64_t event,
                                 std::size_t most);

// The last `most` failures up to the event (0: up to the end): lost and refused messages of the
// transaction (0: of any), crashes, pauses and faults of nodes.
std::vector<TimelineLine> faults_before(const RunResult& result,
                                        const std::vector<std::string>& faults, std::uint64_t event,
                                        TransactionId transaction, std::size_t most);

// The last `most` lines of a transaction in the timeline.
std::vector<TimelineLine> last_of(const RunResult& result, const TraceIndex& index,
                                  const std::vector<std::string>& faults, TransactionId transaction,
                                  std::size_t most, std::size_t width);

}  // namespace txsim
