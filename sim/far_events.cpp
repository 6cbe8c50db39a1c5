#include "sim/far_events.h"

#include <algorithm>
#include <bit>

#include "sim/assert.h"

namespace txsim {

void FarEvents::take_over(std::vector<EventKey>& events) {
  append_all(events);
  // The width follows the nearer three quarters of the events, so that a few far ones do not
  // distort it.
  const std::size_t buckets =
      std::clamp<std::size_t>(std::bit_ceil(2 * events.size() / kWanted), 256, 65536);
  const auto quartile = events.begin() + static_cast<std::ptrdiff_t>(events.size() / 4 * 3);
  std::nth_element(events.begin(), quartile, events.end());
  const std::uint64_t first = std::min_element(events.begin(), quartile + 1)->time;
  const std::uint64_t width = (quartile->time - first) * 2 / buckets + 1;
  shift_ = static_cast<int>(std::bit_width(width)) - 1;
  heads_.assign(buckets, kNone);
  filled_.assign((buckets + 63) / 64, 0);
  chunks_.clear();
  free_chunks_ = kNone;
  beyond_.clear();
  size_ = in_ring_ = 0;
  // The first bucket is still to come.
  current_ = (first >> shift_) - 1;
  scan_at_ = current_ + heads_.size() / 2;
  begins_ = (first >> shift_) << shift_;
  for (const EventKey& key : events) add(key);
  added_ = 0;
  events.clear();
}

void FarEvents::add(const EventKey& key) {
  ++size_;
  ++added_;
  const std::uint64_t bucket = key.time >> shift_;
  if (bucket - current_ - 1 < heads_.size() - 1) {
    put(bucket, key);
  } else {
    beyond_.push_back(key);
  }
}

void FarEvents::put(std::uint64_t bucket, const EventKey& key) {
  const std::size_t place = place_of(bucket);
  std::uint32_t head = heads_[place];
  if (head == kNone || chunks_[head].count == chunks_[head].keys.size()) {
    std::uint32_t fresh = free_chunks_;
    if (fresh == kNone) {
      fresh = static_cast<std::uint32_t>(chunks_.size());
      chunks_.emplace_back();
    } else {
      free_chunks_ = chunks_[fresh].next;
    }
    chunks_[fresh].count = 0;
    chunks_[fresh].next = head;
    heads_[place] = head = fresh;
    filled_[place / 64] |= std::uint64_t{1} << (place % 64);
  }
  Chunk& chunk = chunks_[head];
  chunk.keys[chunk.count++] = key;
  ++in_ring_;
}

// Called each half turn of the ring. An event beyond the ring is at least a whole turn ahead when
// it is stored, so none is missed.
void FarEvents::bring_in_beyond() {
  scan_at_ = current_ + heads_.size() / 2;
  std::size_t kept = 0;
  for (const EventKey& key : beyond_) {
    const std::uint64_t bucket = key.time >> shift_;
    if (bucket - current_ - 1 < heads_.size() - 1) {
      put(bucket, key);
    } else {
      beyond_[kept++] = key;
    }
  }
  beyond_.resize(kept);
}

std::uint64_t FarEvents::next_bucket() const {
  const std::size_t start = place_of(current_ + 1);
  std::size_t word = start / 64;
  std::uint64_t bits = filled_[word] & (~std::uint64_t{0} << (start % 64));
  while (bits == 0) {
    word = (word + 1) % filled_.size();
    bits = filled_[word];
  }
  const std::size_t place = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
  return current_ + 1 + ((place - start) & (heads_.size() - 1));
}

void FarEvents::take_bucket(std::size_t place, std::vector<EventKey>& to) {
  for (std::uint32_t at = heads_[place]; at != kNone;) {
    Chunk& chunk = chunks_[at];
    to.insert(to.end(), chunk.keys.begin(), chunk.keys.begin() + chunk.count);
    in_ring_ -= chunk.count;
    size_ -= chunk.count;
    const std::uint32_t next = chunk.next;
    chunk.next = free_chunks_;
    free_chunks_ = at;
    at = next;
  }
  heads_[place] = kNone;
  filled_[place / 64] &= ~(std::uint64_t{1} << (place % 64));
}

void FarEvents::refill(std::vector<EventKey>& near) {
  if (size_ < kTooFew) {
    append_all(near);
    size_ = in_ring_ = 0;
    beyond_.clear();
    begins_ = kOutOfUse;
    std::sort(near.begin(), near.end());
    return;
  }
  if (beyond_.size() > size_ / 2 && added_ > size_ / 2) {  // the ring is too narrow by now
    take_over(near);
  }
  if (in_ring_ == 0) {
    std::uint64_t first = ~std::uint64_t{0};
    for (const EventKey& key : beyond_) first = std::min(first, key.time);
    current_ = (first >> shift_) - 1;
    bring_in_beyond();
  }
  // `beyond_` is searched before the ring can turn past any event in it.
  std::uint64_t bucket = next_bucket();
  if (bucket >= scan_at_ && !beyond_.empty()) {
    current_ = std::min(bucket - 1, std::max(current_, scan_at_));
    bring_in_beyond();
    bucket = next_bucket();
  }
  current_ = bucket;
  take_bucket(place_of(bucket), near);
  begins_ = (bucket + 1) << shift_;
  const bool full = near.size() > kTooMany && shift_ > 0;
  if (full && added_ > size_ / 2) {  // the width no longer fits; no more often than this
    scratch_.swap(near);
    take_over(scratch_);
    refill(near);
    return;
  }
  std::sort(near.begin(), near.end());  // a sorted array is a heap
}

void FarEvents::append_all(std::vector<EventKey>& keys) const {
  if (size_ == 0) return;
  for (const std::uint32_t head : heads_) {
    for (std::uint32_t at = head; at != kNone; at = chunks_[at].next) {
      const Chunk& chunk = chunks_[at];
      keys.insert(keys.end(), chunk.keys.begin(), chunk.keys.begin() + chunk.count);
    }
  }
  keys.insert(keys.end(), beyond_.begin(), beyond_.end());
}

void FarEvents::remove(const EventKey& key) {
  std::vector<EventKey> keys;
  append_all(keys);
  const auto found = std::find(keys.begin(), keys.end(), key);
  TXSIM_ASSERT(found != keys.end(), "the event is not pending");
  keys.erase(found);
  const std::uint64_t begins = begins_;
  const std::uint64_t current = current_;
  std::fill(heads_.begin(), heads_.end(), kNone);
  std::fill(filled_.begin(), filled_.end(), 0);
  chunks_.clear();
  free_chunks_ = kNone;
  beyond_.clear();
  size_ = in_ring_ = 0;
  begins_ = begins;
  current_ = current;
  for (const EventKey& left : keys) add(left);
}

}  // namespace txsim
