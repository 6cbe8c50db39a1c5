// A first-in first-out queue in one circular buffer: grows by doubling, never shrinks, so that it
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
  Ring(Ring&&) noexcept = default;
  Ring& operator=(Ring&&) noexcept = default;
  // What is in it: mostly little or nothing.
  Ring& operator=(const Ring& other) {
    if (this == &other) return *this;
    if (buffer_.size() < other.count_) buffer_.resize(other.buffer_.size());
    head_ = 0;
    count_ = other.count_;
    for (std::size_t i = 0; i < count_; ++i) buffer_[i] = other.at(i);
    return *this;
  }
  ~Ring() = default;

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }

  void push(Value value) {
    if (count_ == buffer_.size()) grow();
    buffer_[(head_ + count_) & (buffer_.size() - 1)] = std::move(value);
    ++count_;
  }
  Value& front() { return buffer_[head_]; }
  const Value& front() const { return buffer_[head_]; }
  // The i-th from the front.
  Value& at(std::size_t i) { return buffer_[(head_ + i) & (buffer_.size() - 1)]; }
  const Value& at(std::size_t i) const { return buffer_[(head_ + i) & (buffer_.size() - 1)]; }
  void pop() {
    head_ = (head_ + 1) & (buffer_.size() - 1);
    --count_;
  }
  void clear() { head_ = count_ = 0; }

 private:
  void grow() {
    std::vector<Value> larger(buffer_.empty() ? 8 : buffer_.size() * 2);
    for (std::size_t i = 0; i < count_; ++i) {
      larger[i] = std::move(buffer_[(head_ + i) & (buffer_.size() - 1)]);
    }
    buffer_ = std::move(larger);
    head_ = 0;
  }

  std::vector<Value> buffer_;  // a power of two long
  std::size_t head_ = 0;
  std::size_t count_ = 0;
};

}  // namespace txsim
