// A service's memory of what it did for which step of which transaction, so that each phase of a
// step happens once, whatever arrives twice, late or never. The users define the phases and the
// states of a step: reservations.h (TCC) and actions.h (sagas).
//
// Source: Helland, Life beyond Distributed Transactions, 2007 (an entity remembers what it did for
// whom: activities); Seata and dtm: the fence table, or barrier.
//
//   record      holds
//   kept        in a checkpoint: transaction, kind, step; value: the step's state
//   forgotten   in a checkpoint: up to which number a coordinator (step: its node) has forgotten
//   and one for each state, named by the user
//
// Everything done in one handler is one local transaction: `flush` ends it by forcing the log, and
// then announces what was done. A transaction's entry is dropped once its coordinator reports that
// it has forgotten the transaction.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/fingerprint.h"
#include "sim/node.h"
#include "sim/ring.h"
#include "sim/table.h"
#include "transactions/transaction.h"

namespace txsim {

inline constexpr Word kKeptRecord = word("kept");
inline constexpr Word kForgottenRecord = word("forgotten");

// A step of a transaction; `number` is the transaction's place in its coordinator's order.
struct StepPlace {
  TransactionId transaction = 0;
  std::uint16_t kind = 0;
  std::uint16_t step = 0;
  std::uint64_t number = 0;
};

class StepMemory {
 public:
  // Makes durable what the transaction has done since the last flush, then announces it.
  void flush(Context& context, TransactionId transaction);

  bool knows(TransactionId transaction) const { return entries_.contains(transaction); }
  std::uint16_t kind(TransactionId transaction) const { return entries_.find(transaction)->kind; }
  std::vector<TransactionId> transactions() const { return entries_.sorted_keys(); }
  // A timer for an unfinished step; unset before the entry is dropped.
  TimerId& timer(TransactionId transaction) { return entries_.find(transaction)->timer; }

  // The coordinator has forgotten all transactions below `oldest`: drops their entries once none of
  // their steps is in an open state.
  void learn_oldest(NodeId coordinator, std::uint64_t oldest);
  std::uint64_t oldest(NodeId coordinator) const;
  // For an entry that was kept longer: drops it when none of its steps is in an open state any
  // more.
  void drop_if_outlived(TransactionId transaction);

  void digest_into(Fingerprint& into) const { into.add(entries_, peers_); }

 protected:
  // A step's state, from 1; 0: the step is unknown.
  using State = std::uint8_t;
  static constexpr std::size_t kMostStates = 4;

  // By state, from 1: its record. `is_open`: a step in it is not yet over.
  struct StateInfo {
    Word record{};
    bool is_open = false;
  };
  // A record's statement about a step. The amounts already include what a checkpoint kept.
  struct Remembered {
    StepPlace place;
    State before = 0;
    State state = 0;
    std::int64_t value = 0;
    bool is_kept = false;
  };
  // `states` outlives the memory.
  StepMemory(std::shared_ptr<const Plan> plan, std::span<const StateInfo> states)
      : plan_(std::move(plan)), states_(states) {}

  State state_of(TransactionId transaction, std::uint16_t step) const;
  // Steps in that state, bit by bit.
  std::uint64_t steps_in(TransactionId transaction, State state) const;
  // The step enters the state, and a record is written.
  void enter(Context& context, const StepPlace& place, State state, std::int64_t value);
  // The step's row has changed for others; `enter` reports it if an amount has changed.
  void changes(const StepPlace& place) { changed_.push_back(step(place).resource); }
  // To be announced after the next flush.
  void tell_later(FactKind what, const StepPlace& place, std::int64_t value,
                  std::int64_t available);
  static void tell(Context& context, FactKind what, const StepPlace& place, std::int64_t value,
                   std::int64_t available);
  const Step& step(const StepPlace& place) const {
    return plan_->kinds[place.kind].steps[place.step];
  }
  const TransactionKind& kind_at(std::uint16_t index) const { return plan_->kinds[index]; }

  // Recovery: each record of the log in order. Calls `redo(remembered)` for a record about a step;
  // false: not a record of the memory.
  template <class Redo>
  bool read(const LogRecord& record, Redo&& redo) {
    if (record.type == kForgottenRecord) {
      recall_oldest(record);
      return true;
    }
    const std::optional<Remembered> found = recall(record);
    if (found) redo(*found);
    return found.has_value();
  }
  // Calls `visit(place, state)` for every step remembered, by transaction and step.
  template <class Visit>
  void for_each_step(Visit&& visit) const {
    entries_.for_each_sorted([&](TransactionId id, const Entry& entry) {
      for (std::uint16_t step = 0; step < TransactionKind::kMostSteps; ++step) {
        const State now = state(entry, step);
        if (now != 0) visit(StepPlace{id, entry.kind, step, entry.number}, now);
      }
    });
  }
  void write_kept(std::vector<LogRecord>& log) const;

 private:
  struct Entry {
    std::uint64_t number = 0;
    std::array<std::uint64_t, kMostStates> steps{};  // by state, from 1; in one set at most
    TimerId timer;
    std::uint16_t kind = 0;
    bool is_outlived = false;  // its coordinator has forgotten it

    void digest_into(Fingerprint& into) const { into.add(number, steps, timer, kind, is_outlived); }
  };
  struct Peer {
    std::uint64_t oldest = 0;
    Ring<TransactionId> entries;  // in the order of creation

    void digest_into(Fingerprint& into) const { into.add(oldest, entries); }
  };

  std::optional<Remembered> recall(const LogRecord& record);  // none: not about a step
  void recall_oldest(const LogRecord& record);
  Entry& open(const StepPlace& place);
  static void put(Entry& entry, std::uint16_t step, State state);
  static State state(const Entry& entry, std::uint16_t step);

  std::shared_ptr<const Plan> plan_;
  std::span<const StateInfo> states_;
  Table<Entry> entries_;
  Table<Peer> peers_;                   // by coordinator
  std::vector<Fact> untold_;            // empty between handlers
  std::vector<std::uint16_t> changed_;  // resources, since the last flush; empty between handlers
};

}  // namespace txsim
