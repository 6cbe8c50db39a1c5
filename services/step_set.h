// Sets of steps, or of participants by their place, as bit masks: at most 64 of them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace txsim {

constexpr std::uint64_t bit(std::size_t member) { return std::uint64_t{1} << member; }
constexpr std::uint64_t first_bits(std::size_t count) {
  return count >= 64 ? ~std::uint64_t{0} : bit(count) - 1;
}
constexpr std::uint16_t size(std::uint64_t set) {
  return static_cast<std::uint16_t>(std::popcount(set));
}
// Of a set that is not empty.
constexpr std::uint16_t lowest(std::uint64_t set) {
  return static_cast<std::uint16_t>(std::countr_zero(set));
}
constexpr std::uint16_t highest(std::uint64_t set) {
  return static_cast<std::uint16_t>(63 - std::countl_zero(set));
}
// Takes the lowest member out, the highest.
constexpr std::uint16_t pop_first(std::uint64_t& set) {
  const std::uint16_t member = lowest(set);
  set &= set - 1;
  return member;
}
constexpr std::uint16_t pop_last(std::uint64_t& set) {
  const std::uint16_t member = highest(set);
  set &= ~bit(member);
  return member;
}

}  // namespace txsim
