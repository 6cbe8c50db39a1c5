// A set of orders that stays small if they arrive in about ascending order.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/fingerprint.h"
#include "sim/table.h"
#include "sim/vector.h"

namespace txsim {

// A set of numbers assigned in about ascending order. Pages of 1,024 that hold all or none of their
// numbers cost only a share of a run of such pages; a mixed page costs a bit for each number.
class OrderSet {
 public:
  bool contains(std::uint64_t n) const;
  void add(std::uint64_t n);
  void remove(std::uint64_t n);
  bool empty() const { return pages_.empty() && full_.empty(); }
  std::size_t pages() const { return pages_.size(); }
  void digest_into(Fingerprint& into) const { into.add(pages_, full_); }

  // Each number, ascending among mixed pages and among full ones.
  template <class Visit>
  void for_each(Visit&& visit) const {
    pages_.for_each_sorted([&](std::uint64_t page, const Page& held) {
      for (std::uint64_t n = 0; n < kPage; ++n) {
        if ((held.bits[word(n)] & bit(n)) != 0) visit(page * kPage + n);
      }
    });
    for (const Run& run : full_) {
      for (std::uint64_t n = run.first * kPage; n < (run.last + 1) * kPage; ++n) visit(n);
    }
  }

 private:
  static constexpr std::uint64_t kPage = 1024;
  struct Page {
    std::array<std::uint64_t, kPage / 64> bits{};
    std::uint32_t count = 0;

    void digest_into(Fingerprint& into) const { into.add(bits, count); }
  };
  struct Run {  // of full pages
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    void digest_into(Fingerprint& into) const { into.add(first, last); }
  };
  static std::uint64_t bit(std::uint64_t n) { return std::uint64_t{1} << (n % 64); }
  static std::size_t word(std::uint64_t n) { return static_cast<std::size_t>(n % kPage / 64); }
  std::size_t run_of(std::uint64_t page) const;  // the first run that ends at or after it
  bool is_full(std::uint64_t page) const;
  void fill(std::uint64_t page);
  void split(std::uint64_t page);

  Table<Page> pages_;  // mixed, by number
  Vector<Run> full_;   // ascending, with gaps between them
};

}  // namespace txsim
