// What an exploration makes of durations.
#pragma once

#include <cstdint>

namespace txsim {

enum class Timing : std::uint8_t {
  Untimed,  // they are unknown: pending events happen in any order
  Clock     // as the scenario says: only orders that some real timing allows
};

}  // namespace txsim
