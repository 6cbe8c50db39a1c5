// The participant of TCC: reserves, confirms and cancels steps, each in a local transaction of its
// own, and asks about reservations that have grown old. See tcc.h for the protocol and
// reservations.h for the states of a step.
#pragma once

#include "protocols/tcc/home.h"

namespace txsim::tcc {

class Participant {
 public:
  void on(const Home& home, const Message& message);
  void on_timer(const Home& home, const Timer& timer);
  // Recovery: after the reservations were read.
  void resume(const Home& home);

 private:
  static void on_try(const Home& home, const Message& message);
  static void on_confirm(const Home& home, const Message& message);
  static void on_cancel(const Home& home, const Message& message);
  static void on_status(const Home& home, const Message& message);
  static void on_status_query(const Home& home, const Message& message);
  static void watch(const Home& home, TransactionId transaction);
  static void answer(const Home& home, const Message& message, Word type, std::int64_t value = 0);
};

}  // namespace txsim::tcc
