// The orchestrator of a saga: commands one step after the other, logs its progress, and if a step
// is refused turns back and commands the compensations in reverse. See saga_orchestration.h for the
// protocol.
//
//   RUNNING ──all done──────────────────────────▶ RELEASING ──all released──▶ (ended)
//    └──a step refused, not reached, too late──▶ COMPENSATING ──all undone──▶ (ended)
//
// A saga that has ended is forgotten. Behind its pivot it never turns back.
#pragma once

#include <cstdint>
#include <vector>

#include "protocols/saga_orchestration/home.h"
#include "services/ended_transactions.h"
#include "sim/fingerprint.h"
#include "sim/table.h"

namespace txsim::orchestration {

// Each handler returns the outcome for the client now; Unknown: none.
class Orchestrator {
 public:
  [[nodiscard]] Outcome begin(const Home& home, TransactionId id, std::uint16_t kind);
  [[nodiscard]] Outcome on(const Home& home, const Message& message);
  [[nodiscard]] Outcome on_timer(const Home& home, const Timer& timer);
  [[nodiscard]] Outcome on_refused(const Home& home, const Message& message);

  // The scheduler's round, if it takes a limited number of sagas each time.
  static bool is_round(const Timer& timer) {
    return timer.what == kRegistryDue && timer.transaction == 0;
  }
  // Returns the sagas that have reached an outcome.
  [[nodiscard]] std::vector<Resumed> run_round(const Home& home);

  // Recovery: each record of the log in order (false: not the orchestrator's), then `resume`.
  bool read(const Home& home, const LogRecord& record);
  static Outcome outcome_in(const LogRecord& record);
  [[nodiscard]] std::vector<Resumed> resume(const Home& home);
  void write_checkpoint(std::vector<LogRecord>& log) const;
  void digest_into(Fingerprint& into) const { into.add(sagas_, begun_, round_); }

 private:
  enum class State : std::uint8_t { Running, Compensating, Releasing };

  // Sets of steps, bit by bit.
  struct Saga {
    std::uint64_t number = 0;
    std::uint64_t asked = 0;       // RUNNING: may have taken effect; then: to compensate or release
    std::uint64_t done = 0;        // known to have taken effect
    std::uint64_t settled = 0;     // of those asked: compensated or lost, or released
    std::uint64_t registered = 0;  // their compensation has failed, as the log says
    std::uint64_t refused = 0;     // RUNNING: only as the log says
    std::uint64_t resting = 0;     // of those registered: wait for the scheduler's next round
    std::uint64_t awaiting = 0;    // their answers are awaited
    std::uint64_t unreachable = 0;  // of those: the last try has failed for certain
    Period begun;                   // until its deadline
    TimerId timer;                  // of the command under way, or the scheduler's
    TimerId deadline;
    std::uint16_t kind = 0;
    std::uint16_t attempts = 0;  // retries made
    State state = State::Running;
    bool backing_off = false;  // the timer is that of the next try
    // If the scheduler takes a limited number of sagas each time:
    bool waits = false;        // for the scheduler
    std::uint16_t rounds = 1;  // its rounds until this saga is due
    std::uint16_t rests = 0;   // how often the rounds doubled in successive failures

    void digest_into(Fingerprint& into) const {
      into.add(begun, number, asked, refused, done, settled, registered, resting, awaiting,
               unreachable, timer, deadline, kind, attempts, state, backing_off, waits, rounds,
               rests);
    }
  };

  using Here = Handling<Home, Saga>;

  Here at(const Home& home, TransactionId id, std::uint16_t kind = 0) {
    return handling(home, sagas_, id, kind, begun_.mark(0));
  }
  static void enter(const Here& here, State state);
  static void log(const Here& here, Word type, std::uint16_t step = 0);
  // Forward
  Outcome work(const Here& here);
  Outcome on_done(const Here& here, const Message& message);
  Outcome on_action_refused(const Here& here, const Message& message);
  Outcome all_done(const Here& here);
  // Backward
  Outcome turn_back(const Here& here);
  static std::uint64_t due(const Here& here);
  void next(const Here& here);
  void compensate_own(const Here& here, std::uint16_t step);
  void compensation_failed(const Here& here, std::uint64_t steps);
  void on_settled(const Here& here, const Message& message, State state);
  void on_compensation_refused(const Here& here, const Message& message);
  void ended(const Here& here);
  // Commands and retries
  void call(const Here& here, std::uint64_t steps);
  static void ask(const Here& here, std::uint16_t step, bool again);
  Outcome failed_for_certain(const Here& here, std::uint16_t step);
  Outcome missed(const Here& here);
  Outcome ask_again(const Here& here);
  Outcome given_up(const Here& here);
  Outcome deadline_passed(const Here& here);
  // The scheduler
  void rest(const Here& here);
  void wait_for_scheduler(const Here& here, Duration wait);
  std::vector<BegunTransactions::Begun> take_due(std::uint32_t most);
  Outcome run_scheduled(const Here& here);

  static void resume_running(const Here& here);

  // The command under way.
  static Word command(const Here& here);
  static std::uint64_t together(const Here& here, std::uint16_t step) {
    return here.settings.parallel ? here.kind().group_of(step) : bit(step);
  }
  // Past its pivot a saga only goes forward.
  static bool is_past_pivot(const Here& here) {
    const auto& pivot = here.kind().pivot;
    return pivot.has_value() && (here->done & bit(*pivot)) != 0;
  }
  // Steps elsewhere that hold what they gave until they are released.
  static std::uint64_t held_elsewhere(const Home& home, std::uint16_t kind);

  Table<Saga> sagas_;
  BegunTransactions begun_;
  TimerId round_;            // of the scheduler with a limited number
  EndedTransactions ended_;  // while recovering
};

}  // namespace txsim::orchestration
