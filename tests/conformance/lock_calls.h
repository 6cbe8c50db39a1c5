// Calls to the lock service of services/lock_service.h, one lock, as a client asks Redis: a script
// of calls in a world of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace txsim::conformance {

enum class LockVerb : std::uint8_t { Acquire, Release, Look, Restart };

struct LockCall {
  std::uint8_t tick = 0;   // calls come in the middle of a tick, a restart at its beginning
  std::uint8_t owner = 0;  // from 1
  LockVerb verb = LockVerb::Look;
};

struct LockScript {
  bool knows_owner = true;
  std::vector<LockCall> calls;
};

// A lock expires so many halves of a tick after it was taken.
inline constexpr int kExpiryHalfTicks = 5;

// By call the answer, and who has the lock after it: "granted 2", "freed nobody", "looked 2".
std::vector<std::string> run(const LockScript& script);

}  // namespace txsim::conformance
