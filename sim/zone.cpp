#include "sim/zone.h"

#include <algorithm>
#include <utility>

#include "sim/assert.h"

namespace txsim {
namespace {

std::int64_t plus(std::int64_t a, std::int64_t b) {
  return a >= Zone::kNever || b >= Zone::kNever ? Zone::kNever : a + b;
}

}  // namespace

// Makes room for one more moment, without bounds.
void Zone::grow() {
  const std::size_t size = size_ + 1;
  std::vector<std::int64_t> bounds(size * size, kNever);
  for (std::size_t i = 0; i < size_; ++i) {
    for (std::size_t j = 0; j < size_; ++j) bounds[i * size + j] = most(i, j);
  }
  bounds[size * size - 1] = 0;
  bounds_ = std::move(bounds);
  size_ = size;
}

void Zone::add(std::int64_t least, std::int64_t most) {
  TXSIM_ASSERT(least <= most, "a moment that comes after its latest time");
  grow();
  const std::size_t added = size_ - 1;
  for (std::size_t other = 0; other < added; ++other) {
    at(added, other) = plus(most, at(0, other));
    at(other, added) = plus(-least, at(other, 0));
  }
}

void Zone::add_after(std::size_t i, std::int64_t by) {
  grow();
  const std::size_t added = size_ - 1;
  for (std::size_t other = 0; other < added; ++other) {
    at(added, other) = plus(by, at(i, other));
    at(other, added) = plus(-by, at(other, i));
  }
}

void Zone::add_like(std::size_t i) {
  grow();
  const std::size_t added = size_ - 1;
  std::int64_t apart = kNever;
  for (std::size_t other = 0; other < added; ++other) {
    if (other == i) continue;
    at(added, other) = most(i, other);
    at(other, added) = most(other, i);
    apart = std::min(apart, plus(most(i, other), most(other, i)));
  }
  at(added, i) = at(i, added) = apart;
}

// The greater of two closed bounds each is closed: neither is longer than a way round.
void Zone::join(std::size_t i, std::size_t j) {
  for (std::size_t other = 0; other < size_; ++other) {
    if (other == i || other == j) continue;
    at(i, other) = std::max(most(i, other), most(j, other));
    at(other, i) = std::max(most(other, i), most(other, j));
  }
  remove(j);
}

void Zone::remove(std::size_t i) {
  std::vector<std::int64_t> bounds;
  bounds.reserve((size_ - 1) * (size_ - 1));
  for (std::size_t a = 0; a < size_; ++a) {
    for (std::size_t b = 0; a != i && b < size_; ++b) {
      if (b != i) bounds.push_back(most(a, b));
    }
  }
  bounds_ = std::move(bounds);
  --size_;
}

void Zone::keep(std::size_t i, std::size_t j, std::int64_t by) {
  TXSIM_ASSERT(may(i, j, by), "no valuation would be left");
  if (must(i, j, by)) return;
  for (std::size_t a = 0; a < size_; ++a) {
    const std::int64_t to_j = plus(most(a, i), by);
    if (to_j >= kNever) continue;
    for (std::size_t b = 0; b < size_; ++b) {
      const std::int64_t through = plus(to_j, most(j, b));
      if (through < most(a, b)) at(a, b) = through;
    }
  }
}

void Zone::pass_to(std::size_t i) {
  for (std::size_t other = 0; other < size_; ++other) std::swap(at(0, other), at(i, other));
  for (std::size_t other = 0; other < size_; ++other) std::swap(at(other, 0), at(other, i));
}

Zone Zone::reordered(const std::vector<std::size_t>& order) const {
  TXSIM_ASSERT(order.size() == size(), "an order that leaves out moments");
  Zone other;
  other.size_ = size_;
  other.bounds_.resize(size_ * size_);
  for (std::size_t i = 0; i < size_; ++i) {
    for (std::size_t j = 0; j < size_; ++j) {
      other.at(i, j) = most(i == 0 ? 0 : order[i - 1], j == 0 ? 0 : order[j - 1]);
    }
  }
  return other;
}

bool Zone::contains(const Zone& other) const {
  TXSIM_ASSERT(size_ == other.size_, "zones of different moments");
  return std::equal(bounds_.begin(), bounds_.end(), other.bounds_.begin(),
                    [](std::int64_t mine, std::int64_t its) { return its <= mine; });
}

}  // namespace txsim
