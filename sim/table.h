// A hash table from 64-bit keys to small values that behaves the same everywhere and allocates
// nothing once it has grown: open addressing with linear probing, deletion by shifting back.
//
// Invariant: no empty slot lies between an entry and the slot its key hashes to.
// `for_each_sorted` visits by ascending key; use `for_each` only if the result does not depend on
// the order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/assert.h"
#include "sim/not_copied.h"
#include "sim/vector.h"

namespace txsim {

template <class Value>
class Table {
 public:
  Table() = default;
  Table(const Table&) = default;
  Table(Table&& other) noexcept { *this = std::move(other); }
  Table& operator=(Table&& other) noexcept {
    slots_ = std::exchange(other.slots_, {});
    size_ = std::exchange(other.size_, 0);
    mask_ = std::exchange(other.mask_, 0);
    shift_ = std::exchange(other.shift_, 64);
    return *this;
  }
  // Most tables of a copied world are empty and stay empty. A table that becomes empty keeps its
  // room.
  Table& operator=(const Table& other) {
    if (this == &other) return *this;
    if (other.size_ == 0) {
      if (size_ != 0) empty_slots();
      return *this;
    }
    slots_ = other.slots_;
    size_ = other.size_;
    mask_ = other.mask_;
    shift_ = other.shift_;
    return *this;
  }
  ~Table() = default;

  // Pointers stay valid until the next insert or erase.
  Value* find(std::uint64_t key) {
    if (size_ == 0) return nullptr;
    Slot* const slots = slots_.data();
    for (std::size_t i = home(key);; i = next(i)) {
      if (!slots[i].used) return nullptr;
      if (slots[i].key == key) return &slots[i].value;
    }
  }
  const Value* find(std::uint64_t key) const { return const_cast<Table*>(this)->find(key); }
  bool contains(std::uint64_t key) const { return find(key) != nullptr; }

  // The value of the key; inserts Value{} if it is missing.
  Value& operator[](std::uint64_t key) {
    if (size_ >= most()) grow();
    Slot* const slots = slots_.data();
    std::size_t i = home(key);
    for (; slots[i].used; i = next(i)) {
      if (slots[i].key == key) return slots[i].value;
    }
    slots[i].key = key;
    slots[i].used = true;
    ++size_;
    return slots[i].value;
  }

  bool erase(std::uint64_t key) {
    if (size_ == 0) return false;
    Slot* const slots = slots_.data();
    std::size_t hole = home(key);
    for (;; hole = next(hole)) {
      if (!slots[hole].used) return false;
      if (slots[hole].key == key) break;
    }
    for (std::size_t i = next(hole); slots[i].used; i = next(i)) {
      const std::size_t from_home = (i - home(slots[i].key)) & mask_;
      const std::size_t from_hole = (i - hole) & mask_;
      if (from_home < from_hole) continue;  // would land before its home
      slots[hole].key = slots[i].key;
      slots[hole].value = std::move(slots[i].value);
      hole = i;
    }
    slots[hole].used = false;
    slots[hole].value = Value{};
    --size_;
    return true;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() {
    slots_.clear();
    size_ = mask_ = 0;
    shift_ = 64;
  }

  // In an unspecified order that depends on the table's past.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.used) visit(slot.key, slot.value);
    }
  }
  // Keys in ascending order.
  std::vector<std::uint64_t> sorted_keys() const {
    std::vector<std::uint64_t> keys;
    sort_keys(keys);
    return keys;
  }
  // Allocates nothing once a visit of this length has been made. Visits may be nested.
  template <class Visit>
  void for_each_sorted(Visit&& visit) {
    visit_sorted(*this, visit);
  }
  template <class Visit>
  void for_each_sorted(Visit&& visit) const {
    visit_sorted(*this, visit);
  }

 private:
  struct Slot {
    std::uint64_t key = 0;
    Value value{};
    bool used = false;
  };

  void sort_keys(std::vector<std::uint64_t>& keys) const {
    keys.clear();
    for (const Slot& slot : slots_) {
      if (slot.used) keys.push_back(slot.key);
    }
    std::sort(keys.begin(), keys.end());
  }
  template <class Self, class Visit>
  static void visit_sorted(Self& self, Visit& visit) {
    std::vector<std::uint64_t> keys = std::move(self.spare_keys_.value);
    self.sort_keys(keys);
    for (const std::uint64_t key : keys) visit(key, *self.find(key));
    self.spare_keys_.value = std::move(keys);
  }

  std::size_t home(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> shift_);
  }
  std::size_t next(std::size_t i) const { return (i + 1) & mask_; }
  // The number of entries that there is room for: three quarters of the slots.
  std::size_t most() const { return mask_ - mask_ / 4; }

  void empty_slots() {
    for (Slot& slot : slots_) {
      if (slot.used) slot = Slot{};
    }
    size_ = 0;
  }

  void grow() {
    Vector<Slot> old = std::move(slots_);
    const std::size_t size = old.empty() ? 4 : old.size() * 2;
    slots_ = Vector<Slot>(size);
    mask_ = size - 1;
    shift_ = 64;
    for (std::size_t n = size; n > 1; n /= 2) --shift_;
    for (Slot& slot : old) {
      if (!slot.used) continue;
      std::size_t i = home(slot.key);
      while (slots_[i].used) i = next(i);
      slots_[i] = std::move(slot);
    }
  }

  Vector<Slot> slots_;  // a power of two of them
  mutable NotCopied<std::vector<std::uint64_t>>
      spare_keys_;  // room for a visit, kept for the next one
  std::size_t size_ = 0;
  std::size_t mask_ = 0;  // one less than the slots; 0: there are none
  int shift_ = 64;
};

}  // namespace txsim
