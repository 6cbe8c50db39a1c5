// What a service has reserved, confirmed and cancelled for which step of which transaction, and
// what it remembers of that, so that each phase of a step happens once, whatever comes twice, late
// or not at all.
//
// Source: Helland, Life beyond Distributed Transactions, 2007 (tentative operations, remembered by
// the entity until they are confirmed or cancelled); Seata and dtm (TCC): the fence table, or
// barrier, with its three cures: idempotence, empty cancel, suspension.
//
//   a step here
//
//   NONE ──reserve──▶ TRIED ──confirm──▶ CONFIRMED
//    │ │                └─────cancel───▶ CANCELLED
//    │ └─cancel (empty)──▶ SUSPENDED     a reserve that comes after it is refused
//    └───reserve refused─▶ SUSPENDED     likewise
//
//   action      reserve                  confirm                 cancel
//   take        available → reserved     reserved → gone         reserved → available
//   give        promised                 → available             promise void
//   create      the order is CREATED     it is what it became    it is CANCELLED
//   complete    promised                 one order more          promise void
//   read        looks; nothing is remembered
//
//   record      holds transaction, kind, step; value: the amount moved
//   tried, confirmed, cancelled   the step's new state, and what was moved
//   suspended                     the step's new state; nothing was moved
//   kept        in a checkpoint: a step's state (value), what it moved is in the amounts
//   forgotten   in a checkpoint: up to which number a coordinator (step: its node) has forgotten
//
// Each call is part of a local transaction that `flush` ends: it forces the log and announces what
// was done. An entry is dropped once its coordinator says that it has forgotten the transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "protocols/store.h"
#include "protocols/transaction.h"
#include "sim/node.h"
#include "sim/ring.h"
#include "sim/table.h"

namespace txsim {

inline constexpr Word kTriedRecord = word("tried");
inline constexpr Word kConfirmedRecord = word("confirmed");
inline constexpr Word kCancelledRecord = word("cancelled");
inline constexpr Word kSuspendedRecord = word("suspended");
inline constexpr Word kKeptRecord = word("kept");
inline constexpr Word kForgottenRecord = word("forgotten");

struct ReservationSettings {
  bool idempotence = true;   // (switch) a phase of a step that was done already has no effect
  bool empty_cancel = true;  // (switch) off: a cancel gives back what was never reserved
  bool suspension = true;    // (switch) off: a step may be reserved after it was cancelled
};

enum class StepState : std::uint8_t { None, Tried, Confirmed, Cancelled, Suspended };

// A step of a transaction; `number` is the transaction's place in its coordinator's order.
struct StepPlace {
  TransactionId transaction = 0;
  std::uint16_t kind = 0;
  std::uint16_t step = 0;
  std::uint64_t number = 0;
};

class Reservations {
 public:
  Reservations(std::shared_ptr<const Plan> plan, const ReservationSettings& settings)
      : plan_(std::move(plan)), settings_(settings) {}

  // True: it is so now, or was already. False: it cannot be.
  bool reserve(Context& context, Store& store, const StepPlace& place);
  bool confirm(Context& context, Store& store, const StepPlace& place);
  bool cancel(Context& context, Store& store, const StepPlace& place);
  // Makes durable what was done since the last one, then announces it.
  void flush(Context& context);

  StepState state(TransactionId transaction, std::uint16_t step) const;
  // Sets of steps, bit by bit.
  std::uint64_t tried(TransactionId transaction) const;
  std::uint64_t confirmed(TransactionId transaction) const;
  std::uint64_t called_off(TransactionId transaction) const;  // cancelled or suspended
  bool knows(TransactionId transaction) const { return entries_.contains(transaction); }
  std::uint16_t kind(TransactionId transaction) const { return entries_.find(transaction)->kind; }
  std::vector<TransactionId> transactions() const { return entries_.sorted_keys(); }
  TimerId& timer(TransactionId transaction) { return entries_.find(transaction)->timer; }

  // The coordinator is through with all transactions below `oldest`: entries of such are dropped,
  // once nothing is reserved for them.
  void learn_oldest(NodeId coordinator, std::uint64_t oldest);
  std::uint64_t oldest(NodeId coordinator) const;

  // Recovery: each record of the log in order (false: not one of these), then `announce_again`.
  bool read(Store& store, const LogRecord& record);
  void announce_again(Context& context, const Store& store) const;
  void write_checkpoint(std::vector<LogRecord>& log) const;

 private:
  struct Entry {
    std::uint64_t number = 0;
    std::uint64_t tried = 0;  // each step is in one of these sets at most
    std::uint64_t confirmed = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t suspended = 0;
    TimerId timer;
    std::uint16_t kind = 0;
    bool is_outlived = false;  // its coordinator has forgotten it
  };
  struct Peer {
    std::uint64_t oldest = 0;
    Ring<TransactionId> entries;  // in the order of their making
  };

  const Step& step(const StepPlace& place) const {
    return plan_->kinds[place.kind].steps[place.step];
  }
  Entry& open(const StepPlace& place);
  static void enter(Entry& entry, std::uint16_t step, StepState state);
  static StepState state(const Entry& entry, std::uint16_t step);
  void change(Context& context, Store& store, Entry& entry, const StepPlace& place, StepState state,
              std::int64_t amount);
  void announce(Context& context, FactKind what, const StepPlace& place, std::int64_t value,
                std::int64_t available) const;
  static void move(Store& store, const Step& step, StepState state, std::int64_t amount);
  void drop_if_outlived(TransactionId transaction);

  std::shared_ptr<const Plan> plan_;
  ReservationSettings settings_;
  Table<Entry> entries_;
  Table<Peer> peers_;         // by coordinator
  std::vector<Fact> untold_;  // empty between handlers
};

}  // namespace txsim
