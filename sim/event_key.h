// The place of a pending event in the order of the run: 16 bytes, compared as one 128-bit number
// (a comparison without a branch).
#pragma once

#include <cstdint>

#include "sim/time.h"

namespace txsim {

enum class Pending : std::uint8_t { Message = 0, Timer = 1, Disk = 2, Control = 3 };

// Time, then order of scheduling (36 bits), kind (2) and slot (26).
struct alignas(16) EventKey {
  std::uint64_t low = 0;
  std::uint64_t time = 0;

  Time at() const { return {static_cast<std::int64_t>(time)}; }
  Pending kind() const { return static_cast<Pending>((low >> 26) & 3U); }
  std::uint32_t slot() const { return static_cast<std::uint32_t>(low & 0x3FFFFFFU); }

  friend bool operator==(const EventKey& a, const EventKey& b) { return a.wide() == b.wide(); }
  friend bool operator<(const EventKey& a, const EventKey& b) { return a.wide() < b.wide(); }

 private:
  __extension__ using Wide = unsigned __int128;
  Wide wide() const { return (static_cast<Wide>(time) << 64) | low; }
};

}  // namespace txsim
