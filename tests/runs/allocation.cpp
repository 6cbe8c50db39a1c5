#include "tests/runs/allocation.h"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

bool armed = false;
std::uint64_t allocations = 0;

}  // namespace

namespace txsim::tests {

CountAllocations::CountAllocations() {
  allocations = 0;
  armed = true;
}
CountAllocations::~CountAllocations() { armed = false; }
std::uint64_t CountAllocations::count() const { return allocations; }

#if TXSIM_SANITIZED
bool allocations_are_counted() { return false; }
#else
bool allocations_are_counted() { return true; }
#endif

}  // namespace txsim::tests

#if !TXSIM_SANITIZED

namespace {

// A debugger can break here to find the code that allocates.
[[gnu::noinline]] void counted() { ++allocations; }

void* allocate(std::size_t size) {
  if (armed) counted();
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* allocate_aligned(std::size_t size, std::align_val_t alignment) {
  if (armed) counted();
  const auto align = static_cast<std::size_t>(alignment);
  void* memory = std::aligned_alloc(align, (size + align - 1) / align * align);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The other forms of new and delete in the library call these.
void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t align) {
  return allocate_aligned(size, align);
}
void* operator new[](std::size_t size, std::align_val_t align) {
  return allocate_aligned(size, align);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

#endif
