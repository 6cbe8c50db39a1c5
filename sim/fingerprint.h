// The canonical fingerprint of a state: 64 bits, equal for states that have the same possible
// successors, however they were reached. A class adds its content by
//
//   void digest_into(Fingerprint& into) const { into.add(first_, second_); }
//
// and leaves out everything that no later event depends on: the clock, sequence numbers,
// statistics. Of a timer's id, only whether it is set counts: the world's part holds the pending
// timers. A moment (Time) has no fingerprint of its own; its owner decides.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/message.h"
#include "sim/random.h"
#include "sim/ring.h"
#include "sim/table.h"
#include "sim/time.h"
#include "sim/vector.h"
#include "sim/word.h"

namespace txsim {

class Fingerprint {
 public:
  template <class... Values>
  void add(const Values&... values) {
    pack<0>(0, values...);
  }
  std::uint64_t value() const { return mixed(hash_); }
  // Collects the periods with names that are added from now on. Those of a value that takes
  // fingerprints of its own by `of` are not seen.
  void collect(std::vector<Period>& periods) { periods_ = &periods; }

  // One element by itself, for sums in which the order does not count.
  template <class... Values>
  static std::uint64_t of(const Values&... values) {
    Fingerprint fingerprint;
    fingerprint.add(values...);
    return fingerprint.value();
  }

 private:
  __extension__ using Wide = unsigned __int128;

  // One to one in the word for a fixed past, and in the past for a fixed word.
  void word(std::uint64_t next) {
    hash_ = (hash_ ^ next) * 0x9E3779B97F4A7C15ULL;
    hash_ ^= hash_ >> 32;
  }
  static std::uint64_t mixed(std::uint64_t z) {  // SplitMix64's finish
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  // Small values in sequence share a word: `Used` bits of it are taken.
  template <int Used>
  void pack(std::uint64_t bits) {
    if constexpr (Used > 0) word(bits);
  }
  template <int Used, class First, class... Rest>
  [[gnu::always_inline]] void pack(std::uint64_t bits, const First& first, const Rest&... rest) {
    constexpr int kWidth = width_of<First>();
    if constexpr (kWidth == 0) {
      pack<Used>(bits);
      one(first);
      pack<0>(0, rest...);
    } else if constexpr (Used + kWidth > 64) {
      word(bits);
      pack<kWidth>(small(first), rest...);
    } else {
      pack<Used + kWidth>(bits | (small(first) << Used), rest...);
    }
  }
  // In bits; 0: takes its own words.
  template <class Value>
  static constexpr int width_of() {
    if constexpr (std::is_same_v<Value, bool> || std::is_same_v<Value, TimerId>) {
      return 1;
    } else if constexpr (std::is_same_v<Value, Word>) {
      return 32;
    } else if constexpr ((std::is_integral_v<Value> || std::is_enum_v<Value>)&&sizeof(Value) < 8) {
      return 8 * static_cast<int>(sizeof(Value));
    }
    return 0;
  }
  static std::uint64_t small(const TimerId& timer) { return timer.is_set() ? 1 : 0; }
  static std::uint64_t small(const Word& value) { return value.id; }
  template <class Value>
  static std::uint64_t small(const Value& value) {
    if constexpr (std::is_same_v<Value, bool>) {
      return value ? 1 : 0;
    } else if constexpr (std::is_enum_v<Value>) {
      return small(static_cast<std::underlying_type_t<Value>>(value));
    } else {
      return static_cast<std::make_unsigned_t<Value>>(value);
    }
  }

  template <class Value>
  void one(const Value& value) {
    if constexpr (requires { value.digest_into(*this); }) {
      value.digest_into(*this);
    } else if constexpr (width_of<Value>() > 0) {
      word(small(value));
    } else {
      static_assert(std::is_integral_v<Value> || std::is_enum_v<Value>, "give it a digest_into");
      word(static_cast<std::uint64_t>(value));
    }
  }
  void one(const Wide& value) {
    word(static_cast<std::uint64_t>(value));
    word(static_cast<std::uint64_t>(value >> 64));
  }
  // Only if it is a name: moments do not count.
  void one(const Period& value) {
    if (value.ns < Period::kLeastName) return;
    word(static_cast<std::uint64_t>(value.ns));
    if (periods_ != nullptr) periods_->push_back(value);
  }
  void one(const Duration& value) { word(static_cast<std::uint64_t>(value.ns)); }
  void one(const Stream& value) { word(value.state()); }
  template <std::size_t Size>
  void one(const Body<Size>& value) {
    const auto words = value.template get<std::array<std::uint64_t, Size / 8>>();
    for (const std::uint64_t next : words) word(next);
  }
  void one(const Message& m) {
    add(m.from, m.to, m.type, pair(m.transaction_type, m.step), m.transaction, m.value, m.body);
  }
  void one(const LogRecord& r) {
    add(r.type, pair(r.transaction_type, r.step), r.transaction, r.value, r.body);
  }
  void one(const Fact& f) { add(f.what, f.peer, f.step, f.transaction, f.value, f.extra); }
  template <class Value>
  void one(const std::optional<Value>& value) {
    word(value.has_value() ? 1 : 0);
    if (value) one(*value);
  }
  template <class Value>
  void one(const std::vector<Value>& values) {
    word(values.size());
    for (const Value& value : values) one(value);
  }
  template <class Value>
  void one(const Vector<Value>& values) {
    one(static_cast<const std::vector<Value>&>(values));
  }
  template <class Value, std::size_t Size>
  void one(const std::array<Value, Size>& values) {
    for (const Value& value : values) one(value);
  }
  template <class Value>
  void one(const Ring<Value>& values) {
    word(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) one(values.at(i));
  }
  // A sum, because the order of the slots does not count.
  template <class Value>
  void one(const Table<Value>& table) {
    std::uint64_t sum = table.size();
    table.for_each([&](std::uint64_t key, const Value& value) {
      Fingerprint element;
      element.periods_ = periods_;
      element.add(key, value);
      sum += element.value();
    });
    word(sum);
  }
  static std::uint32_t pair(std::uint16_t a, std::uint16_t b) {
    return (std::uint32_t{a} << 16) | b;
  }

  std::uint64_t hash_ = 0x1D8E4E27C47D124FULL;
  std::vector<Period>* periods_ = nullptr;
};

}  // namespace txsim
