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
  std::uint64_t event = 0;  // the event of `to` that made the edge
  std::uint16_t resource = 0;
  bool is_anti = false;
  bool is_lost = false;       // `from` has overwritten the value of `to`, by an older read
  std::uint64_t lost_by = 0;  // the event of `to` that wrote it
};

// The shortest cycle through the transaction; among equally short ones the first in the order of
// the edges; empty: there is none of up to five edges. `committed` is sorted; no other transaction
// is in a cycle.
//
// Takes time in proportion to the edges, times the rows. Where cycles run over one row again and
// again, also in proportion to the paths, of which it tries up to a million.
std::vector<SerializationEdge> shortest_write_skew(const Vector<SerializationEdge>& edges,
                                                   const std::vector<TransactionId>& committed,
                                                   TransactionId through);

}  // namespace txsim
