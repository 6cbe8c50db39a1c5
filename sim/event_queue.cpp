#include "sim/event_queue.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim {

EventKey EventQueue::make_key(Time at, Pending kind, std::uint32_t slot) {
  TXSIM_ASSERT(slot <= kMostSlots, "too many events are pending at once");
  return {(scheduled_++ << 28) | (static_cast<std::uint64_t>(kind) << 26) | slot,
          static_cast<std::uint64_t>(at.ns)};
}

// The place of the event that was just taken out is left open for the next push: taking out and
// putting in, the usual pair, is then one descent.
void EventQueue::push_heap(const EventKey& key) {
  if (hole_) {
    hole_ = false;
    sift_down(0, key);
    return;
  }
  std::size_t i = heap_.size();
  heap_.push_back(key);
  while (i > 0) {
    const std::size_t parent = (i - 1) / 4;
    if (!(key < heap_[parent])) break;
    heap_[i] = heap_[parent];
    i = parent;
  }
  heap_[i] = key;
}

void EventQueue::sift_down(std::size_t i, const EventKey& moved) {
  const EventKey key = moved;
  EventKey* const heap = heap_.data();
  const std::size_t size = heap_.size();
  for (;;) {
    const std::size_t child = 4 * i + 1;
    std::size_t least = child;
    if (child + 4 <= size) {  // without branches: they would be mispredicted half of the time
      const std::size_t a = child + static_cast<std::size_t>(heap[child + 1] < heap[child]);
      const std::size_t b = child + 2 + static_cast<std::size_t>(heap[child + 3] < heap[child + 2]);
      least = heap[b] < heap[a] ? b : a;
    } else if (child < size) {
      for (std::size_t k = child + 1; k < size; ++k) least = heap[k] < heap[least] ? k : least;
    } else {
      break;
    }
    if (!(heap[least] < key)) break;
    heap[i] = heap[least];
    i = least;
  }
  heap[i] = key;
}

void EventQueue::pop_heap() {
  const EventKey last = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) sift_down(0, last);
}

bool EventQueue::is_stale(const EventKey& key) const {
  return key.kind() == Pending::Timer && !timer_is_set(key.slot());
}

void EventQueue::drop_stale_heap_head() {
  while (!heap_.empty() && is_stale(heap_[0])) {
    timers_[heap_[0].slot()].in_heap = false;
    free_timers_.push_back(heap_[0].slot());
    pop_heap();
  }
}

const EventKey* EventQueue::earliest() {
  if (hole_) {
    hole_ = false;
    pop_heap();
  }
  if (!heap_.empty() && heap_[0].kind() == Pending::Timer) drop_stale_heap_head();
  const EventKey& heap_head = heap_.empty() ? kNone : heap_[0];
  while (lane_head_ < heap_head) {
    if (!is_stale(lanes_[head_lane_].entries.front())) return &lane_head_;
    lanes_[head_lane_].entries.pop();
    refresh_lane_head();
  }
  return heap_.empty() ? nullptr : heap_.data();
}

EventKey EventQueue::pop() {
  const EventKey* next = earliest();
  TXSIM_ASSERT(next != nullptr, "nothing is pending");
  const EventKey key = *next;
  if (next == &lane_head_) {
    lanes_[head_lane_].entries.pop();
    refresh_lane_head();
  } else {
    if (key.kind() == Pending::Timer) timers_[key.slot()].in_heap = false;
    hole_ = true;
  }
  return key;
}

EventKey EventQueue::push(Time at, Pending kind, std::uint32_t slot) {
  const EventKey key = make_key(at, kind, slot);
  push_heap(key);
  return key;
}

TimerId EventQueue::push_timer(Time now, Duration after) {
  std::uint32_t slot = 0;
  if (free_timers_.empty()) {
    slot = static_cast<std::uint32_t>(timers_.size());
    timers_.emplace_back();
  } else {
    slot = free_timers_.back();
    free_timers_.pop_back();
  }
  TimerSlot& timer = timers_[slot];
  ++timer.generation;
  const EventKey key = make_key(now + after, Pending::Timer, slot);
  if (Lane* lane = lane_for(after); lane != nullptr) {
    lane->entries.push({key, timer.generation});
    if (key < lane_head_) refresh_lane_head();
  } else {
    timer.in_heap = true;
    push_heap(key);
  }
  return {slot, timer.generation};
}

bool EventQueue::cancel(TimerId id) {
  if (id.slot >= timers_.size() || timers_[id.slot].generation != id.generation ||
      (id.generation & 1U) == 0) {
    return false;
  }
  retire_timer(id.slot);
  return true;
}

void EventQueue::retire_timer(std::uint32_t slot) {
  TimerSlot& timer = timers_[slot];
  ++timer.generation;
  if (!timer.in_heap) free_timers_.push_back(slot);
}

EventQueue::Lane* EventQueue::lane_for(Duration length) {
  for (Lane& lane : lanes_) {
    if (lane.length == length) return &lane;
  }
  if (lanes_.size() == kMostLanes) return nullptr;
  const auto hash = static_cast<std::uint64_t>(length.ns) * 0x9E3779B97F4A7C15ULL;
  std::int64_t& seen = seen_lengths_[hash >> 60];
  if (seen != length.ns + 1) {
    seen = length.ns + 1;
    return nullptr;
  }
  lanes_.push_back({length, {}});
  return &lanes_.back();
}

void EventQueue::refresh_lane_head() {
  lane_head_ = kNone;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Ring<LaneEntry>& entries = lanes_[i].entries;
    while (!entries.empty() && is_stale(entries.front())) entries.pop();
    if (!entries.empty() && entries.front().key < lane_head_) {
      lane_head_ = entries.front().key;
      head_lane_ = i;
    }
  }
}

std::vector<EventKey> EventQueue::all() const {
  std::vector<EventKey> keys;
  for (std::size_t i = hole_ ? 1 : 0; i < heap_.size(); ++i) {
    if (!is_stale(heap_[i])) keys.push_back(heap_[i]);
  }
  for (const Lane& lane : lanes_) {
    for (std::size_t i = 0; i < lane.entries.size(); ++i) {
      if (!is_stale(lane.entries.at(i))) keys.push_back(lane.entries.at(i).key);
    }
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

void EventQueue::remove(const EventKey& key) {
  earliest();  // fills the hole
  for (Lane& lane : lanes_) {
    for (std::size_t i = 0; i < lane.entries.size(); ++i) {
      LaneEntry& entry = lane.entries.at(i);
      if (!(entry.key == key)) continue;
      entry.generation = 0;  // even: stale for ever
      refresh_lane_head();
      return;
    }
  }
  const auto found = std::find(heap_.begin(), heap_.end(), key);
  TXSIM_ASSERT(found != heap_.end(), "the event is not pending");
  if (key.kind() == Pending::Timer) timers_[key.slot()].in_heap = false;
  heap_.erase(found);
  std::sort(heap_.begin(), heap_.end());  // keys are unique, and a sorted array is a heap
}

EventKey EventQueue::postpone(const EventKey& key, Time at) {
  if (key.kind() == Pending::Timer) timers_[key.slot()].in_heap = true;
  return push(at, key.kind(), key.slot());
}

}  // namespace txsim
