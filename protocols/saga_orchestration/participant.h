// The participant of an orchestrated saga: does steps and takes them back as it is told, each in a
// local transaction of its own. It knows nothing of the saga. See saga_orchestration.h for the
// protocol and actions.h for the states of a step.
#pragma once

#include "protocols/saga_orchestration/home.h"

namespace txsim::orchestration {

class Participant {
 public:
  static void on(const Home& home, const Message& message);

 private:
  static void on_action(const Home& home, const Message& message);
  static void on_compensate(const Home& home, const Message& message);
  static void on_release(const Home& home, const Message& message);
  static void answer(const Home& home, const Message& message, Word type);
};

}  // namespace txsim::orchestration
