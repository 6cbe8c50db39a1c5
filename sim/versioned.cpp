#include "sim/versioned.h"

#include <atomic>

namespace txsim {

void Versions::take_more() {
  constexpr std::uint64_t kMany = std::uint64_t{1} << 20;
  static std::atomic<std::uint64_t> taken{0};
  next_ = taken.fetch_add(kMany, std::memory_order_relaxed) + 1;
  end_ = next_ + kMany;
}

}  // namespace txsim
