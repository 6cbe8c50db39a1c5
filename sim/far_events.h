// Events too far in the future to be worth sorting yet: a ring of unsorted buckets of equal width
// in time. Each event is sorted once, when the clock reaches its bucket (a calendar queue: Brown
// 1988; late sorting: the ladder queue of Tang, Goh, Thng 2005).
//
// Out of use (begins() at the end of time) until there are thousands of events. The width adapts:
// it is chosen again when buckets become too full or too empty. No result depends on it, because
// the order of events is total.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/event_key.h"

namespace txsim {

class FarEvents {
 public:
  FarEvents() = default;
  FarEvents(const FarEvents&) = default;
  FarEvents(FarEvents&&) noexcept = default;
  FarEvents& operator=(FarEvents&&) noexcept = default;
  // Two that are out of use are equal.
  FarEvents& operator=(const FarEvents& other) {
    if (begins_ == kOutOfUse && other.begins_ == kOutOfUse) return *this;
    FarEvents copy(other);
    return *this = std::move(copy);
  }
  ~FarEvents() = default;

  // Events from this time on belong here.
  std::uint64_t begins() const { return begins_; }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // Takes all events and distributes them; `refill` returns those of the first bucket.
  void take_over(std::vector<EventKey>& events);
  // Requires key.time >= begins().
  void add(const EventKey& key);
  // Puts the events of the next non-empty bucket, sorted, into `near`, which must be empty, and
  // moves `begins` behind them. Goes out of use when few events are left.
  void refill(std::vector<EventKey>& near);

  void append_all(std::vector<EventKey>& keys) const;
  void remove(const EventKey& key);

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::size_t kWanted = 64;     // events in a bucket
  static constexpr std::size_t kTooMany = 1024;  // in a bucket
  static constexpr std::size_t kTooFew = 1024;   // in all
  struct Chunk {
    std::array<EventKey, 31> keys;
    std::uint32_t count = 0;
    std::uint32_t next = kNone;
  };

  void put(std::uint64_t bucket, const EventKey& key);
  void bring_in_beyond();
  void take_bucket(std::size_t place, std::vector<EventKey>& to);
  std::uint64_t next_bucket() const;
  std::size_t place_of(std::uint64_t bucket) const { return bucket & (heads_.size() - 1); }

  static constexpr std::uint64_t kOutOfUse = ~std::uint64_t{0};

  std::uint64_t begins_ = kOutOfUse;
  int shift_ = 0;              // a bucket is 2^shift_ ns wide
  std::uint64_t current_ = 0;  // the bucket that was taken out last
  std::uint64_t scan_at_ = 0;  // bucket at which `beyond_` is searched
  std::size_t size_ = 0;
  std::size_t in_ring_ = 0;
  std::size_t added_ = 0;              // since the width was chosen
  std::vector<std::uint32_t> heads_;   // first chunk of each bucket of the ring
  std::vector<std::uint64_t> filled_;  // a bit for each bucket that has events
  std::vector<Chunk> chunks_;
  std::uint32_t free_chunks_ = kNone;
  std::vector<EventKey> beyond_;  // beyond the ring
  std::vector<EventKey> scratch_;
};

}  // namespace txsim
