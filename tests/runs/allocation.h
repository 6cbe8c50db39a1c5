// Counts what is allocated in the test program while somebody asks.
#pragma once

#include <cstdint>

namespace txsim::tests {

// False where a sanitizer has its own allocator: nothing is counted then.
bool allocations_are_counted();

// Counts allocations from its construction on. One at a time.
class CountAllocations {
 public:
  CountAllocations();
  ~CountAllocations();
  CountAllocations(const CountAllocations&) = delete;
  CountAllocations& operator=(const CountAllocations&) = delete;
  std::uint64_t count() const;
};

}  // namespace txsim::tests
