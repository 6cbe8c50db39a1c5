// A set of valuations of moments, given by bounds on their differences: a difference bound matrix.
//
// Variable 0 is now; the others are moments, counted from now. All bounds are integers
// (nanoseconds) and inclusive, so the set holds exactly the integer valuations that a run of the
// simulator can have: difference constraints with integer bounds have integer solutions, and the
// closure below is exact for them.
//
// Source: Dill, Timing Assumptions and Verification of Finite-State Concurrent Systems, 1989; with
// variables that are times left instead of times passed: state classes (Berthomieu, Menasche, An
// Enumerative Approach for Analyzing Time Petri Nets, 1983; Berthomieu, Diaz 1991). A time left
// ends when its event happens, so no bound grows without limit and no extrapolation is needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace txsim {

class Zone {
 public:
  // No bound.
  static constexpr std::int64_t kNever = std::int64_t{1} << 62;

  Zone() = default;

  // How many moments there are; they are numbered from 1.
  std::size_t size() const { return size_ - 1; }
  // The greatest difference x_i - x_j, in ns; kNever if it has no bound.
  std::int64_t most(std::size_t i, std::size_t j) const { return bounds_[i * size_ + j]; }
  // Whether x_i - x_j <= by holds for some, or for all, of the valuations.
  bool may(std::size_t i, std::size_t j, std::int64_t by) const { return most(j, i) >= -by; }
  bool must(std::size_t i, std::size_t j, std::int64_t by) const { return most(i, j) <= by; }

  // A new moment, `least` to `most` from now; it gets the highest number.
  void add(std::int64_t least, std::int64_t most);
  // A new moment, exactly `by` after moment i.
  void add_after(std::size_t i, std::int64_t by);
  // A new moment that may be wherever moment i may be, whatever moment i is.
  void add_like(std::size_t i);
  // Moment i may be where it may be or where moment j may be; j is removed. What more is allowed is
  // between the two (convex hull).
  void join(std::size_t i, std::size_t j);
  // The other moments keep their relations; higher numbers move down by one.
  void remove(std::size_t i);
  // Keeps the valuations with x_i - x_j <= by. Requires may(i, j, by).
  void keep(std::size_t i, std::size_t j, std::int64_t by);
  // Time passes until moment i: from now on it is now, and its number stands for what was now.
  void pass_to(std::size_t i);

  // The moments in another order: the new number k is the old number order[k - 1].
  Zone reordered(const std::vector<std::size_t>& order) const;
  // Every valuation of the other is one of this. Requires the same number of moments.
  bool contains(const Zone& other) const;
  const std::vector<std::int64_t>& bounds() const { return bounds_; }
  friend bool operator==(const Zone&, const Zone&) = default;

 private:
  std::int64_t& at(std::size_t i, std::size_t j) { return bounds_[i * size_ + j]; }
  void grow();

  std::size_t size_ = 1;                    // with now
  std::vector<std::int64_t> bounds_ = {0};  // x_i - x_j <= bounds_[i * size_ + j]; closed
};

}  // namespace txsim
