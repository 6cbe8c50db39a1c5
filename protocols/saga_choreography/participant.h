// What a service does when an event reaches one of its stops, whether or not the saga began here.
// See saga_choreography.h for the protocol.
//
//   a stop
//
//   WAITING ──StepDone of all before it──▶ DONE ──undone behind it, SagaCancelled──▶ COMPENSATED
//    │ │                                    ▲
//    │ └──refused, and behind the pivot: put off, tried again
//    └──refused, SagaCancelled, undone behind it──▶ VOID: its StepDone has no effect any more
//
// Each event is one local transaction: its effect, its id in the inbox and the resulting events are
// forced together, and then it is acknowledged. Necessary work that cannot be done now (a refused
// step behind the pivot; a compensation that would make an amount negative) is put off: that is
// durable, the event is acknowledged, and a timer retries the work, so it holds up nothing else.
#pragma once

#include <cstdint>
#include <vector>

#include "protocols/saga_choreography/home.h"
#include "protocols/saga_choreography/initiator.h"
#include "sim/fingerprint.h"
#include "sim/table.h"

namespace txsim::choreography {

class Participant {
 public:
  // The event's local transaction, up to its end; the caller ends it. False: it is already handled,
  // or void, and there is nothing to commit.
  bool on_event(const Home& home, Initiator& initiator, const Message& event);
  // False: not a timer of the stops.
  bool on_timer(const Home& home, Initiator& initiator, const Timer& timer);

  // Events that are handled, or void, once the local transaction has been committed.
  const std::vector<HandledEvent>& handled() const { return handled_; }
  void clear_handled() { handled_.clear(); }

  // Recovery: each record of the log in order (false: not one of these), then `resume`.
  bool read(const LogRecord& record);
  void resume(const Home& home);
  void write_checkpoint(std::vector<LogRecord>& log) const;
  void digest_into(Fingerprint& into) const { into.add(put_off_, told_); }

 private:
  // One handler an event; false: it is to be put off.
  bool carry_out(const Here& here, Initiator& initiator, const Message& event);
  bool on_step_done(const Here& here, Initiator& initiator, const Message& event);
  bool on_undone(const Here& here, Initiator& initiator, const Message& event);
  bool on_cancelled(const Here& here, const Message& event);
  void on_saga_done(const Here& here, const Message& event);

  static bool is_over(const Here& here, const Initiator& initiator);
  static bool are_all_done(const Here& here, std::uint16_t leg);
  static bool are_all_undone(const Here& here, const Initiator& initiator, std::uint16_t leg);
  static bool is_done(const Here& here, const Stop& stop);
  void make_up_for_lost(const Here& here, const Message& event, EventClass what,
                        std::uint64_t first);
  void undone(const Here& here, const Message& event, std::uint16_t place);
  void make_void(const Here& here, const Stop& stop);
  void put_off(const Here& here, const Message& event);
  static void set_retry(const Here& here, const Message& event);
  static Saga saga_of(const Message& event) {
    return {event.transaction, event.transaction_type, event.body.get<EventHeader>().number};
  }

  Table<Message> put_off_;             // by id
  Table<std::uint64_t> told_;          // orders that this service was informed of, one bit each
  std::vector<HandledEvent> handled_;  // empty between handlers
  std::vector<HandledEvent> made_up_;  // by the log, while recovering
};

}  // namespace txsim::choreography
