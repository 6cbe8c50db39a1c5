// The statuses of a transaction's steps at one node, or at all: for each status, the set of steps
// that have it (bits of a 64-bit mask).
#pragma once

#include <array>
#include <cstdint>

#include "sim/fingerprint.h"

namespace txsim {

enum class StepStatus : std::uint8_t {
  Untouched,
  UnderLock,    // updated, not yet for good
  InEffect,     // applied, for good
  Reserved,     // tried
  Confirmed,    // in effect for good
  Undone,       // rolled back
  Lost,         // gone with a crash before it was promised
  Cancelled,    // the reservation was given back, or none will be taken
  Compensated,  // was in effect, and was taken back
  CalledOff,    // compensated before it came
};
inline constexpr std::size_t kStepStatuses = 10;

// Invariant: a step is in at most one of the sets, apart from the first, which holds all steps that
// are in any of them.
struct StepStatuses {
  std::array<std::uint64_t, kStepStatuses> sets{};
  std::uint64_t by_lock = 0;   // updated under lock, and not applied by itself since
  std::uint64_t applied = 0;   // announced as Applied
  std::uint64_t ever = 0;      // has been in effect for good
  std::uint64_t survived = 0;  // was in effect when its node recovered
  std::uint64_t late = 0;      // updated after it was called off there
  // How often a step is in effect without a lock, up to 255: bit i of the count of each step.
  std::array<std::uint64_t, 8> times{};
  std::int64_t as_read_added = 0;  // what its step as read has added under lock

  bool operator==(const StepStatuses&) const = default;
  void digest_into(Fingerprint& into) const {
    into.add(sets, by_lock, applied, ever, survived, late, times, as_read_added);
  }

  std::uint64_t set(StepStatus state) const { return sets[static_cast<std::size_t>(state)]; }
  std::uint64_t under_lock() const { return set(StepStatus::UnderLock); }
  std::uint64_t reserved() const { return set(StepStatus::Reserved); }
  std::uint64_t in_effect() const { return set(StepStatus::InEffect) | set(StepStatus::Confirmed); }
  // In effect for good without an update under lock, so it may be compensated.
  std::uint64_t by_itself() const { return set(StepStatus::InEffect) & ~by_lock; }
  // In effect, and no compensation can take it back.
  std::uint64_t for_good() const {
    return set(StepStatus::Confirmed) | (set(StepStatus::InEffect) & by_lock);
  }
  std::uint64_t rolled_back() const { return set(StepStatus::Undone) | set(StepStatus::Cancelled); }
  std::uint64_t taken_back() const {
    return set(StepStatus::Compensated) | set(StepStatus::Cancelled);
  }
  std::uint64_t called_off() const { return taken_back() | set(StepStatus::CalledOff); }

  StepStatus of(std::uint64_t step) const {
    if ((sets[0] & step) == 0) return StepStatus::Untouched;
    for (std::size_t i = 1; i < kStepStatuses; ++i) {
      if ((sets[i] & step) != 0) return static_cast<StepStatus>(i);
    }
    return StepStatus::Untouched;
  }
  void move(std::uint64_t step, StepStatus from, StepStatus to) {
    if (from == to) return;
    sets[static_cast<std::size_t>(from)] &= ~step;
    sets[static_cast<std::size_t>(to)] |= step;
    sets[0] |= step;
    if (to == StepStatus::InEffect) ever |= step;
  }

  // The step, which is under lock here, moves under lock there.
  void give(std::uint64_t step, StepStatuses& to) {
    to.move(step, StepStatus::Untouched, StepStatus::UnderLock);
    to.by_lock |= step;
    to.late |= late & step;
    for (std::uint64_t& set : sets) set &= ~step;
    by_lock &= ~step;
    late &= ~step;
  }

  // How often it is in effect without an update under lock.
  void once_more(std::uint64_t step) {
    std::uint64_t most = step;
    for (const std::uint64_t bits : times) most &= bits;
    std::uint64_t carry = step & ~most;
    for (std::size_t i = 0; i < times.size() && carry != 0; ++i) {
      const std::uint64_t before = times[i];
      times[i] ^= carry;
      carry &= before;
    }
  }
  // Returns whether none is left.
  bool once_less(std::uint64_t step) {
    std::uint64_t borrow = is_ever(step) ? step : 0;
    for (std::size_t i = 0; i < times.size() && borrow != 0; ++i) {
      const std::uint64_t before = times[i];
      times[i] ^= borrow;
      borrow &= ~before;
    }
    return !is_ever(step);
  }
  void never(std::uint64_t step) {
    for (std::uint64_t& bits : times) bits &= ~step;
  }

 private:
  bool is_ever(std::uint64_t step) const {
    std::uint64_t any = 0;
    for (const std::uint64_t bits : times) any |= bits;
    return (any & step) != 0;
  }
};

}  // namespace txsim
