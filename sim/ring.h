// A first-in first-out queue in one circular buffer: it grows by doubling and never shrinks, so it
// allocates nothing once warm.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace txsim {

template <class Value>
class Ring {
 public:
  Ring() = default;
  Ring(const Ring&) = default;
  Ring(Ring&& other) noexcept { *this = std::move(other); }
  Ring& operator=(Ring&& other) noexcept {
    buffer_ = std::exchange(other.buffer_, {});
    room_ = std::exchange(other.room_, 0);
    head_ = std::exchange(other.head_, 0);
    count_ = std::exchange(other.count_, 0);
    return *this;
  }
  // Copies only what is in it, usually little or nothing.
  Ring& operator=(const Ring& other) {
    if (this == &other) return *this;
    if (room_ < other.count_) {
      buffer_.resize(other.room_);
      room_ = other.room_;
    }
    head_ = 0;
    count_ = other.count_;
    for (std::size_t i = 0; i < count_; ++i) buffer_[i] = other.at(i);
    return *this;
  }
  ~Ring() = default;

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }

  void push(const Value& value) { push_place() = value; }
  void push(Value&& value) { push_place() = std::move(value); }
  Value& front() { return buffer_[head_]; }
  const Value& front() const { return buffer_[head_]; }
  // The i-th from the front.
  Value& at(std::size_t i) { return buffer_[(head_ + i) & (room_ - 1)]; }
  const Value& at(std::size_t i) const { return buffer_[(head_ + i) & (room_ - 1)]; }
  void pop() {
    head_ = (head_ + 1) & (room_ - 1);
    --count_;
  }
  void clear() { head_ = count_ = 0; }

 private:
  // With its old content, to be overwritten.
  Value& push_place() {
    if (count_ == room_) grow();
    return buffer_[(head_ + count_++) & (room_ - 1)];
  }
  void grow() {
    std::vector<Value> larger(room_ == 0 ? 8 : room_ * 2);
    for (std::size_t i = 0; i < count_; ++i) {
      larger[i] = std::move(buffer_[(head_ + i) & (room_ - 1)]);
    }
    buffer_ = std::move(larger);
    room_ = buffer_.size();
    head_ = 0;
  }

  std::vector<Value> buffer_;  // a power of two long, or empty
  std::size_t room_ = 0;       // its length
  std::size_t head_ = 0;
  std::size_t count_ = 0;
};

}  // namespace txsim
