// The faults that an exploration may place.
#pragma once

#include <cstdint>

namespace txsim {

// How many faults of a kind a run may have besides the scenario's own.
struct FaultBudget {
  std::uint8_t crashes = 0;  // of any node that is not spared, at any event; each restarts
  std::uint8_t losses = 0;
  std::uint8_t duplicates = 0;
  std::uint8_t timeouts = 0;     // timers that fire too early
  std::uint8_t crash_stops = 0;  // crashes after which the node never restarts

  std::uint64_t packed() const {
    return (std::uint64_t{crash_stops} << 32) | (std::uint64_t{crashes} << 24) |
           (std::uint64_t{losses} << 16) | (std::uint64_t{duplicates} << 8) | timeouts;
  }
  bool has_crash() const { return crashes > 0 || crash_stops > 0; }
  friend bool operator==(const FaultBudget&, const FaultBudget&) = default;
};

}  // namespace txsim
