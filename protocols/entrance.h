// The entrance: what stands before any protocol so that the same order is executed once, however
// often and however concurrently it is submitted. The order id, issued to the client beforehand,
// makes a repeated order recognisable once it has been saved; the lock service keeps two executions
// of one order apart while the first is under way.
//
// Source: idempotent receiver with an identifier that the client brings along (Hohpe & Woolf,
// Enterprise Integration Patterns, 2003; Helland, Idempotence Is Not a Medical Condition, 2012);
// the lock: see lock_service.h.
//
// Roles: entrance (in each service where transactions begin), client, lock service.
//
//   message       from → to                meaning; value
//   Submit        client → entrance        execute the order; value: the order
//   Reply         entrance → client        how it ended; value: 1 done, 2 failed, 3 busy
//   AcquireLock   entrance → lock service  value: the order
//   LockAcquired  lock service → entrance
//   LockDenied    lock service → entrance  somebody else holds it: the client is told "busy"
//   ReleaseLock   entrance → lock service  sent again until acknowledged
//   LockFreed     lock service → entrance  acknowledges ReleaseLock
//
//   states of a submission
//
//            Submit                LockAcquired
//   (none) ──────────▶ Asking ──────────────────▶ UnderWay ──────▶ Releasing ─────────▶ (none)
//     │                  │  │ the order is known                finish  ▲    LockFreed
//     │ no lock          │  └────────── Reply, ReleaseLock ─────────────┘
//     ▼                  └─▶ (none)
//   known? Reply: UnderWay   LockDenied: Reply busy
//
//   record      holds
//   OrderSaved  transaction; value: its outcome. Forced before a failure is told, which the
//   protocol
//               need not log; written for a success only by protocols without a record of it
//               (`save`)
//   OrdersSaved checkpoint: outcomes of 32 orders, two bits each
//
//   timer        then
//   LockOverdue  AcquireLock or ReleaseLock is sent again
//
// An order is known from the moment its outcome is certain (`finish`). Whoever looks before that
// and acts on it (lock off) races: two submissions at once both find the order new, and both
// execute it.
//
// After a crash the entrance has forgotten who asked, and which locks it holds. A transaction that
// the protocol carries on after a restart frees its lock when it finishes; the lock of one that was
// lost with the crash is freed by its expiry, and until then the order is busy.
//
// Deviations: orders are remembered only where `Plan::orders_may_repeat`, so that memory follows
// what is in flight where it can. An AcquireLock that arrives after its transaction's ReleaseLock
// sets the lock once more; the entrance frees it when it learns of it, the expiry if it does not.
// Requests to the lock service are numbered by the clock, so that they ascend across crashes (see
// lock_service.h): a clock that was set back across one would deceive it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "protocols/ascending_number.h"
#include "protocols/transaction.h"
#include "sim/node.h"
#include "sim/table.h"

namespace txsim {

inline constexpr Word kSubmit = word("Submit");
inline constexpr Word kReply = word("Reply");
inline constexpr Word kOrderSaved = word("OrderSaved");
inline constexpr Word kOrdersSaved = word("OrdersSaved");
inline constexpr Word kLockOverdue = word("LockOverdue");

struct EntranceSettings {
  bool enabled = true;   // off: every submission is executed
  bool order_id = true;  // (switch) recognise orders that were executed before
  bool lock = true;      // (switch) one execution of an order at a time
  NodeId lock_service = kNoNode;
  Duration lock_timeout = milliseconds(500);  // wait for the lock service's answer, then ask again
};

class Entrance {
 public:
  Entrance(std::shared_ptr<const Plan> plan, const EntranceSettings& settings);

  // ---- For protocols

  // The order's outcome is certain and in the protocol's log: called for what the log shows when
  // the protocol recovers. (`Service::finish` does it for those that end now.)
  void remember(std::uint64_t order, Outcome outcome);
  // For protocols without a decision record of their own: makes the outcome durable (appends,
  // forces) where orders may repeat. Before `Service::finish`.
  void save(Context& context, TransactionId transaction, Outcome outcome);
  // A transaction that the protocol carries on after a restart: a Submit of it that still arrives
  // is not begun again, and is answered when it ends.
  void resume(TransactionId transaction, std::uint16_t kind);

  // ---- For the service

  // What is to be begun; no transaction: nothing.
  struct Admission {
    TransactionId transaction = 0;
    std::uint16_t kind = 0;
  };
  static bool is_mine(Word message_type);
  Admission on(Context& context, const Message& message);
  // False: not the entrance's timer.
  bool on_timer(Context& context, const Timer& timer);
  // The execution has ended: the client is told, the order is known, its lock is let go.
  void finish(Context& context, TransactionId transaction, Outcome outcome);

  // Takes the entrance's own records; false for others'.
  bool recover(const LogRecord& record);
  void write_checkpoint(std::vector<LogRecord>& log) const;

 private:
  enum class State : std::uint8_t { Asking, UnderWay, Releasing };
  struct Submission {
    TimerId timer;
    std::uint64_t ticket = 0;  // of its request for the lock; 0: a crash has made it forgotten
    NodeId client = kNoNode;   // none: nobody waits for an answer
    std::uint16_t kind = 0;
    State state = State::Asking;
  };

  bool locks() const { return settings_.enabled && settings_.lock; }
  bool remembers() const {
    return settings_.enabled && settings_.order_id && plan_->orders_may_repeat;
  }
  std::optional<Outcome> known(std::uint64_t order) const;

  Admission on_submit(Context& context, const Message& message);
  Admission on_lock_acquired(Context& context, const Message& message);
  void on_lock_denied(Context& context, const Message& message);
  void on_lock_freed(Context& context, const Message& message);
  void recognise(Context& context, TransactionId transaction, const Submission& submission,
                 Outcome outcome);
  void write_saved(Context& context, TransactionId transaction, Outcome outcome);
  void force_saved(Context& context);
  void reply(Context& context, TransactionId transaction, const Submission& submission,
             Reply reply) const;
  void ask(Context& context, TransactionId transaction, Submission& submission, Word what) const;
  void let_go(Context& context, TransactionId transaction, std::uint64_t ticket);

  std::shared_ptr<const Plan> plan_;
  EntranceSettings settings_;
  Table<Submission> submissions_;  // by transaction
  Table<std::uint64_t> saved_;     // outcomes of 32 orders, two bits each, by order / 32
  AscendingNumber tickets_;
  bool is_saved_durably_ = true;  // all OrderSaved written so far were forced
};

}  // namespace txsim
