// The initiator of choreographed sagas, the service where they begin: its own stops show it how far
// each saga has come, it keeps the deadline, and it answers the client. It commands no other
// service: the cancellation of a saga is an event like any other. See saga_choreography.h for the
// protocol.
//
//                StepDone of all before the last stop
//   WORKING ──────────────────────────────────────────▶ DONE
//    │ │  deadline, and the pivot may be past
//    │ └──────────▶ ASKED ──StepDone of all before──▶ as WORKING
//    │                │ all behind it undone
//    │ deadline,      ▼                      all is undone
//    └─refused────▶ UNDOING ───────────────────────────────▶ UNDONE
//
// A saga is forgotten in DONE and UNDONE.
#pragma once

#include <cstdint>
#include <vector>

#include "protocols/saga_choreography/home.h"
#include "services/ended_transactions.h"
#include "sim/fingerprint.h"
#include "sim/table.h"

namespace txsim::choreography {

// The state of a saga after the local transaction that has just ended.
struct News {
  enum class What : std::uint8_t { Accepted, Done, TurnedBack, Undone };
  Saga saga;
  What what{};
};

// An event that a subscriber has handled, or that has become void for it.
struct HandledEvent {
  TransactionId transaction = 0;
  std::int64_t event = 0;
};

class Initiator {
 public:
  // Its first stop. Requires that it is not under way.
  void begin(const Home& home, TransactionId id, std::uint16_t kind);
  bool knows(TransactionId id) const { return sagas_.contains(id); }

  // The initiator's last stop that is done is in this leg, and what follows may be done.
  bool awaits_done(TransactionId id, std::uint16_t leg) const;
  // The same, and what follows may be undone.
  bool is_at(TransactionId id, std::uint16_t leg) const;
  std::uint64_t round(TransactionId id) const { return sagas_.find(id)->round; }
  std::uint64_t oldest() const { return begun_.oldest(); }

  // One of its own stops is done; is refused; behind one, some or all is undone; one is taken back.
  void done(const Here& here, std::uint16_t leg);
  void refused(const Here& here);
  void undone_in_part(const Here& here);
  void undone_behind(const Here& here);
  void taken_back(const Here& here, std::uint16_t leg);

  // False: not the initiator's timer.
  bool on_timer(const Home& home, const Timer& timer);

  // The results of the local transaction that has just ended, and the events that are void from now
  // on; then `clear_news`.
  const std::vector<News>& news() const { return news_; }
  const std::vector<HandledEvent>& void_events() const { return void_events_; }
  void clear_news() {
    news_.clear();
    void_events_.clear();
  }

  // Recovery: each record of the log in order (false: not one of these), then `resume`.
  bool read(const LogRecord& record);
  struct Resumed {
    Saga saga;
    Outcome outcome = Outcome::Unknown;
    bool carried_on = true;
  };
  [[nodiscard]] std::vector<Resumed> resume(const Home& home);
  void write_checkpoint(std::vector<LogRecord>& log) const;
  void digest_into(Fingerprint& into) const { into.add(sagas_, begun_); }

 private:
  enum class State : std::uint8_t { Working, Asked, Undoing };

  struct Progress {
    std::uint64_t number = 0;
    std::uint64_t round = 0;  // of cancellations
    Period deadline;          // until then it may work
    TimerId timer;            // the deadline, or the next cancellation
    std::uint16_t kind = 0;
    std::uint16_t leg = 0;  // of its last stop that is done and not taken back
    State state = State::Working;

    void digest_into(Fingerprint& into) const {
      into.add(number, round, deadline, timer, kind, leg, state);
    }
  };

  static void enter(Progress& progress, State state);
  static LogRecord record_of(Word type, TransactionId id, const Progress& progress);
  static void log(const Here& here, Word type, const Progress& progress) {
    here.context.append(record_of(type, here.id, progress));
  }
  static Saga saga_of(TransactionId id, const Progress& progress) {
    return {id, progress.kind, progress.number};
  }
  void turn_back(const Here& here, Progress& progress);
  void cancel(const Here& here, Progress& progress);
  void call_off_own(const Here& here, std::uint16_t leg);
  void forget(const Here& here);
  void watch_deadline(const Here& here, Progress& progress) const;
  void on_deadline(const Here& here, Progress& progress);

  Table<Progress> sagas_;
  BegunTransactions begun_;
  std::vector<News> news_;                 // empty between handlers
  std::vector<HandledEvent> void_events_;  // likewise
  EndedTransactions ended_;                // while recovering
};

}  // namespace txsim::choreography
