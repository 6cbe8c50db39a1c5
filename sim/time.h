// Virtual time: integer nanoseconds since the start of a run. The machine's clocks are never read.
#pragma once

#include <compare>
#include <cstdint>

namespace txsim {

// A length of virtual time. Unit: nanoseconds.
struct Duration {
  std::int64_t ns = 0;

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
  friend constexpr Duration operator*(Duration a, std::int64_t times) { return {a.ns * times}; }
};

// A moment of virtual time. Unit: nanoseconds since the start of the run.
struct Time {
  std::int64_t ns = 0;

  friend constexpr auto operator<=>(Time, Time) = default;
  friend constexpr Time operator+(Time at, Duration by) { return {at.ns + by.ns}; }
  friend constexpr Duration operator-(Time a, Time b) { return {a.ns - b.ns}; }
};

// A length of time that began at some moment of a node's own clock. A node keeps it in its memory
// and in its log and asks the context about it (Context::is_over); only the context knows what it
// holds: the moment at which the period began, in nanoseconds, or in an exploration by the clock,
// where that moment is unknown, a name.
struct Period {
  static constexpr std::int64_t kLeastName = std::int64_t{1} << 61;
  std::int64_t ns = 0;
};

// No run lasts longer than this (about 146 years), so time + delay never overflows.
inline constexpr Duration kLongestDuration{std::int64_t{1} << 62};
inline constexpr Time kEndOfTime{kLongestDuration.ns};

constexpr Duration nanoseconds(std::int64_t n) { return {n}; }
constexpr Duration microseconds(std::int64_t n) { return {n * 1'000}; }
constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000'000}; }
constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000'000}; }

}  // namespace txsim
