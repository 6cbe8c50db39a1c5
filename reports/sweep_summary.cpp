#include "reports/sweep_summary.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/names.h"

namespace txsim {
namespace {

// A sum above the longest duration (292 years) stays at the longest duration.
void add(Spread& into, const Spread& spread) {
  into.count += spread.count;
  if (__builtin_add_overflow(into.total.ns, spread.total.ns, &into.total.ns)) {
    into.total.ns = std::numeric_limits<std::int64_t>::max();
  }
  into.most = std::max(into.most, spread.most);
}

}  // namespace

SweepTotals::SweepTotals() : verdicts(invariants().size()), first_violated(invariants().size()) {}

void SweepTotals::add(const SweepRun& run, bool is_violated) {
  ++runs;
  if (is_violated) ++violated;
  for (std::size_t i = 0; i < run.verdicts.size(); ++i) {
    ++verdicts[i][static_cast<std::size_t>(run.verdicts[i])];
    if (run.verdicts[i] != Verdict::Violated) continue;
    first_violated[i] = std::min(first_violated[i].value_or(run.seed), run.seed);
  }
  Outcomes::add(run.counters);
  retries += run.counters.retries;
  messages += run.sent;
  forced += run.forced;
  for (const auto& [duration_class, count] : run.latencies) latencies[duration_class] += count;
  txsim::add(latency, run.counters.latency);
  txsim::add(lock_hold, run.counters.lock_hold);
  txsim::add(lock_wait, run.counters.lock_wait);
  txsim::add(reservation_hold, run.counters.reservation_hold);
  txsim::add(in_doubt, run.counters.in_doubt);
  dirty_uses += run.counters.dirty_uses;
  for (const FaultCount& fault : run.fault_coverage) {
    fault_coverage[static_cast<std::size_t>(fault.fault)][static_cast<std::size_t>(fault.part)]
                  [fault.phase] += fault.count;
  }
}

void SweepTotals::add(const SweepTotals& totals) {
  runs += totals.runs;
  violated += totals.violated;
  for (std::size_t i = 0; i < totals.verdicts.size(); ++i) {
    for (std::size_t verdict = 0; verdict < 4; ++verdict) {
      verdicts[i][verdict] += totals.verdicts[i][verdict];
    }
    const std::optional<std::uint64_t>& first = totals.first_violated[i];
    if (first) first_violated[i] = std::min(first_violated[i].value_or(*first), *first);
  }
  Outcomes::add(totals);
  retries += totals.retries;
  messages += totals.messages;
  forced += totals.forced;
  for (const auto& [duration_class, count] : totals.latencies) latencies[duration_class] += count;
  txsim::add(latency, totals.latency);
  txsim::add(lock_hold, totals.lock_hold);
  txsim::add(lock_wait, totals.lock_wait);
  txsim::add(reservation_hold, totals.reservation_hold);
  txsim::add(in_doubt, totals.in_doubt);
  dirty_uses += totals.dirty_uses;
  for (std::size_t fault = 0; fault < kFaultEffects; ++fault) {
    for (std::size_t part = 0; part < kPartKinds; ++part) {
      for (std::size_t phase = 0; phase < kPhases; ++phase) {
        fault_coverage[fault][part][phase] += totals.fault_coverage[fault][part][phase];
      }
    }
  }
}

Duration SweepTotals::latency_at(std::int64_t share) const {
  __extension__ using Wide = unsigned __int128;
  constexpr Wide kWhole = static_cast<std::uint64_t>(Expectation::kWhole);
  std::uint64_t count = 0;
  for (const auto& [duration_class, times] : latencies) count += times;
  const Wide wanted = (Wide{count} * static_cast<std::uint64_t>(share) + kWhole - 1) / kWhole;
  std::uint64_t seen = 0;
  for (const auto& [duration_class, times] : latencies) {
    seen += times;
    if (seen >= wanted) return std::min(longest_of_class(duration_class), latency.most);
  }
  return {};
}

Share share_of(std::uint64_t count, std::uint64_t of) {
  if (of == 0) return {};
  constexpr double kZ = 1.959963984540054;
  const auto n = static_cast<double>(of);
  const double p = static_cast<double>(count) / n;
  const double center = p + kZ * kZ / (2 * n);
  const double margin = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  const double scale = 1 + kZ * kZ / n;
  const double low = count == 0 ? 0 : std::max((center - margin) / scale, 0.0);
  const double high = count == of ? 1 : std::min((center + margin) / scale, 1.0);
  return {p, low, high};
}

SweepSummary::SweepSummary(SweepHeader header)
    : header_(std::move(header)), cells_(header_.cells.size()) {
  for (const SweepCellName& cell : header_.cells) portions_.emplace_back(cell.expectations.size());
}

void SweepSummary::add(const SweepRun& run) {
  const bool is_violated = run.is_violated(header_.cells[run.cell].protocol);
  all_.add(run, is_violated);
  cells_[run.cell].add(run, is_violated);
  std::vector<Portion>& portions = portions_[run.cell];
  const std::size_t held = std::min(portions.size(), run.portions.size());
  for (std::size_t i = 0; i < held; ++i) portions[i].add(run.portions[i]);
  if (is_violated && violations_.size() < kMostViolations) violations_.push_back(run);
}

std::vector<HeldPortion> SweepSummary::expectations(std::size_t cell) const {
  std::vector<HeldPortion> all;
  for (std::size_t i = 0; i < portions_[cell].size(); ++i) {
    const PortionExpectation& expected = header_.cells[cell].expectations[i];
    const Portion& portion = portions_[cell][i];
    HeldPortion held{expected, portion, expected.is_met(portion), expected.seen(portion)};
    if (expected.is_percentile() && !cells_[cell].latencies.empty()) {
      const std::string latency = duration_text(cells_[cell].latency_at(expected.share));
      held.seen = latency + " (" + held.seen + ")";
    }
    all.push_back(std::move(held));
  }
  return all;
}

bool SweepSummary::has_expectations() const {
  return std::any_of(portions_.begin(), portions_.end(),
                     [](const auto& portions) { return !portions.empty(); });
}

bool SweepSummary::is_as_expected() const {
  if (all_.violated > 0) return false;
  if (!judges_expectations()) return true;
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    for (const HeldPortion& held : expectations(cell)) {
      if (!held.met) return false;
    }
  }
  return true;
}

}  // namespace txsim
