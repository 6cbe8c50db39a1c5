// The coordinator of TCC: tries all steps; confirms them all if all could be reserved and cancels
// them if not; retries after time-outs. See tcc.h for the protocol.
//
//   CREATED ──all tried──▶ RESERVED ──all confirmed───────▶ CONFIRMED
//    │                      └─a Confirm failed─▶ PENDING ──▶ CONFIRMED
//    └──one refused, or never answered──▶ CANCELLED ◀──┘ by the operator
//
// A transaction in CONFIRMED is forgotten, one in CANCELLED once all have acknowledged that.
#pragma once

#include <cstdint>
#include <vector>

#include "protocols/tcc/home.h"
#include "services/begun_transactions.h"
#include "services/ended_transactions.h"
#include "sim/fingerprint.h"
#include "sim/table.h"

namespace txsim::tcc {

// Each handler returns the outcome for the client now; Unknown: none.
class Coordinator {
 public:
  [[nodiscard]] Outcome begin(const Home& home, TransactionId id, std::uint16_t kind);
  [[nodiscard]] Outcome on(const Home& home, const Message& message);
  [[nodiscard]] Outcome on_timer(const Home& home, const Timer& timer);
  [[nodiscard]] Outcome on_refused(const Home& home, const Message& message);

  // Recovery: each record of the log in order (false: not the coordinator's), then `resume`.
  bool read(const Home& home, const LogRecord& record);
  static Outcome outcome_in(const LogRecord& record);
  [[nodiscard]] std::vector<Resumed> resume(const Home& home);
  void write_checkpoint(std::vector<LogRecord>& log) const;
  void digest_into(Fingerprint& into) const { into.add(transactions_, begun_); }

 private:
  enum class State : std::uint8_t { Created, Reserved, Pending, Cancelled };

  struct Transaction {
    std::uint64_t number = 0;
    std::uint64_t touched = 0;   // steps elsewhere that may have been tried
    std::uint64_t awaiting = 0;  // steps whose answers are awaited
    std::uint64_t done = 0;      // steps that have been confirmed or cancelled, as the state says
    std::uint64_t seen_confirmed = 0;  // by the operator
    std::uint64_t seen_void = 0;       // neither reserved nor confirmed
    TimerId timer;
    std::uint16_t kind = 0;
    std::uint16_t step = 0;      // CREATED: the step under way
    std::uint16_t attempts = 0;  // retries made
    State state = State::Created;
    bool looking = false;  // the operator has asked
    bool again = false;    // the same order has been executed by another submission

    void digest_into(Fingerprint& into) const {
      into.add(number, touched, awaiting, done, seen_confirmed, seen_void, timer, kind, step,
               attempts, state, looking, again);
    }
  };

  using Here = Handling<Home, Transaction>;

  Here at(const Home& home, TransactionId id, std::uint16_t kind = 0) {
    return handling(home, transactions_, id, kind, begun_.mark(0));
  }
  static void enter(const Here& here, State state);
  static OrderNote note_of(const Transaction& transaction);
  static void log(const Here& here, Word type);
  // Try
  Outcome work(const Here& here);
  Outcome on_tried(const Here& here, const Message& message, bool refused);
  // Confirm and Cancel
  Outcome reserved(const Here& here);
  Outcome cancel(const Here& here);
  Outcome next(const Here& here);
  Outcome on_ended(const Here& here, const Message& message, State state);
  Outcome confirmed(const Here& here);
  void closed(const Here& here);
  void forget(const Here& here);
  // Requests and retries
  static Word question(const Here& here);
  void call(const Here& here, std::uint64_t steps);
  void ask(const Here& here, Word type, std::uint16_t step) const;
  Outcome missed(const Here& here);
  // Waits, longer each time up to the last retry, and asks again.
  void back_off(const Here& here);
  void ask_again(const Here& here);
  Outcome given_up(const Here& here);
  // Scheduler and operator
  void pend(const Here& here);
  void wait_pending(const Here& here, bool is_new);
  void wait_for_scheduler(const Here& here, Duration wait);
  Outcome run_scheduled(const Here& here);
  void look(const Here& here);
  Outcome on_seen(const Here& here, const Message& message);
  Outcome decide_by_hand(const Here& here);
  bool is_executing(TransactionId id) const;
  void mark_siblings(const Here& here);
  static void on_status_query(const Here& here, const Message& message);

  std::uint64_t targets(const Here& here) const;
  Table<Transaction> transactions_;
  BegunTransactions begun_;
  EndedTransactions ended_;  // while recovering
};

}  // namespace txsim::tcc
