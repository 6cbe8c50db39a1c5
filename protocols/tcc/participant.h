// The participant of TCC: reserves, confirms and cancels steps, each in a local transaction of its
// own, and asks for the status of old reservations. See tcc.h for the protocol and reservations.h
// for the states of a step.
#pragma once

#include "protocols/tcc/home.h"

namespace txsim::tcc {

class Participant {
 public:
  void on(const Home& home, const Message& message);
  void on_timer(const Home& home, const Timer& timer);
  static bool sets(Word timer) { return timer == kSweep; }
  // Recovery: each record of the log that is not the coordinator's, in order, then `resume`.
  void read(const Home& home, const LogRecord& record);
  void resume(const Home& home);

 private:
  // The reservations hold its knowledge of a transaction.
  using Here = Handling<Home, void>;

  static bool is_forgotten(const Here& here);
  static void on_try(const Here& here, const Message& message);
  static void on_confirm(const Here& here, const Message& message);
  static void on_cancel(const Here& here, const Message& message);
  static void on_status(const Here& here, const Message& message);
  static void on_status_query(const Here& here, const Message& message);
  static void watch(const Here& here);
};

}  // namespace txsim::tcc
