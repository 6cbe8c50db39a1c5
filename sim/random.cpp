#include "sim/random.h"

#include <bit>

namespace txsim {
namespace {

__extension__ using Wide = unsigned __int128;

// -log2(u / 2^64) for u > 0, in parts of 2^32: the integer part from the leading bit, the fraction
// by repeated squaring (Knuth, TAOCP 1.2.2, exercise 25), so that no floating point is needed.
std::uint64_t minus_log2(std::uint64_t u) {
  const int leading = std::countl_zero(u);
  std::uint64_t mantissa = u << leading;  // in [2^63, 2^64): the value 1 to 2
  std::uint64_t fraction = 0;
  for (int bit = 31; bit >= 0; --bit) {
    const Wide square = static_cast<Wide>(mantissa) * mantissa;  // in [2^126, 2^128)
    const auto high = static_cast<std::uint64_t>(square >> 64);
    const auto half = static_cast<std::uint64_t>(square >> 63);
    const std::uint64_t is_two = high >> 63;  // 2 and more; no branch: it is taken half of the time
    fraction = (fraction << 1) | is_two;
    mantissa = half ^ ((high ^ half) & (std::uint64_t{0} - is_two));
  }
  const std::uint64_t log2_of_value = (static_cast<std::uint64_t>(63 - leading) << 32) | fraction;
  return (std::uint64_t{64} << 32) - log2_of_value;
}

}  // namespace

Stream::Stream(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  state_ = hash;
  state_ = next() ^ seed;
  state_ = next();
}

// Inverse transform: -ln(u) * mean = -log2(u) * ln 2 * mean.
Duration Delay::draw_exponential(Stream& stream) const {
  constexpr std::uint64_t kLn2 = 2977044472ULL;  // ln 2 in parts of 2^32
  const std::uint64_t u = stream.next() | 1U;
  const std::uint64_t minus_ln =
      static_cast<std::uint64_t>((static_cast<Wide>(minus_log2(u)) * kLn2) >> 32);  // parts of 2^32
  const auto mean = static_cast<std::uint64_t>(high.ns - low.ns);
  const Wide drawn = (static_cast<Wide>(mean) * minus_ln) >> 32;
  const auto most = static_cast<Wide>(kLongestDuration.ns / 4);
  return {low.ns + static_cast<std::int64_t>(drawn > most ? most : drawn)};
}

}  // namespace txsim
