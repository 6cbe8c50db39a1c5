// What the ledger reports to the checks about one fact, and the parts of its books beside the
// views.
#pragma once

#include <cstdint>

#include "checks/verdict.h"
#include "checks/view.h"
#include "sim/fingerprint.h"
#include "sim/trace.h"

namespace txsim {

// One fact as the ledger understood it.
struct Moment {
  const TraceRecord* record = nullptr;
  TransactionView* view = nullptr;  // null: late
  FactKind fact{};
  std::uint16_t resource = 0;    // of a fact about a step
  int part = -1;                 // of the announcing node; -1: none
  bool is_later = false;         // of a branch opened after the node's own had finished
  bool is_earlier = false;       // of an execution before the view's
  bool changes = false;          // something about amounts was announced
  bool hangs = false;            // a step was reserved or applied after it was called off here
  bool again = false;            // a step took effect, or was reserved, a second time
  bool contrary = false;         // differs from what the same node announced before
  bool undone_for_good = false;  // a step was undone that had been in effect for good
  bool undone_survivor = false;  // and had been in effect when its node recovered
  bool by_itself = false;        // the step was not updated under lock, or has taken effect since
  StepStatus before{};           // of the step in its branch
  bool mismatch = false;         // the amount announced is not the amount expected
  bool measured = false;         // `lasted` is the time a lock or reservation was held, a lock
  // awaited, or a participant in doubt
  bool recalled = false;      // announced in a recovery, from the node's memory
  std::int64_t expected = 0;  // available, after this fact
  std::int64_t announced = 0;
  Duration lasted;
};

// What a crash left: known at once, or once the node had recovered.
struct Settled {
  enum class Kind : std::uint8_t {
    Matched,   // it recovered with what it should have
    Mismatch,  // it did not
    Lost,      // a step under lock is gone, or was rolled back before the crash
    Kept,      // a step under lock was in effect for good before the crash
    WaitCut,   // a wait for a lock ended with the crash
  } kind = Kind::Matched;
  std::uint64_t event = 0;
  std::uint16_t resource = 0;
  NodeId node = kNoNode;
  std::int64_t expected = 0;  // Mismatch
  std::int64_t announced = 0;
  TransactionId transaction = 0;  // Lost, Kept, WaitCut
  Duration lasted;                // WaitCut
};

struct ResourceState {
  std::int64_t available = 0;  // the correct amount
  std::int64_t reserved = 0;

  void digest_into(Fingerprint& into) const { into.add(available, reserved); }
};

// For a resource whose service has crashed, until its recovered amount has been compared.
struct RecoveryState {
  std::int64_t available = 0;  // as last announced
  std::int64_t reserved = 0;
  std::uint64_t event = 0;
  bool is_apart = false;   // from the crash on
  bool to_settle = false;  // announced after the restart

  void digest_into(Fingerprint& into) const {
    if (is_apart) into.add(available, reserved, to_settle);
  }
};

}  // namespace txsim
