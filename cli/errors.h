// How a command ends: exit statuses, and the error that the user can mend.
#pragma once

#include <stdexcept>

namespace txsim {

enum ExitStatus : int {
  kAllMet = 0,
  kNotMet = 1,    // an invariant or expectation not met, or not all that was asked for was done
  kBadInput = 2,  // bad usage, a bad scenario, a file that cannot be read or written
  kDefect = 3,    // a defect of txsim itself, or out of memory
  kReplayDiffers = 4,
};

// The user can mend it; what() says what is wrong and a way out.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace txsim
