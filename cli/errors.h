// How a command ends: exit statuses, and the error that the user can fix.
#pragma once

#include <stdexcept>

namespace txsim {

enum ExitStatus : int {
  kAllMet = 0,
  kNotMet = 1,    // an invariant or expectation not met, or the work is incomplete
  kBadInput = 2,  // bad usage, a bad scenario, a file that cannot be read or written
  kDefect = 3,    // a defect of txsim itself, or out of memory
  kReplayDiffers = 4,
};

// The user can fix it; what() says what is wrong and how to fix it.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace txsim
