// The states that a search has met: a 64-bit fingerprint each, numbered in the order in which they
// were met, and for each its predecessor and choice, which give the path from the first state.
//
// An open table with linear probing, 12 bytes a slot at a load of 3/8 to 3/4, and 8 bytes a state
// besides. Two states with one fingerprint are taken for one: among n states the probability of
// that is about n * n / 2^65.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/assert.h"

namespace txsim {

class Visited {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  using Step = std::uint32_t;  // names a choice among those of a state

  struct Met {
    std::uint32_t number = 0;
    bool is_new = false;
  };

  Visited() { reserve_slots(kFewestSlots); }

  // The state with this fingerprint, met by taking choice `step` in state `from`.
  Met meet(std::uint64_t fingerprint, std::uint32_t from, Step step) {
    const std::uint64_t key = key_of(fingerprint);
    std::uint64_t i = home(key);
    for (; keys_[i] != kFree; i = (i + 1) & mask_) {
      if (keys_[i] == key) return {numbers_[i], false};
    }
    const std::uint32_t number = states();
    TXSIM_ASSERT(number != kNone, "more states than can be numbered");
    keys_[i] = key;
    numbers_[i] = number;
    from_.push_back(from);
    steps_.push_back(step);
    if (std::uint64_t{number} * 4 >= keys_.size() * 3) grow();
    return {number, true};
  }
  void prefetch(std::uint64_t fingerprint) const {
    __builtin_prefetch(&keys_[home(key_of(fingerprint))]);
  }

  std::uint32_t states() const { return static_cast<std::uint32_t>(from_.size()); }
  // The choices that lead from the first state to this one.
  std::vector<Step> way_to(std::uint32_t number) const {
    std::vector<Step> way;
    for (; number != 0; number = from_[number]) way.push_back(steps_[number]);
    std::reverse(way.begin(), way.end());
    return way;
  }
  std::uint32_t from(std::uint32_t number) const { return from_[number]; }
  Step step_to(std::uint32_t number) const { return steps_[number]; }

  // Whether the state of this number has this fingerprint.
  bool is(std::uint32_t number, std::uint64_t fingerprint) const {
    const std::uint64_t key = key_of(fingerprint);
    std::uint64_t i = home(key);
    while (keys_[i] != kFree && keys_[i] != key) i = (i + 1) & mask_;
    return keys_[i] == key && numbers_[i] == number;
  }
  // The fingerprints of the states from number `begin` on, `count` of them.
  std::vector<std::uint64_t> fingerprints(std::uint32_t begin, std::uint32_t count) const {
    std::vector<std::uint64_t> found(count);
    for (std::uint64_t i = 0; i < keys_.size(); ++i) {
      const bool is_one = keys_[i] != kFree && numbers_[i] - begin < count;
      if (is_one) found[numbers_[i] - begin] = keys_[i];
    }
    return found;
  }
  // The number of the first state at each depth. The states were met level by level, so that their
  // predecessors ascend.
  std::vector<std::uint32_t> levels() const {
    std::vector<std::uint32_t> begins = {0};
    while (true) {
      const auto after = from_.begin() + begins.back() + 1;
      const auto next = std::lower_bound(after, from_.end(), begins.back());
      if (next == from_.end()) return begins;
      begins.push_back(static_cast<std::uint32_t>(next - from_.begin()));
    }
  }

  std::uint64_t bytes() const { return bytes_for(keys_.size()); }
  // Includes the old table, which still exists while the new one is filled.
  std::uint64_t bytes_to_grow() const {
    return bytes_for(keys_.size()) + bytes_for(2 * keys_.size());
  }
  bool is_about_to_grow(std::uint64_t by) const { return (states() + by) * 4 >= keys_.size() * 3; }

 private:
  static constexpr std::uint64_t kFree = 0;
  static constexpr std::uint64_t kFewestSlots = 1024;

  static std::uint64_t key_of(std::uint64_t fingerprint) {
    return fingerprint == kFree ? 1 : fingerprint;
  }
  static std::uint64_t bytes_for(std::uint64_t slots) { return slots * 12 + slots / 4 * 3 * 8; }
  std::uint64_t home(std::uint64_t key) const { return key >> shift_; }

  void reserve_slots(std::uint64_t slots) {
    keys_.assign(slots, kFree);
    numbers_.assign(slots, 0);
    mask_ = slots - 1;
    shift_ = 64;
    for (std::uint64_t n = slots; n > 1; n /= 2) --shift_;
    from_.reserve(slots / 4 * 3 + 1);
    steps_.reserve(slots / 4 * 3 + 1);
  }
  // By ascending home slot, so that the new table is filled in the order of its memory.
  void grow() {
    const std::vector<std::uint64_t> old_keys = std::exchange(keys_, {});
    const std::vector<std::uint32_t> old_numbers = std::exchange(numbers_, {});
    reserve_slots(old_keys.size() * 2);
    for (std::uint64_t old = 0; old < old_keys.size(); ++old) {
      if (old_keys[old] == kFree) continue;
      std::uint64_t i = home(old_keys[old]);
      while (keys_[i] != kFree) i = (i + 1) & mask_;
      keys_[i] = old_keys[old];
      numbers_[i] = old_numbers[old];
    }
  }

  std::vector<std::uint64_t> keys_;  // by slot
  std::vector<std::uint32_t> numbers_;
  std::vector<std::uint32_t> from_;  // by state
  std::vector<Step> steps_;
  std::uint64_t mask_ = 0;
  int shift_ = 0;
};

}  // namespace txsim
