// Numbers that ascend, also across restarts: the node's clock ensures this when a crash loses the
// last number. If the clock is set back across the crash, a number may repeat.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/fingerprint.h"
#include "sim/time.h"

namespace txsim {

class AscendingNumber {
 public:
  // The next number; `now` is the node's clock, which may be skewed below zero.
  std::uint64_t next(Time now) {
    const std::int64_t clock = std::max<std::int64_t>(now.ns, 0);
    last_ = std::max(last_ + 1, static_cast<std::uint64_t>(clock));
    return last_;
  }
  // No later number is at or below a number that was seen.
  void learn(std::uint64_t seen) { last_ = std::max(last_, seen); }
  std::uint64_t last() const { return last_; }

  void digest_into(Fingerprint& into) const { into.add(last_); }

 private:
  std::uint64_t last_ = 0;
};

}  // namespace txsim
