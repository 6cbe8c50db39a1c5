// Calls to the lock service of services/lock_service.h as a client calls Redis: a script of calls
// for one lock, in a new world.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace txsim::conformance {

enum class LockVerb : std::uint8_t { Acquire, Release, Look, Restart };

struct LockCall {
  std::uint8_t tick = 0;   // calls are in the middle of a tick, a restart at its beginning
  std::uint8_t owner = 0;  // from 1
  LockVerb verb = LockVerb::Look;
};

struct LockScript {
  bool knows_owner = true;
  std::vector<LockCall> calls;
};

// The expiry of a lock in half ticks.
inline constexpr int kExpiryHalfTicks = 5;

// For each call, its answer and the owner afterwards: "granted 2", "freed nobody", "looked 2".
std::vector<std::string> run(const LockScript& script);

}  // namespace txsim::conformance
