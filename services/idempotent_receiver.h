// The idempotent receiver: what stands before any protocol so that the same order is executed once,
// however often and however concurrently it is submitted. The order id, issued to the client
// beforehand, makes a repeated order recognisable once it has been saved; the lock service keeps
// two executions of one order apart while the first is under way.
//
// Source: the pattern of that name, with an identifier that the client brings along (Hohpe & Woolf,
// Enterprise Integration Patterns, 2003; Helland, Idempotence Is Not a Medical Condition, 2012);
// the lock: see lock_service.h.
//
// Roles: receiver (in each service where transactions begin), client, lock service.
//
//   message       from → to                meaning; value
//   Submit        client → receiver        execute the order; value: the order
//   Reply         receiver → client        how it ended; value: 1 done, 2 failed, 3 busy;
//                                          or 4 accepted, 5 in progress
//   OrderQuery    client → receiver        what has become of it? value: the order
//   AcquireLock   receiver → lock service  value: the order
//   LockAcquired  lock service → receiver
//   LockDenied    lock service → receiver  somebody else holds it: the client is told "busy"
//   ReleaseLock   receiver → lock service  sent again until acknowledged
//   LockFreed     lock service → receiver  acknowledges ReleaseLock
//
//   states of a submission
//
//            Submit                LockAcquired
//   (none) ──────────▶ Asking ──────────────────▶ UnderWay ──────▶ Releasing ─────────▶ (none)
//     │                  │  │ the order is known                finish  ▲    LockFreed
//     │ no lock          │  └────────── Reply, ReleaseLock ─────────────┘
//     ▼                  └─▶ (none)
//   known? Reply: UnderWay   LockDenied: Reply busy (also where the grant is turned away, which is
//                            released)
//
//   record      holds
//   OrderSaved  transaction; value: its outcome. Forced before a failure is told, which the
//               protocol need not log; written for a success only by protocols without a record of
//               it (`save`)
//   OrdersSaved checkpoint: outcomes of 32 orders, two bits each
//   OutcomeKept checkpoint: of a transaction that was accepted; value: its outcome
//
//   timer        then
//   LockOverdue  AcquireLock or ReleaseLock is sent again
//   OutcomesOld  outcomes of accepted transactions that have been kept long enough are dropped
//
// An order is known from the moment its outcome is certain (`finish`). A submission that checks
// earlier and acts on the result (lock off) races: two concurrent submissions both find the order
// new, and both execute it.
//
// A protocol that answers before the outcome is certain says so by `accept`: the client is told
// `accepted` and asks again and again, and gets the outcome for an answer once there is one. Its
// outcome is kept for a time between once and twice `keep_outcome`, also over a crash. To a query
// about what it does not know the receiver gives no answer; the client's own wait ends it.
//
// After a crash the receiver has forgotten who asked, and which locks it holds. A transaction that
// the protocol carries on after a restart frees its lock when it finishes; the lock of one that was
// lost with the crash is freed by its expiry, and until then the order is busy.
//
// The holder of an expired lock is not notified: if it was paused for longer, or its grant was
// late, it continues beside the next holder. So the grant's token is compared (fence.h). The
// service where the order begins, which alone decides its transactions, lets no execution begin
// under a token that is older than the newest, nor while the last execution has not ended. It
// passes the token to the other services, which refuse the steps of an older one. `exactly-once` is
// promised with `order_id`, `lock` and `fencing` on, however long any node is paused.
//
// Deviations: orders are remembered only where `Plan::orders_may_repeat`, so that memory follows
// what is in flight where it can. An AcquireLock that arrives after its transaction's ReleaseLock
// sets the lock once more; the receiver frees it when it learns of it, the expiry if it does not.
// Requests to the lock service are numbered by the clock, so that they ascend across crashes (see
// lock_service.h): a clock that was set back across one would deceive it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "services/ascending_number.h"
#include "services/description.h"
#include "services/settings.h"
#include "sim/fingerprint.h"
#include "sim/node.h"
#include "sim/ring.h"
#include "sim/table.h"
#include "sim/vector.h"
#include "transactions/transaction.h"

namespace txsim {

inline constexpr Word kSubmit = word("Submit");
inline constexpr Word kReply = word("Reply");
inline constexpr Word kOrderQuery = word("OrderQuery");
inline constexpr Word kOrderSaved = word("OrderSaved");
inline constexpr Word kOrdersSaved = word("OrdersSaved");
inline constexpr Word kOutcomeKept = word("OutcomeKept");
inline constexpr Word kLockOverdue = word("LockOverdue");
inline constexpr Word kOutcomesOld = word("OutcomesOld");

class IdempotentReceiver {
 public:
  IdempotentReceiver(std::shared_ptr<const Plan> plan, const IdempotentReceiverSettings& settings);

  // ---- For protocols

  // The order's outcome is certain and in the protocol's log: call it for what the log shows when
  // the protocol recovers. (`Service::finish` does it for those that end now.)
  void remember(std::uint64_t order, Outcome outcome);
  // For protocols without a decision record of their own: makes the outcome durable (appends,
  // forces) where orders may repeat. Call it before `Service::finish`.
  void save(Context& context, TransactionId transaction, Outcome outcome);
  // A transaction that the protocol resumes after a restart: a Submit of it that still arrives does
  // not begin it again, and is answered when it ends; or at once, if it had been accepted.
  void resume(TransactionId transaction, std::uint16_t kind, bool is_accepted = false);
  // The transaction will certainly be executed: its client is told `accepted`, and then asks.
  void accept(Context& context, TransactionId transaction);
  // When the protocol recovers: the outcome of an accepted transaction that its log shows.
  void keep(Context& context, TransactionId transaction, Outcome outcome);

  // ---- For the service

  // The transaction to begin; no transaction: none.
  struct Admission {
    TransactionId transaction = 0;
    std::uint16_t kind = 0;
    std::uint64_t token = 0;  // of its lock's grant; 0: not compared
  };
  static bool is_mine(Word message_type);
  Admission on(Context& context, const Message& message);
  // Admitted and executed, and not yet ended.
  bool is_under_way(TransactionId transaction) const;
  // An admitted submission is not begun: its lock was void.
  void turn_away(Context& context, TransactionId transaction);
  // False: not the receiver's timer.
  bool on_timer(Context& context, const Timer& timer);
  // The execution has ended: answers the client, records the order, releases its lock.
  void finish(Context& context, TransactionId transaction, Outcome outcome);

  // Takes the receiver's own records; false for others'.
  bool recover(const LogRecord& record);
  // After the last of them.
  void recovered(Context& context) { watch_outcomes(context); }
  void write_checkpoint(std::vector<LogRecord>& log) const;
  void digest_into(Fingerprint& into) const {
    into.add(submissions_, saved_, kept_, kept_order_, old_, outcomes_old_, tickets_, unforced_);
  }

 private:
  enum class State : std::uint8_t { Asking, UnderWay, Releasing };
  struct Submission {
    TimerId timer;
    std::uint64_t ticket = 0;  // of its lock request; 0: forgotten in a crash
    NodeId client = kNoNode;   // none: no client waits for an answer
    std::uint16_t kind = 0;
    State state = State::Asking;
    bool is_accepted = false;

    void digest_into(Fingerprint& into) const {
      into.add(timer, ticket, client, kind, state, is_accepted);
    }
  };

  bool locks() const { return settings_.enabled && settings_.lock; }
  bool fences() const { return settings_.fencing && plan_->orders_may_repeat; }
  bool remembers() const {
    return settings_.enabled && settings_.order_id && plan_->orders_may_repeat;
  }
  std::optional<Outcome> known(std::uint64_t order) const;
  static Reply reply_for(Outcome outcome) {
    return outcome == Outcome::Committed ? Reply::Done : Reply::Failed;
  }

  Admission on_submit(Context& context, const Message& message);
  Admission on_lock_acquired(Context& context, const Message& message);
  void on_lock_denied(Context& context, const Message& message);
  void on_lock_freed(Context& context, const Message& message);
  void on_query(Context& context, const Message& message);
  void put_kept(TransactionId transaction, Outcome outcome);
  void watch_outcomes(Context& context);
  void drop_old_outcomes(Context& context);
  void recognise(Context& context, TransactionId transaction, const Submission& submission,
                 Outcome outcome);
  void write_saved(Context& context, TransactionId transaction, Outcome outcome);
  void force_saved(Context& context, TransactionId transaction);
  void reply(Context& context, TransactionId transaction, const Submission& submission,
             Reply reply) const;
  void ask(Context& context, TransactionId transaction, Submission& submission, Word what) const;
  void let_go(Context& context, TransactionId transaction, std::uint64_t ticket);

  std::shared_ptr<const Plan> plan_;
  IdempotentReceiverSettings settings_;
  Table<Submission> submissions_;   // by transaction
  Table<std::uint64_t> saved_;      // outcomes of 32 orders, two bits each, by order / 32
  Table<Outcome> kept_;             // of accepted transactions that have ended
  Ring<TransactionId> kept_order_;  // those, as they ended
  std::size_t old_ = 0;             // how many of these there were when OutcomesOld last fired
  TimerId outcomes_old_;
  AscendingNumber tickets_;
  Vector<TransactionId> unforced_;  // whose OrderSaved were written and not forced
};

Description idempotent_receiver_description();

}  // namespace txsim
