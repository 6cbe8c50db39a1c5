// What the ledger tells the checks of one fact, and what its books are made of beside the views.
#pragma once

#include <cstdint>

#include "checks/orders.h"
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
  bool stray = false;            // not of the transaction's own life, or late
  bool changes = false;          // something about amounts was announced
  bool hangs = false;            // a step was reserved or applied after it was called off here
  bool again = false;            // a step took effect that had done so already, or too late
  bool contrary = false;         // differs from what the same node announced before
  bool undone_for_good = false;  // a step was undone that had been in effect for good
  bool mismatch = false;         // the amount announced is not the amount expected
  bool measured = false;         // `lasted` holds how long a lock or reservation was held, a lock
                                 // waited for, or somebody in doubt
  bool cut_off = false;          // a crash kept the node from telling of each step it ended
  bool recalled = false;         // said in a recovery, of what the node remembers of a step
  std::int64_t expected = 0;     // available, after this fact
  std::int64_t announced = 0;
  Duration lasted;
};

// What came out of a crash: at once, or once the node had recovered.
struct Settled {
  enum class Kind : std::uint8_t {
    Matched,   // what it recovered with is what it should have
    Mismatch,  // it is not
    Lost,      // the step of a transaction was not yet for good and is gone
    WaitCut,   // a wait for a lock ended with the crash
  } kind = Kind::Matched;
  std::uint64_t event = 0;
  std::uint16_t resource = 0;
  NodeId node = kNoNode;
  std::int64_t expected = 0;  // Mismatch
  std::int64_t announced = 0;
  TransactionId transaction = 0;  // Lost, WaitCut
  Duration lasted;                // WaitCut
};

// A branch at a node that was through with its transaction.
struct Stray {
  static constexpr std::uint16_t kNoKind = 0xFFFF;
  TransactionId transaction = 0;
  NodeId node = kNoNode;
  std::uint16_t kind = kNoKind;
  std::uint64_t pending = 0;
  // Of these, what was in effect for good before a crash, after which the node holds it prepared
  // again.
  std::uint64_t held_before = 0;
  std::uint64_t reserved = 0;
  std::uint64_t locked = 0;
  std::uint64_t waiting = 0;
  std::uint64_t event = 0;  // that opened it
  Time waited_since;
  bool voted = false;
  bool was_called_off = false;  // the transaction at this node, before the stray was opened

  void digest_into(Fingerprint& into) const {
    into.add(transaction, node, kind, pending, held_before, reserved, locked, waiting, voted,
             was_called_off);
  }
  bool is_empty() const { return !voted && (pending | reserved | locked | waiting) == 0; }
};

// Of a transaction that is over and partly in effect, or has changed since: which steps were in
// effect when it ended, and which are now.
struct Ended {
  TransactionId id = 0;
  std::uint16_t kind = 0;
  NodeId node = kNoNode;  // that changed it last
  std::uint64_t before = 0;
  std::uint64_t effect = 0;
  std::uint64_t called_off = 0;
  std::uint64_t event = 0;  // after which all or nothing could no longer come of it
  Sides sides{};            // the last of the first step in effect, and of the first that is not
  bool decided_abort = false;
  bool compensated = false;  // some step of it was
  bool is_final = false;     // it took one more broken promise to make all or nothing of it
  bool is_changed = false;   // since it was over
  bool by_step = false;      // by a step that took effect, or lost it, by itself
  bool is_open = false;      // the run ended before it did
  bool told_done = false;    // its client heard before the change that the order is done
  bool told_failed = false;

  void digest_into(Fingerprint& into) const {
    into.add(kind, node, before, effect, called_off, decided_abort, compensated, is_final,
             is_changed, by_step, told_done, told_failed);
  }
  bool is_contradicted() const { return is_changed && effect != before; }
};

// Orders of which the same was called off in the same submission.
struct CalledOff {
  std::uint64_t steps = 0;
  bool decided = false;      // the transaction was decided to be aborted
  bool compensated = false;  // some step of it was
  std::uint64_t submission = 0;
  OrderSet orders;

  void digest_into(Fingerprint& into) const {
    into.add(steps, decided, compensated, submission, orders);
  }
};

struct ResourceState {
  std::int64_t available = 0;  // as it must be
  std::int64_t reserved = 0;
  std::uint64_t again_event = 0;  // the last time that a step reserved what it had reserved
  TransactionId again = 0;        // whose step

  void digest_into(Fingerprint& into) const { into.add(available, reserved); }
};

// Of a resource whose service has crashed, until what it recovered with has been compared.
struct RecoveryState {
  std::int64_t available = 0;  // as announced last
  std::int64_t reserved = 0;
  std::uint64_t event = 0;
  bool is_apart = false;   // from the crash on
  bool to_settle = false;  // announced after the restart

  void digest_into(Fingerprint& into) const {
    if (is_apart) into.add(available, reserved, to_settle);
  }
};

}  // namespace txsim
