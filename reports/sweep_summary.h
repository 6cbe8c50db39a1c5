// What many runs come to: outcomes, verdicts, times, costs, which mishap met which phase, and the
// first runs in which an invariant was violated.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/paint.h"
#include "reports/sweep_rows.h"

namespace txsim {

// The sums over some runs. Adding them up in another order comes to the same.
struct SweepTotals {
  std::uint64_t runs = 0;
  std::uint64_t violated = 0;                                // runs in which some invariant was
  std::vector<std::array<std::uint64_t, 4>> verdicts;        // by invariant and verdict
  std::vector<std::optional<std::uint64_t>> first_violated;  // by invariant: the lowest such seed
  std::array<std::uint64_t, kEndings> endings{};
  std::uint64_t submitted = 0;
  std::uint64_t retries = 0;
  std::uint64_t messages = 0;
  std::uint64_t forced = 0;
  std::map<std::uint32_t, std::uint64_t> latencies;  // by duration class
  Spread latency;
  Spread lock_hold;
  Spread lock_wait;
  Spread reservation_hold;
  Spread in_doubt;
  std::uint64_t dirty_uses = 0;
  std::array<std::array<std::array<std::uint64_t, kPhases>, kPartKinds>, kMishaps> mishaps{};

  SweepTotals();
  void add(const SweepRun& run);
  void add(const SweepTotals& totals);
  std::uint64_t transactions() const;
  // The latency that so many in a thousand do not exceed; 0 if none was kept.
  Duration latency_of(std::uint64_t permille) const;
};

// Of `count` in `of`, as a share with its 95% interval (Wilson 1927).
struct Share {
  double share = 0;
  double low = 0;
  double high = 0;
};
Share share_of(std::uint64_t count, std::uint64_t of);

class SweepSummary {
 public:
  static constexpr std::size_t kMostViolations = 10;

  explicit SweepSummary(SweepHeader header);
  void add(const SweepRun& run);

  const SweepHeader& header() const { return header_; }
  const SweepTotals& all() const { return all_; }
  const std::vector<SweepTotals>& cells() const { return cells_; }
  const std::vector<SweepRun>& first_violations() const { return violations_; }

 private:
  SweepHeader header_;
  SweepTotals all_;
  std::vector<SweepTotals> cells_;
  std::vector<SweepRun> violations_;
};

// For people, and for programs (docs/sweeps.md).
std::string text_summary(const SweepSummary& summary, const Paint& paint);
std::string json_summary(const SweepSummary& summary);

}  // namespace txsim
