// Random fault sentences: every kind of fault, placed in every way.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/judge/draws.h"

namespace txsim::reference {

// The names that a fault sentence can use.
struct Cast {
  std::string protocol;
  std::vector<std::string> services;
  std::string coordinator;
  bool has_participant = false;  // some step runs at another node
  bool has_lock = true;          // the idempotent receiver uses locks
  std::uint64_t horizon_ms = 0;
};

// No fault is placed at a later time.
inline constexpr std::uint64_t kLatestFaultMs = 8'000;

std::string fault_sentence(Draws& draws, const Cast& cast);

}  // namespace txsim::reference
