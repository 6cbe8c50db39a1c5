// A service's own database: resources (named amounts, never below zero), row locks with waiting,
// and for each transaction the steps it has in effect here but not yet for good.
//
// Rows: each amount is one row; reading takes a shared lock, changing it an exclusive one. Order
// records are rows of their own order and never contended.
// The store appends no log records but those of `apply`: a protocol's own records say which steps
// a transaction has here, and on recovery the protocol hands them back by `redo` and `hold`.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "protocols/transaction.h"
#include "sim/node.h"
#include "sim/ring.h"
#include "sim/table.h"

namespace txsim {

struct StoreSettings {
  Duration lock_timeout = seconds(1);  // a wait for a row lock ends after this, refused; 0: never
};

enum class StepResult : std::uint8_t {
  Done,     // the step is in effect, not yet for good
  Waiting,  // for a row lock: LockNews will follow
  Refused,  // not enough there
};

// What became of a step that waited for its lock.
struct LockNews {
  TransactionId transaction = 0;
  std::uint16_t kind = 0;
  std::uint16_t step = 0;
  StepResult result = StepResult::Done;  // Done, or Refused: too little there, or waited too long
};

class Store {
 public:
  Store(std::shared_ptr<const Plan> plan, NodeId self, const StoreSettings& settings);

  // Locks the row and puts the step in effect, not yet for good. A step that is in effect already
  // is Done again without effect. Announces LockTaken or LockWaited, Updated or ReadDone, Rejected.
  StepResult update(Context& context, TransactionId transaction, std::uint16_t kind,
                    std::uint16_t step);
  // Makes the transaction's steps here effective for good and frees its locks. The caller has made
  // its commit record durable or forces it before this. Announces Applied, LockReleased.
  void commit(Context& context, TransactionId transaction);
  // Rolls the transaction's steps here back, stops its waits, frees its locks. Announces Undone.
  void abort(Context& context, TransactionId transaction);
  // Frees the transaction's locks before its end (what strict two-phase locking forbids).
  void release_locks(Context& context, TransactionId transaction);
  // One local transaction of its own: appends a record, forces it, and the step is in effect for
  // good. No lock is held afterwards and nothing is remembered: asked twice, it happens twice.
  // Waiting: somebody holds the row; LockNews follows, then call again.
  StepResult apply(Context& context, TransactionId transaction, std::uint16_t kind,
                   std::uint16_t step);

  // Steps of the transaction in effect here and not yet for good, bit by bit.
  std::uint64_t steps_of(TransactionId transaction) const;
  bool knows(TransactionId transaction) const;

  // Locks that became free may let others' waiting steps go on: the service calls this at the end
  // of each handler and passes what it gets to the protocol; false when there is no news.
  bool next_news(Context& context, LockNews& news);
  // A timer of the store's own. False: not the store's.
  bool on_timer(Context& context, const Timer& timer);

  // Recovery, in the order of the log. `redo`: committed steps; `hold`: prepared ones, in effect
  // again with their locks. `recover` takes the store's own records; false for others'.
  bool recover(const LogRecord& record);
  void redo(std::uint16_t kind, std::uint64_t steps);
  void hold(Context& context, TransactionId transaction, std::uint16_t kind, std::uint64_t steps);
  // Announces Recovered for each resource of this service.
  void announce_recovered(Context& context) const;
  // The amounts without what is not yet for good, as records that `recover` reads.
  void write_checkpoint(std::vector<LogRecord>& log) const;

  std::int64_t available(std::uint16_t resource) const;

  // PRIVATE PART: to be designed by the implementer (rows, locks, waits, transactions).
};

}  // namespace txsim
