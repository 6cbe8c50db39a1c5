#include "sim/event_queue.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim {

// The place of the event that was just taken out stays open for the next push: taking out and
// putting in, the usual pair, is then one descent.
void EventQueue::push_heap(EventKey key) {
  if (key.time >= far_.begins()) {
    far_.add(key);
    return;
  }
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
  // Only after as many removals as outweigh the events that are already spread.
  if (heap_.size() > kMostNear && heap_.size() > far_.size() / 4) [[unlikely]]
    spread_heap();
}

// The heap has become too large for the cache: moves its events to buckets.
void EventQueue::spread_heap() {
  heap_.insert(heap_.end(), run_.begin() + static_cast<std::ptrdiff_t>(run_head_), run_.end());
  run_.clear();
  run_head_ = 0;
  far_.take_over(heap_);
}

void EventQueue::sift_down(std::size_t i, EventKey key) {
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

void EventQueue::free_stale(std::uint32_t timer_slot) {
  timers_[timer_slot].in_heap = false;
  free_timer(timer_slot);
}

void EventQueue::drop_stale_heap_head() {
  while (!heap_.empty() && is_stale(heap_[0])) {
    free_stale(heap_[0].slot());
    pop_heap();
  }
}

// Sorts the next bucket when all near events have happened.
void EventQueue::refill() {
  while (run_head_ == run_.size() && heap_.empty() && !far_.empty()) {
    run_.clear();
    run_head_ = 0;
    far_.refill(run_);
    drop_stale_run_head();
  }
}

void EventQueue::drop_stale_run_head() {
  while (run_head_ < run_.size() && is_stale(run_[run_head_])) {
    free_stale(run_[run_head_++].slot());
  }
}

const EventKey* EventQueue::earliest() {
  if (hole_) {
    hole_ = false;
    pop_heap();
  }
  if (!heap_.empty() && heap_[0].kind() == Pending::Timer) drop_stale_heap_head();
  if (run_head_ == run_.size() && heap_.empty() && !far_.empty()) [[unlikely]]
    refill();
  const EventKey* first = heap_.empty() ? nullptr : heap_.data();
  if (run_head_ < run_.size()) {
    if (run_[run_head_].kind() == Pending::Timer) drop_stale_run_head();
    if (run_head_ == run_.size()) return earliest();
    if (first == nullptr || run_[run_head_] < *first) first = &run_[run_head_];
  }
  while (lane_head_ < (first == nullptr ? kNone : *first)) {
    if (!is_stale(lanes_[head_lane_].entries.front())) return &lane_head_;
    lanes_[head_lane_].entries.pop();
    refresh_lane_head();
  }
  return first;
}

bool EventQueue::pop(Time until, EventKey& key) {
  const EventKey* next = earliest();
  if (next == nullptr || next->at() > until) return false;
  key = *next;
  if (next == &lane_head_) {
    lanes_[head_lane_].entries.pop();
    refresh_lane_head();
    return true;
  }
  if (key.kind() == Pending::Timer) timers_[key.slot()].in_heap = false;
  if (next == heap_.data()) {
    hole_ = true;
  } else {
    ++run_head_;
  }
  return true;
}

EventKey EventQueue::push(Time at, Pending kind, std::uint32_t slot) {
  const EventKey key = make_key(at, kind, slot);
  push_heap(key);
  return key;
}

TimerId EventQueue::push_timer(Time now, Duration after) {
  std::uint32_t slot = free_timers_;
  if (slot == kNoSlot) {
    slot = static_cast<std::uint32_t>(timers_.size());
    timers_.emplace_back();
  } else {
    free_timers_ = timers_[slot].next;
  }
  TimerSlot& timer = timers_[slot];
  ++timer.generation;
  const EventKey key = make_key(now + after, Pending::Timer, slot);
  if (Lane* lane = lane_for(after); lane != nullptr) {
    if (lane->entries.size() >= lane->clear_at) [[unlikely]]
      clear_out(*lane);
    lane->entries.push({key, timer.generation});
    if (key < lane_head_) refresh_lane_head();
  } else {
    timer.in_heap = true;
    push_heap(key);
  }
  return {slot, timer.generation};
}

EventKey EventQueue::key_of(TimerId id) const {
  EventKey found = kNone;
  for_each([&](const EventKey& key) {
    if (key.kind() == Pending::Timer && key.slot() == id.slot) found = key;
  });
  return found;
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
  if (!timer.in_heap) free_timer(slot);
}

EventQueue::Lane* EventQueue::lane_for(Duration length) {
  for (Lane& lane : lanes_) {
    if (lane.length == length) return &lane;
  }
  if (lanes_.size() == kMostLanes || timers_.size() < kFewTimers) return nullptr;
  const bool seen =
      std::find(seen_lengths_.begin(), seen_lengths_.end(), length.ns + 1) != seen_lengths_.end();
  if (!seen) {
    seen_lengths_[seen_next_] = length.ns + 1;
    seen_next_ = (seen_next_ + 1) % seen_lengths_.size();
    return nullptr;
  }
  lanes_.push_back({length, {}, 64});
  return &lanes_.back();
}

// Keeps the lane as long as its pending timers, not as long as all that were set recently.
void EventQueue::clear_out(Lane& lane) {
  const std::size_t all = lane.entries.size();
  for (std::size_t i = 0; i < all; ++i) {
    const LaneEntry entry = lane.entries.front();
    lane.entries.pop();
    if (!is_stale(entry)) lane.entries.push(entry);
  }
  lane.clear_at = std::max<std::size_t>(64, 2 * lane.entries.size());
  refresh_lane_head();  // its timer may have been one of these
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

void EventQueue::all(std::vector<EventKey>& keys) const {
  keys.clear();
  for_each([&](const EventKey& key) { keys.push_back(key); });
  if (!std::is_sorted(keys.begin(), keys.end())) std::sort(keys.begin(), keys.end());
}

void EventQueue::remove(const EventKey& key) {
  if (hole_) {
    hole_ = false;
    pop_heap();
  }
  for (Lane& lane : lanes_) {
    for (std::size_t i = 0; i < lane.entries.size(); ++i) {
      LaneEntry& entry = lane.entries.at(i);
      if (!(entry.key == key)) continue;
      entry.generation = 0;  // even: stale forever
      refresh_lane_head();
      return;
    }
  }
  if (key.kind() == Pending::Timer) timers_[key.slot()].in_heap = false;
  if (key.time >= far_.begins()) {
    far_.remove(key);
    return;
  }
  for (std::size_t i = run_head_; i < run_.size(); ++i) {
    if (!(run_[i] == key)) continue;
    run_.erase(run_.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
  remove_from_heap(key);
}

// Also removes cancelled entries there. A sorted array is a heap, and one that was sorted before
// mostly still is.
void EventQueue::remove_from_heap(const EventKey& key) {
  EventKey* const begin = heap_.data();
  const EventKey* const end = begin + heap_.size();
  EventKey* kept = begin;
  EventKey last;
  bool is_found = false;
  bool is_sorted = true;
  for (const EventKey* next = begin; next != end; ++next) {
    if (*next == key) {
      is_found = true;
      continue;
    }
    if (is_stale(*next)) [[unlikely]] {
      free_stale(next->slot());
      continue;
    }
    is_sorted = is_sorted && last < *next;
    last = *next;
    *kept++ = last;
  }
  TXSIM_ASSERT(is_found, "the event is not pending");
  heap_.erase(heap_.begin() + (kept - begin), heap_.end());
  if (!is_sorted) std::sort(heap_.begin(), heap_.end());
}

EventKey EventQueue::postpone(const EventKey& key, Time at) {
  if (key.kind() == Pending::Timer) timers_[key.slot()].in_heap = true;
  return push(at, key.kind(), key.slot());
}

}  // namespace txsim
