// Assertions that stay on in release builds: a broken assumption of our own code is a defect (exit
// status 3), never a modelled failure.
#pragma once

#include <stdexcept>
#include <string>

namespace txsim {

// Thrown by TXSIM_ASSERT; the command reports it as a defect of txsim.
class Defect : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void fail_assertion(const char* condition, const char* file, int line,
                                 const std::string& message);

}  // namespace txsim

#define TXSIM_ASSERT(condition, message)                                             \
  do {                                                                               \
    if (!(condition)) [[unlikely]]                                                   \
      ::txsim::fail_assertion(#condition, __FILE__, __LINE__, message); /* NOLINT */ \
  } while (false)
