// Random numbers that are the same on every machine: our own generator (SplitMix64: Steele, Lea,
// Flood 2014), one named stream for each purpose, probabilities and delays as integers.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/time.h"

namespace txsim {

// A probability as an integer threshold in parts of 2^53, so that 0 and 1 are exact.
struct Probability {
  static constexpr std::uint64_t kOne = std::uint64_t{1} << 53;
  std::uint64_t threshold = 0;  // 0 to kOne

  constexpr bool never() const { return threshold == 0; }
  friend constexpr auto operator<=>(Probability, Probability) = default;
};

// One stream of draws. It depends only on the seed and its name: a draw from one stream does not
// change the others.
class Stream {
 public:
  Stream() = default;
  Stream(std::uint64_t seed, std::string_view name);

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  // Uniform in [0, bound). Requires bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
  }

  bool chance(Probability p) { return !p.never() && (next() >> 11) < p.threshold; }

  std::uint64_t state() const { return state_; }

 private:
  std::uint64_t state_ = 0;
};

// A duration that was drawn, and between which bounds any draw would have been.
struct Drawn {
  Duration value;
  Duration least;
  Duration most;  // kLongestDuration: no bound
};

// How long something takes: a distribution over durations.
struct Delay {
  enum class Kind : std::uint8_t { Constant, Uniform, Exponential };
  Kind kind = Kind::Constant;
  Duration low;   // constant: the value; uniform: the least; exponential: the least
  Duration high;  // uniform: the exclusive bound; exponential: low + mean

  static constexpr Delay constant(Duration d) { return {Kind::Constant, d, d}; }
  static constexpr Delay uniform(Duration low, Duration high) { return {Kind::Uniform, low, high}; }
  static constexpr Delay exponential(Duration mean) {
    return {Kind::Exponential, Duration{0}, mean};
  }
  constexpr bool is_zero() const { return kind == Kind::Constant && low.ns == 0; }

  Duration draw(Stream& stream) const {
    if (kind == Kind::Constant) return low;
    const auto spread = static_cast<std::uint64_t>(high.ns - low.ns);
    if (kind == Kind::Uniform) {
      return {low.ns + static_cast<std::int64_t>(spread == 0 ? 0 : stream.below(spread))};
    }
    return draw_exponential(stream);
  }

  // The greatest value that a draw can have; kLongestDuration: no bound.
  constexpr Duration most() const {
    if (kind == Kind::Exponential) return kLongestDuration;
    return kind == Kind::Uniform && high > low ? Duration{high.ns - 1} : low;
  }
  Drawn drawn(Stream& stream) const { return {draw(stream), low, most()}; }

  friend constexpr bool operator==(const Delay&, const Delay&) = default;

 private:
  Duration draw_exponential(Stream& stream) const;
};

}  // namespace txsim
