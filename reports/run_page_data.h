// The data of a run's page for its script, as JSON: the events drawn with their causes and places,
// and the state of each node at each of them.
#pragma once

#include <string>

#include "reports/report.h"
#include "reports/time_space.h"

namespace txsim {

//   first          sequence of the first event drawn; the others follow one by one
//   nodes, transactions, resources ([name, node, whether it counts records])
//   events         columns, an entry an event: node (-1: none), transaction (-1: none), cause (0:
//                  none), kind (as in the trace), minor (1: a timer set or stopped, and the like),
//                  x, y (x -1: not in the diagram)
//   strips         [node, transaction, kind, text, from event, until event (0: for good)]
//   ends           [node, transaction, outcome, event]
//   amounts        [event, resource, available, reserved], as announced
//   logs           [event, node, records, of them durable]
//   kinds          names of the kinds of strips; the numbers of the kinds of events that matter
std::string run_page_data(const Report& report, const MarkedDiagram& diagram);

// Whether the record matters only to a reader who looks at timers.
bool is_minor(const TraceRecord& record, const RunResult& result);

}  // namespace txsim
