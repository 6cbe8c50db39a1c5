// The states of a search by the clock: each is a state without times, and a zone of times. A state
// is not new if one that was met before has the same state and contains its zone: whatever can
// happen in it can happen there (zone inclusion: Daws, Tripakis, Model Checking of Real-Time
// Reachability Properties Using Abstractions, 1998).
//
// A state that waits to be expanded is left out if a later one of its level contains it. So a
// shortest violating run stays a shortest one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runs/visited.h"
#include "sim/assert.h"
#include "sim/fingerprint.h"
#include "sim/table.h"
#include "sim/zone.h"

namespace txsim {

class Cover {
 public:
  // `level`: the number of the first state of the level to which a new state belongs.
  Visited::Met meet(Visited& visited, std::uint64_t fingerprint, std::unique_ptr<Zone> times,
                    std::uint32_t from, Visited::Step step, std::uint32_t level) {
    std::vector<std::uint32_t>& alike = by_fingerprint_[fingerprint];
    for (const std::uint32_t number : alike) {
      if (times_[number]->contains(*times)) return {number, false};
    }
    const Visited::Met met =
        visited.meet(Fingerprint::of(fingerprint, times->bounds()), from, step);
    TXSIM_ASSERT(met.is_new, "a state without a zone that contains it is new");
    std::erase_if(alike, [&](std::uint32_t number) {
      if (!times->contains(*times_[number])) return false;
      if (number >= level) covered_by_[number] = met.number;
      forget(number);
      return true;
    });
    alike.push_back(met.number);
    bytes_ += sizeof(Zone) + times->bounds().size() * 8 + kOverhead;
    times_.push_back(std::move(times));
    covered_by_.push_back(Visited::kNone);
    return met;
  }
  // The later state of its level that contains it; kNone: none does.
  std::uint32_t covered_by(std::uint32_t number) const {
    return number < covered_by_.size() ? covered_by_[number] : Visited::kNone;
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  static constexpr std::uint64_t kOverhead = 64;  // of the table and of the memory's own lists

  void forget(std::uint32_t number) {
    bytes_ -= sizeof(Zone) + times_[number]->bounds().size() * 8;
    times_[number] = nullptr;
  }

  Table<std::vector<std::uint32_t>> by_fingerprint_;
  std::vector<std::unique_ptr<Zone>> times_;  // by state; null: another contains it
  std::vector<std::uint32_t> covered_by_;
  std::uint64_t bytes_ = 0;
};

}  // namespace txsim
