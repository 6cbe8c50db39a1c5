// Signals that end a long command: SIGINT (Ctrl-C), SIGTERM (launchers end processes that take too
// long by it) and SIGHUP. The first one is noted, so that the command ends with what it has. The
// second one ends the program at once.
#pragma once

namespace txsim {

// While it lives, signals are noted.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // Whether one has come, at any time. Any thread may ask.
  static bool has_come();
};

}  // namespace txsim
