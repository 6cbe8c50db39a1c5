// Counts the allocations of the test program.
#pragma once

#include <cstdint>

namespace txsim::tests {

// False if a sanitizer has its own allocator. Then nothing is counted.
bool allocations_are_counted();

// Counts allocations from its construction on. Only one may exist at a time.
class CountAllocations {
 public:
  CountAllocations();
  ~CountAllocations();
  CountAllocations(const CountAllocations&) = delete;
  CountAllocations& operator=(const CountAllocations&) = delete;
  std::uint64_t count() const;
};

}  // namespace txsim::tests
