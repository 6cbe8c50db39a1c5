// The search for a write skew: a cycle of committed transactions, each of which must come before
// the next, with two anti-dependencies over different rows.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/vector.h"
#include "transactions/transaction.h"

namespace txsim {

// `from` must come before `to` (serialization_graph.h).
struct SerializationEdge {
  TransactionId from = 0;
  TransactionId to = 0;
  std::uint64_t event = 0;  // by which `to` made it
  std::uint16_t resource = 0;
  bool is_anti = false;
  bool is_lost = false;       // `from` has overwritten what `to` wrote with what it had read before
  std::uint64_t lost_by = 0;  // the event by which `to` wrote that
};

// The shortest that goes through the transaction, of those that are as short the first in the order
// of the edges; empty: there is none of up to five edges. `committed` is sorted; who is not among
// them is in no cycle.
//
// Takes time in proportion to the edges, times the rows; and where cycles go round over one row
// again and again, to the ways through them, of which it tries up to a million.
std::vector<SerializationEdge> shortest_write_skew(const Vector<SerializationEdge>& edges,
                                                   const std::vector<TransactionId>& committed,
                                                   TransactionId through);

}  // namespace txsim
