// The pending events, ordered by (time, order of scheduling).
//
// A 4-ary heap of 16-byte keys compared as one 128-bit number, and beside it one first-in first-out
// lane for each common timer length: timers of one length set in time order expire in that order,
// so they need no heap, and a cancelled one costs nothing but its place in the lane.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/message.h"
#include "sim/ring.h"
#include "sim/time.h"

namespace txsim {

enum class Pending : std::uint8_t { Message = 0, Timer = 1, Disk = 2, Control = 3 };

// 16 bytes: time, then order of scheduling (36 bits), kind (2) and slot (26).
struct alignas(16) EventKey {
  std::uint64_t low = 0;
  std::uint64_t time = 0;

  Time at() const { return {static_cast<std::int64_t>(time)}; }
  Pending kind() const { return static_cast<Pending>((low >> 26) & 3U); }
  std::uint32_t slot() const { return static_cast<std::uint32_t>(low & 0x3FFFFFFU); }

  friend bool operator==(const EventKey& a, const EventKey& b) { return a.wide() == b.wide(); }
  friend bool operator<(const EventKey& a, const EventKey& b) { return a.wide() < b.wide(); }

 private:
  __extension__ using Wide = unsigned __int128;
  Wide wide() const { return (static_cast<Wide>(time) << 64) | low; }
};

class EventQueue {
 public:
  static constexpr std::uint32_t kMostSlots = (1U << 26) - 1;

  // The next event to happen; null when there is none. Cancelled timers are never shown.
  const EventKey* earliest();
  // Removes and gives the earliest. Requires that there is one. A timer taken out is still set
  // until `retire_timer` or `postpone`.
  EventKey pop();

  EventKey push(Time at, Pending kind, std::uint32_t slot);

  // Timers have slots with a generation each, so that cancelling needs no search.
  TimerId push_timer(Time now, Duration after);
  bool cancel(TimerId timer);  // false: not pending
  void retire_timer(std::uint32_t slot);
  // Bound of the timer slots in use so far.
  std::size_t timer_slots() const { return timers_.size(); }
  bool timer_is_set(std::uint32_t slot) const { return (timers_[slot].generation & 1U) != 0; }
  TimerId timer_id(std::uint32_t slot) const { return {slot, timers_[slot].generation}; }

  // For the explorer and for replay: all that is pending in order, and the removal of any one.
  std::vector<EventKey> all() const;
  void remove(const EventKey& key);
  // Puts an event that was taken out back at a later time, keeping its slot.
  EventKey postpone(const EventKey& key, Time at);

 private:
  struct TimerSlot {
    std::uint32_t generation = 0;  // odd: set
    bool in_heap = false;          // its key is in the heap, so the slot may not be used again
  };
  struct LaneEntry {
    EventKey key;
    std::uint32_t generation = 0;
  };
  struct Lane {
    Duration length;
    Ring<LaneEntry> entries;
  };
  static constexpr std::size_t kMostLanes = 12;

  EventKey make_key(Time at, Pending kind, std::uint32_t slot);
  void push_heap(const EventKey& key);
  void pop_heap();
  void sift_down(std::size_t i, const EventKey& key);
  bool is_stale(const EventKey& heap_key) const;
  bool is_stale(const LaneEntry& entry) const {
    return timers_[entry.key.slot()].generation != entry.generation;
  }
  void drop_stale_heap_head();
  Lane* lane_for(Duration length);
  void refresh_lane_head();

  std::vector<EventKey> heap_;
  bool hole_ = false;  // heap_[0] was taken out and its place is not yet filled
  std::vector<Lane> lanes_;
  std::array<std::int64_t, 16> seen_lengths_{};  // a length seen twice gets a lane
  std::size_t head_lane_ = 0;                    // the lane that holds lane_head_
  EventKey lane_head_ = kNone;                   // the earliest lane entry, maybe a cancelled one
  std::vector<TimerSlot> timers_;
  std::vector<std::uint32_t> free_timers_;
  std::uint64_t scheduled_ = 0;

  static constexpr EventKey kNone{~std::uint64_t{0}, ~std::uint64_t{0}};
};

}  // namespace txsim
