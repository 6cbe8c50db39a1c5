// The three phases of a step (reserve, confirm, cancel) over the service's memory of steps, so that
// each phase of each step of a transaction happens once.
//
// Source: Helland, Life beyond Distributed Transactions, 2007 (tentative operations, remembered by
// the entity until they are confirmed or cancelled); Seata and dtm (TCC): the fence table, or
// barrier, with its three cures: idempotence, empty cancel, suspension.
//
//   a step here
//
//   NONE ──reserve──▶ TRIED ──confirm──▶ CONFIRMED
//    │ │                └─────cancel───▶ CANCELLED
//    │ └─cancel (empty)──▶ SUSPENDED     a later reserve is refused
//    └───reserve refused─▶ SUSPENDED     likewise
//
//   action      reserve                  confirm                 cancel
//   take        available → reserved     reserved → gone         reserved → available
//   give        promised                 → available             promise void
//   create      the order is CREATED     it is what it became    it is CANCELLED
//   complete    promised                 one order more          promise void
//   read        reads; refused if less is there than asked for; nothing is remembered
//
//   record      holds transaction, kind, step; value: the amount moved
//   tried, confirmed, cancelled   the step's new state, and what was moved
//   suspended                     the step's new state; nothing was moved
//   effect!                       `atomic_fence` off: what was moved, before the new state
//
// Switch `atomic_fence`; off: the amounts lie outside the database that remembers the phases. A
// phase moves them first, for good, and a crash before the memory of the phase is durable forgets
// the move.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "services/step_memory.h"
#include "services/store.h"

namespace txsim {

inline constexpr Word kTriedRecord = word("tried");
inline constexpr Word kConfirmedRecord = word("confirmed");
inline constexpr Word kCancelledRecord = word("cancelled");
inline constexpr Word kSuspendedRecord = word("suspended");
inline constexpr Word kEffectRecord = word("effect");

struct ReservationSettings {
  bool idempotence = true;   // (switch) a phase that was already done has no effect
  bool empty_cancel = true;  // (switch) off: a cancel gives back what was never reserved
  bool suspension = true;    // (switch) off: a step may be reserved after it was cancelled
  bool atomic_fence = true;  // (switch) off: the move is durable before the memory of it
};

enum class StepState : std::uint8_t { None, Tried, Confirmed, Cancelled, Suspended };

class Reservations final : public StepMemory {
 public:
  Reservations(std::shared_ptr<const Plan> plan, const ReservationSettings& settings)
      : StepMemory(std::move(plan), kStates), settings_(settings) {}

  // True: it is so now, or was already. False: it cannot be done.
  bool reserve(Context& context, Store& store, const StepPlace& place);
  bool confirm(Context& context, Store& store, const StepPlace& place);
  bool cancel(Context& context, Store& store, const StepPlace& place);

  StepState state(TransactionId transaction, std::uint16_t step) const {
    return static_cast<StepState>(state_of(transaction, step));
  }
  // Sets of steps, bit by bit.
  std::uint64_t tried(TransactionId transaction) const;
  std::uint64_t confirmed(TransactionId transaction) const;
  std::uint64_t called_off(TransactionId transaction) const;  // cancelled or suspended

  // Recovery: each record of the log in order (false: not one of these), then `announce_again`.
  bool read(Store& store, const LogRecord& record);
  void announce_again(Context& context, const Store& store) const;
  void write_checkpoint(std::vector<LogRecord>& log) const { write_kept(log); }

 private:
  static constexpr StateInfo kStates[] = {
      {kTriedRecord, true}, {kConfirmedRecord}, {kCancelledRecord}, {kSuspendedRecord}};

  void change(Context& context, Store& store, const StepPlace& place, StepState state,
              std::int64_t amount);
  static void move(Store& store, const Step& step, StepState state, std::int64_t amount);

  ReservationSettings settings_;
};

}  // namespace txsim
