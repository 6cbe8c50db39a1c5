// A value that knows its version, so that it is copied, and summed up in a fingerprint, only if it
// has changed. Only `change` can change it; from then on it has no version until it is given one.
// Two values with the same version are equal.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace txsim {

// Hands out each number once in the life of the program. Results may depend only on whether two
// numbers are equal; anything else would depend on the machine. Not to be copied.
class Versions {
 public:
  std::uint64_t next() {
    if (next_ == end_) take_more();
    return next_++;
  }

 private:
  void take_more();

  std::uint64_t next_ = 0;
  std::uint64_t end_ = 0;
};

template <class Value>
class Versioned {
 public:
  static constexpr std::uint64_t kNone = 0;  // changed since it had a version

  Versioned() = default;
  explicit Versioned(Value value) : value_(std::move(value)) {}
  Versioned(const Versioned&) = default;
  // A moved-from value has no version.
  Versioned(Versioned&& other) noexcept
      : value_(std::move(other.value_)),
        version_(std::exchange(other.version_, kNone)),
        sums_(other.sums_) {}
  Versioned& operator=(Versioned&& other) noexcept {
    value_ = std::move(other.value_);
    version_ = std::exchange(other.version_, kNone);
    sums_ = other.sums_;
    return *this;
  }
  Versioned& operator=(const Versioned& other) {
    if (this == &other || (version_ != kNone && version_ == other.version_)) return *this;
    value_ = other.value_;
    version_ = other.version_;
    sums_ = other.sums_;
    return *this;
  }
  ~Versioned() = default;

  const Value& operator*() const { return value_; }
  const Value* operator->() const { return &value_; }
  // The reference is valid until a version is given.
  Value& change() {
    version_ = kNone;
    return value_;
  }

  bool has_version() const { return version_ != kNone; }
  void give_version(std::uint64_t version) {
    if (version_ == kNone) version_ = version;
  }
  void forget_version() { version_ = kNone; }

  // The result of `sum_up`, which may depend on the value alone; kept as long as the value stays.
  // Two such sums are kept side by side.
  template <std::size_t Which, class SumUp>
  std::uint64_t sum(SumUp&& sum_up) const {
    if (version_ == kNone) return sum_up(value_);
    Sum& kept = sums_[Which];
    if (kept.version != version_) kept = {version_, sum_up(value_)};
    return kept.sum;
  }

 private:
  struct Sum {
    std::uint64_t version = kNone;  // of the value that was summed up
    std::uint64_t sum = 0;
  };

  Value value_{};
  std::uint64_t version_ = kNone;
  mutable std::array<Sum, 2> sums_{};
};

}  // namespace txsim
