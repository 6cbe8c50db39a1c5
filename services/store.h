// A service's own database: resources (named amounts, never below zero), row locks with waiting,
// and for each transaction the steps that are in effect here but not yet for good.
//
// Source: update in place with undo, strict two-phase locking (Bernstein, Hadzilacos, Goodman,
// Concurrency Control and Recovery, 1987, chapters 3 and 6; as InnoDB does it). There is no
// deadlock detection: a timer ends a wait for a lock.
//
// Rows: each amount is one row; reading it takes a shared lock, changing it an exclusive one. Order
// records are rows of their own order and never contended: no lock. The store appends no log
// records but those of `apply`: a protocol's own records say which steps a transaction has here,
// and on recovery the protocol passes them to `redo` and `hold`.
//
//   a step of a transaction here
//
//            lock free                     commit
//   (none) ───────────────▶ in effect ───────────────▶ for good
//     │  ▲                    ▲    │ abort
//     │  │ refused (too       │    └────────▶ undone
//     │  │ little, too long)  │ granted
//     └──┴────────▶ waiting ──┘
//
//   record       written by   holds
//   StepApplied  apply        transaction, kind and step; value: what it added
//   Amount       checkpoint   step: the resource; value: its amount for good; body: reserved
//   TokenSeen    learn_token  the newest token (value) seen for the transaction's order
//
// A step as read ("take 5 balance at point as read") is a program that computes in its own memory:
// it writes the amount it has read less 5, and overwrites what others have written meanwhile. Only
// a lock held from the read to the end prevents that. The record of its end holds how much it added
// beyond its amount (`beyond_of`).
//
//   timer        ends
//   LockWait     a step's wait for its row lock; value: the step
//
// Early lock release (DeWitt et al. 1984; Johnson et al., Aether, 2010): the next transaction gets
// a row as soon as the commit record is in the log, and its changes go into the same disk write if
// possible; but its effects wait until that record is durable. So no observer can tell the
// difference: to the outside the lock is free when the record is durable, and the facts say so. A
// step that reaches a row whose last writer's record is being written announces LockWaited at once,
// and LockGranted when that record is durable.
//
// Deviations: the log names the steps done and holds no page images; a wait for a record that is
// being written does not count for `lock_timeout`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "services/description.h"
#include "services/fence.h"
#include "services/lock_table.h"
#include "services/settings.h"
#include "sim/fingerprint.h"
#include "sim/node.h"
#include "sim/ring.h"
#include "sim/table.h"
#include "sim/vector.h"
#include "transactions/transaction.h"

namespace txsim {

inline constexpr Word kStepApplied = word("StepApplied");
inline constexpr Word kAmount = word("Amount");
inline constexpr Word kLockWait = word("LockWait");

enum class StepResult : std::uint8_t {
  Done,     // the step is in effect, not yet for good
  Waiting,  // for a row lock: LockNews will follow
  Refused,  // not enough there
};

// The result of a step that waited for its lock.
struct LockNews {
  TransactionId transaction = 0;
  std::uint16_t kind = 0;
  std::uint16_t step = 0;
  StepResult result = StepResult::Done;  // Done, or Refused: too little there, or waited too long
};

class Store {
 public:
  Store(std::shared_ptr<const Plan> plan, NodeId self, const StoreSettings& settings);

  // Locks the row and puts the step in effect, not yet for good. A step that is already in effect
  // is Done again without effect; one that already waits is Waiting. Announces LockTaken or
  // LockWaited, Updated or ReadDone, Rejected. In any case `commit` or `abort` must end the
  // transaction here: a refused step keeps its row locked until then.
  StepResult update(Context& context, TransactionId transaction, std::uint16_t kind,
                    std::uint16_t step);
  // Puts the transaction's steps here in effect for good and frees its locks. The caller has made
  // its commit record durable or forces it before this. Announces Applied, LockReleased. Requires
  // that no step waits; without any step it does nothing.
  void commit(Context& context, TransactionId transaction);
  // Rolls the transaction's steps here back, last first, stops its waits, frees its locks.
  // Announces Undone, LockReleased.
  void abort(Context& context, TransactionId transaction);
  // Frees the transaction's locks before its end (what strict two-phase locking forbids).
  void release_locks(Context& context, TransactionId transaction);
  // Frees its shared locks alone; it may take no step after this.
  void release_shared(Context& context, TransactionId transaction);
  // Whether another transaction holds the step's row and its amount for good is too little for the
  // step.
  bool is_short_unlocked(TransactionId transaction, std::uint16_t kind, std::uint16_t step) const;
  // For users with records of their own: the transaction reads the step's row or is about to change
  // it. Once its record is forced, the writer reports the change by `context.writes` of the row
  // (items.h).
  void touch(Context& context, TransactionId transaction, std::uint16_t kind,
             std::uint16_t step) const;
  // A local transaction of one step: appends a record, forces it, and the step is in effect for
  // good. No lock is held afterwards and nothing is remembered: a repeated request takes effect
  // again. Waiting: another transaction holds the row; the store applies the step when the row is
  // free, and LockNews reports it. Announces Applied or ReadDone, Rejected; lock facts only if it
  // waits, even if only for a record that is not durable.
  StepResult apply(Context& context, TransactionId transaction, std::uint16_t kind,
                   std::uint16_t step);

  // A step is requested under this token: the newest one for its order is remembered.
  void learn_token(Context& context, TransactionId transaction, FencingToken token) {
    if (fence_.learn(transaction, token)) context.append(Fence::record_of(transaction, token));
  }
  // Bars the steps of `update` and `apply`, and those of reservations and actions.
  const Fence& fence() const { return fence_; }

  // Steps of the transaction in effect here and not yet for good, bit by bit.
  std::uint64_t steps_of(TransactionId transaction) const;
  // What the transaction's step as read has added here beyond its amount: what it has overwritten.
  std::int64_t beyond_of(TransactionId transaction) const;
  // Whether it has steps, locks or waits here.
  bool knows(TransactionId transaction) const;

  // Freed locks may let waiting steps of others proceed: the service calls this at the end of each
  // handler and passes the news to the protocol; false if there is none.
  bool next_news(Context& context, LockNews& news);
  bool has_news() const { return !ended_.empty(); }  // there may be some
  // A timer of the store's own. False: not the store's.
  bool on_timer(Context& context, const Timer& timer);

  // Recovery, in the order of the log. `redo`: committed steps; `hold`: prepared ones, in effect
  // again with their locks (announces LockTaken). `recover` takes the store's own records; false
  // for others'.
  bool recover(const LogRecord& record);
  void redo(std::uint16_t kind, std::uint64_t steps, std::int64_t beyond = 0);
  void hold(Context& context, TransactionId transaction, std::uint16_t kind, std::uint64_t steps,
            std::int64_t beyond = 0);
  // Their locks alone: the steps themselves are over.
  void lock_again(Context& context, TransactionId transaction, std::uint16_t kind,
                  std::uint64_t steps);
  // Announces Recovered for each resource of this service.
  void announce_recovered(Context& context) const;
  // The amounts without what is not yet for good, as records that `recover` reads.
  void write_checkpoint(std::vector<LogRecord>& log) const;

  std::int64_t available(std::uint16_t resource) const;
  // How much the step would add now to a usable amount of `usable`; nothing: it is refused. A step
  // as read knows what its transaction has read here until a crash; after that it is refused.
  std::optional<std::int64_t> addition(TransactionId transaction, const Step& step,
                                       std::int64_t usable) const;
  // A step was done: a read is remembered for a step as read, which then forgets it.
  void note_done(TransactionId transaction, const Step& step);
  // For reservations, which have their own records: adds to the available and the reserved amount.
  void move(std::uint16_t resource, std::int64_t available, std::int64_t reserved);

  void digest_into(Fingerprint& into) const {
    into.add(rows_, locks_, ended_, seen_, fence_);
    std::uint64_t sum = 0;
    transactions_.for_each([&](std::uint64_t id, const Transaction& transaction) {
      Fingerprint one;
      one.add(id, transaction.done, transaction.beyond, transaction.kind);
      locks_.digest_granted(one, transaction.locks);
      sum += one.value();
    });
    into.add(sum);
  }

 private:
  using Mode = LockTable::Mode;

  struct Row {
    std::int64_t available = 0;  // including what is in effect and not yet for good
    std::int64_t for_good = 0;
    std::int64_t reserved = 0;
    bool is_here = false;  // a resource of this service
    bool is_records = false;

    void digest_into(Fingerprint& into) const { into.add(available, for_good, reserved); }
  };
  struct Transaction {
    std::uint64_t done = 0;   // steps in effect, bit by bit
    std::int64_t beyond = 0;  // see beyond_of
    LockTable::Owner locks;
    std::uint16_t kind = 0;
    bool is_idle() const {
      return done == 0 && locks.holds == LockTable::kNone && locks.waits == LockTable::kNone;
    }
  };
  // A wait that ended: granted, or given up.
  struct Ended {
    TransactionId transaction = 0;
    std::uint16_t kind = 0;
    std::uint16_t step = 0;
    bool granted = false;
    bool for_good = false;

    void digest_into(Fingerprint& into) const {
      into.add(transaction, kind, step, granted, for_good);
    }
  };

  const Step& step_at(std::uint16_t kind, std::uint16_t step) const;
  std::uint32_t row_of(const Step& step) const;
  // What a step in effect has added if its transaction has overwritten this much.
  static std::int64_t added(const Step& step, std::int64_t beyond) {
    return step.delta() + (step.as_read ? beyond : 0);
  }
  static Mode mode_of(const Step& step) {
    return step.is_read_only() ? Mode::Shared : Mode::Exclusive;
  }
  void announce(Context& context, FactKind what, TransactionId id, std::uint16_t kind,
                std::uint16_t step, std::int64_t value, std::uint32_t row) const;
  void announce_lock(Context& context, FactKind what, TransactionId id, std::uint16_t step,
                     std::uint32_t row, TransactionId holder = 0) const;

  void note_last(Context& context, TransactionId id, std::uint32_t row, Mode mode) const;
  void depend_on_last(Context& context, TransactionId id, std::uint32_t row, Mode mode) const;
  void await_last(Context& context, TransactionId id, const Step& wanted, std::uint16_t step) const;
  StepResult lock(Context& context, TransactionId id, Transaction& transaction, std::uint16_t step);
  StepResult queue(Context& context, TransactionId id, Transaction& transaction, std::uint16_t step,
                   bool for_good);
  StepResult take_effect(Context& context, TransactionId id, Transaction& transaction,
                         std::uint16_t step);
  StepResult barred(Context& context, TransactionId id, std::uint16_t kind,
                    std::uint16_t step) const;
  StepResult apply_now(Context& context, TransactionId id, std::uint16_t kind, std::uint16_t step);
  LockNews tell_granted(Context& context, TransactionId id, Transaction& transaction,
                        LockTable::Index wait);
  void release(Context& context, TransactionId id, Transaction& transaction, LockTable::Index hold);
  void release_all(Context& context, TransactionId id, Transaction& transaction);
  void leave_lost_waits(const Transaction& transaction);
  void grant_next(Context& context, std::uint32_t row);

  std::shared_ptr<const Plan> plan_;
  NodeId self_;
  StoreSettings settings_;
  std::uint16_t first_resource_ = 0;  // of the first row
  Vector<Row> rows_;                  // from this service's first resource to its last
  LockTable locks_;
  Table<Transaction> transactions_;
  Ring<Ended> ended_;
  Table<std::int64_t> seen_;  // by transaction: what it has read for its step as read
  Fence fence_;
};

Description store_description();

}  // namespace txsim
