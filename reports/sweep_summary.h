// The summary of many runs: outcomes, verdicts, times, costs, which fault hit which phase, and the
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

// The sums over some runs. The order in which runs are added does not matter.
struct SweepTotals : Outcomes {
  std::uint64_t runs = 0;
  std::uint64_t violated = 0;  // runs in which an invariant that counts was violated
  std::vector<std::array<std::uint64_t, 4>> verdicts;        // by invariant and verdict
  std::vector<std::optional<std::uint64_t>> first_violated;  // by invariant: the lowest such seed
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
  std::array<std::array<std::array<std::uint64_t, kPhases>, kPartKinds>, kFaultEffects>
      fault_coverage{};

  SweepTotals();
  void add(const SweepRun& run, bool is_violated);
  void add(const SweepTotals& totals);
  std::uint64_t transactions() const { return begun(); }
  // The latency that this share of the answers does not exceed; `share` is in parts of
  // Expectation::kWhole. By nearest rank, accurate to 1/32. 0 if no latency was kept.
  Duration latency_of(std::uint64_t permille) const {
    return latency_at(static_cast<std::int64_t>(permille) * (Expectation::kWhole / 1000));
  }
  Duration latency_at(std::int64_t share) const;
};

// `count` / `of`, with its 95% interval (Wilson 1927).
struct Share {
  double share = 0;
  double low = 0;
  double high = 0;
};
Share share_of(std::uint64_t count, std::uint64_t of);

// An expectation, judged over all runs of a combination.
struct HeldPortion {
  PortionExpectation expected;
  Portion portion;
  bool met = false;
  std::string seen;  // in the words of the expectation
};

class SweepSummary {
 public:
  static constexpr std::size_t kMostViolations = 10;

  explicit SweepSummary(SweepHeader header);
  void add(const SweepRun& run);

  const SweepHeader& header() const { return header_; }
  // Whether it includes every run of the sweep, or of its shard.
  bool is_complete() const { return all_.runs == header_.planned(); }
  const SweepTotals& all() const { return all_; }
  const std::vector<SweepTotals>& cells() const { return cells_; }
  const std::vector<SweepRun>& first_violations() const { return violations_; }
  // The combination's expectations over all runs, judged over the runs that were made.
  std::vector<HeldPortion> expectations(std::size_t cell) const;
  bool has_expectations() const;
  // A shard does not judge them: they are about all runs, so the joined shards are judged.
  bool judges_expectations() const { return header_.shard.of == 1; }
  // No run violates an invariant, and the expectations over all runs, if they are judged, are met.
  bool is_as_expected() const;

 private:
  SweepHeader header_;
  SweepTotals all_;
  std::vector<SweepTotals> cells_;
  std::vector<std::vector<Portion>> portions_;  // by cell
  std::vector<SweepRun> violations_;
};

// The summary as text, and as JSON (docs/sweeps.md).
std::string text_summary(const SweepSummary& summary, const Paint& paint);
std::string json_summary(const SweepSummary& summary);

}  // namespace txsim
