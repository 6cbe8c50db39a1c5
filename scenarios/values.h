// The strict types of values in scenarios, and their texts. Each parse function throws BadValue for
// any other text. No floating point is used.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "services/workload.h"
#include "sim/random.h"
#include "sim/time.h"

namespace txsim {

// What is wrong with a value, and how to fix it. The code that catches it adds file and line.
class BadValue : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Seed {
  std::uint64_t value = 0;
};

// An amount of a resource: 0 to kMostAmount.
struct Amount {
  static constexpr std::int64_t kMost = 2'147'483'647;
  std::int64_t value = 0;
};

// A switch of a protocol: on or off.
struct Switch {
  bool on = false;
};

// Absent: never.
struct DurationOrNever {
  std::optional<Duration> duration;
};

// A count from 0 to 10^9.
struct Count {
  static constexpr std::uint64_t kMost = 1'000'000'000;
  std::uint64_t value = 0;
};

// When orders arrive: the fields of Workload that one line of a scenario sets.
struct ArrivalsText {
  Workload workload;
};

// The horizon and moments may reach to the end of time; a wait may not, so that a moment plus a
// few waits, stretched by a skewed clock, never overflows.
inline constexpr Duration kLongestWait{std::int64_t{1} << 60};

// Texts quoted in messages are cut to a readable length.
std::string quoted(std::string_view text);

std::uint64_t parse_whole(std::string_view text, std::uint64_t most, std::string_view example,
                          std::uint64_t least = 0);
Seed parse_seed(std::string_view text);
Amount parse_amount(std::string_view text);
Switch parse_switch(std::string_view text);
Count parse_count(std::string_view text);
Duration parse_duration(std::string_view text, Duration most = kLongestWait);
Time parse_time(std::string_view text);
DurationOrNever parse_duration_or_never(std::string_view text);
Probability parse_probability(std::string_view text);  // "0.05" or "5%"
Delay parse_delay(std::string_view text);  // "1ms", "1ms to 5ms", "[1ms plus] exponential 2ms"
ArrivalsText parse_arrivals(std::string_view text);

// Texts that parse back to the same value.
std::string text(Duration duration);
std::string text(Time time);
std::string text(Probability probability);
std::string text(const Delay& delay);

}  // namespace txsim
