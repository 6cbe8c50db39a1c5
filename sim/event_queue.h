// The pending events, ordered by (time, order of scheduling).
//
// A 4-ary heap of 16-byte keys compared as one 128-bit number, and one first-in first-out lane for
// each common timer length. Timers of one length that are set in time order expire in that order,
// so they need no heap, and a cancelled one costs only its place in the lane. When the heap
// outgrows the cache, distant events wait unsorted in buckets (far_events.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/assert.h"
#include "sim/event_key.h"
#include "sim/far_events.h"
#include "sim/message.h"
#include "sim/ring.h"
#include "sim/time.h"
#include "sim/vector.h"

namespace txsim {

class EventQueue {
 public:
  static constexpr std::uint32_t kMostSlots = (1U << 26) - 1;

  // The next event to happen; null if there is none. Cancelled timers are never returned.
  const EventKey* earliest();
  // An event that comes soon, for prefetching its data; null if that is not worthwhile.
  const EventKey* soon() const {
    return run_head_ + 4 < run_.size() ? &run_[run_head_ + 4] : nullptr;
  }
  // Removes and returns the earliest event if it is not after `until`. A timer taken out stays set
  // until `retire_timer` or `postpone`.
  bool pop(Time until, EventKey& key);

  EventKey push(Time at, Pending kind, std::uint32_t slot);

  // Each timer slot has a generation, so cancelling needs no search.
  TimerId push_timer(Time now, Duration after);
  bool cancel(TimerId id);  // false: not pending
  void retire_timer(std::uint32_t slot);
  // Upper bound of the timer slots used so far.
  std::size_t timer_slots() const { return timers_.size(); }
  bool timer_is_set(std::uint32_t slot) const { return (timers_[slot].generation & 1U) != 0; }
  // For the explorer: of a timer that is set. Searches all events.
  EventKey key_of(TimerId id) const;
  TimerId timer_id(std::uint32_t slot) const { return {slot, timers_[slot].generation}; }

  // For the explorer and for replay: all pending events in order, and the removal of any one.
  std::vector<EventKey> all() const {
    std::vector<EventKey> keys;
    all(keys);
    return keys;
  }
  void all(std::vector<EventKey>& keys) const;
  // In an unspecified order.
  template <class Visit>
  void for_each(Visit&& visit) const;
  void remove(const EventKey& key);
  // Puts an event that was taken out back at a later time; it keeps its slot.
  EventKey postpone(const EventKey& key, Time at);

 private:
  struct TimerSlot {
    std::uint32_t generation = 0;  // odd: set
    std::uint32_t next = 0;        // if free: the next free slot
    bool in_heap = false;          // its key is in the heap, so the slot may not be used again
  };
  struct LaneEntry {
    EventKey key;
    std::uint32_t generation = 0;
  };
  struct Lane {
    Duration length;
    Ring<LaneEntry> entries;
    std::size_t clear_at = 64;  // length at which cancelled entries are removed
  };
  static constexpr std::uint32_t kNoSlot = ~std::uint32_t{0};
  static constexpr std::size_t kMostLanes = 12;
  static constexpr std::size_t kFewTimers = 64;   // need no lanes
  static constexpr std::size_t kMostNear = 4096;  // a longer heap does not stay in the cache

  EventKey make_key(Time at, Pending kind, std::uint32_t slot) {
    TXSIM_ASSERT(slot <= kMostSlots, "too many events are pending at once");
    return {(scheduled_++ << 28) | (static_cast<std::uint64_t>(kind) << 26) | slot,
            static_cast<std::uint64_t>(at.ns)};
  }
  void push_heap(EventKey key);
  void pop_heap();
  void sift_down(std::size_t i, EventKey key);
  bool is_stale(const EventKey& heap_key) const {
    return heap_key.kind() == Pending::Timer && !timer_is_set(heap_key.slot());
  }
  bool is_stale(const LaneEntry& entry) const {
    return timers_[entry.key.slot()].generation != entry.generation;
  }
  void free_timer(std::uint32_t slot) {
    timers_[slot].next = free_timers_;
    free_timers_ = slot;
  }
  void free_stale(std::uint32_t timer_slot);
  void drop_stale_heap_head();
  void drop_stale_run_head();
  void refill();
  Lane* lane_for(Duration length);
  void clear_out(Lane& lane);
  void remove_from_heap(const EventKey& key);
  void refresh_lane_head();

  void spread_heap();

  // All events; or, while far_ is in use, those before far_.begins().
  Vector<EventKey> heap_;
  FarEvents far_;
  Vector<EventKey> run_;      // the bucket of far_ that was sorted last
  std::size_t run_head_ = 0;  // its first pending event
  bool hole_ = false;         // heap_[0] was taken out and its place is not yet filled
  Vector<Lane> lanes_;
  // Lengths seen recently, plus 1 so that 0 is none: a length seen twice gets a lane.
  std::array<std::int64_t, 16> seen_lengths_{};
  std::size_t seen_next_ = 0;
  std::size_t head_lane_ = 0;   // the lane that holds lane_head_
  EventKey lane_head_ = kNone;  // the earliest lane entry, possibly cancelled
  Vector<TimerSlot> timers_;
  std::uint32_t free_timers_ = kNoSlot;  // chained by `next`
  std::uint64_t scheduled_ = 0;

  static constexpr EventKey kNone{~std::uint64_t{0}, ~std::uint64_t{0}};
};

template <class Visit>
void EventQueue::for_each(Visit&& visit) const {
  const auto look = [&](const EventKey& key) {
    if (!is_stale(key)) visit(key);
  };
  for (std::size_t i = hole_ ? 1 : 0; i < heap_.size(); ++i) look(heap_[i]);
  for (const Lane& lane : lanes_) {
    for (std::size_t i = 0; i < lane.entries.size(); ++i) {
      if (!is_stale(lane.entries.at(i))) visit(lane.entries.at(i).key);
    }
  }
  for (std::size_t i = run_head_; i < run_.size(); ++i) look(run_[i]);
  if (far_.empty()) return;
  std::vector<EventKey> far;
  far_.append_all(far);
  for (const EventKey& key : far) look(key);
}

}  // namespace txsim
