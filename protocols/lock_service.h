// The lock service: a lock for each order (set if absent, expiry, release only by the owner), as a
// node of its own.
#pragma once

#include "protocols/transaction.h"
#include "sim/node.h"
#include "sim/table.h"

namespace txsim {

struct LockServiceSettings {
  Duration expiry = seconds(30);  // (switch) a lock is free again after this; 0: never
  bool owner_check = true;        // (switch) only the owner may release
};

}  // namespace txsim
