// The entrance: what stands before any protocol so that the same order is executed once, however
// often and however concurrently it is submitted. The order id, issued to the client beforehand,
// makes a repeated order recognisable once it has been saved; the lock service keeps two executions
// of one order apart while the first is under way.
#pragma once

#include <cstdint>
#include <vector>

#include "protocols/transaction.h"
#include "sim/node.h"
#include "sim/table.h"

namespace txsim {

struct EntranceSettings {
  bool enabled = true;    // off: every submission is executed
  bool order_id = true;   // (switch) recognise orders that were executed before
  bool lock = true;       // (switch) one execution of an order at a time
  NodeId lock_service = kNoNode;
  Duration lock_timeout = milliseconds(500);  // wait for the lock service's answer, then ask again
};

}  // namespace txsim
