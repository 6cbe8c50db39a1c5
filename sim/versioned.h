// A value that knows which version of itself it is, so that it is copied, and summed up in a
// fingerprint, only where it has changed. It can be changed by `change` alone, and has no version
// from then on until it is given one. Two that have the same version are the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace txsim {

// Gives each number once in the life of the program, for all who ask: what depends on a number but
// for being the same as another depends on the machine. Not to be copied.
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
  // What was moved from is no version of anything.
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
  // The reference may be used until a version is given.
  Value& change() {
    version_ = kNone;
    return value_;
  }

  bool has_version() const { return version_ != kNone; }
  void give_version(std::uint64_t version) {
    if (version_ == kNone) version_ = version;
  }
  void forget_version() { version_ = kNone; }

  // What `sum_up` makes of the value, which it may depend on alone: kept for as long as the value
  // stays. Two such sums are kept side by side.
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
