// The participant of an orchestrated saga: does steps and takes them back on command, each in a
// local transaction of its own. It knows nothing about the saga. See saga_orchestration.h for the
// protocol and actions.h for the states of a step.
#pragma once

#include "protocols/saga_orchestration/home.h"

namespace txsim::orchestration {

class Participant {
 public:
  static void on(const Home& home, const Message& message);
  // Recovery: each record of the log that is not the orchestrator's, in order, then `resume`.
  static void read(const Home& home, const LogRecord& record);
  static void resume(const Home& home);

 private:
  // The actions hold its knowledge of a saga.
  using Here = Handling<Home, void>;

  static bool is_forgotten(const Here& here);
  static void on_action(const Here& here, const Message& message);
  static void on_compensate(const Here& here, const Message& message);
  static void on_release(const Here& here, const Message& message);
};

}  // namespace txsim::orchestration
