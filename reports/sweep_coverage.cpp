#include "reports/sweep_coverage.h"

#include <fmt/format.h>

#include <numeric>

namespace txsim {
namespace {

// The phases that transactions go through under every protocol, always or sometimes.
constexpr Phase kCovered[] = {Phase::Working, Phase::Deciding, Phase::Finishing, Phase::Undoing};

void add_hole(Coverage& coverage, FaultEffect fault, Part part, const std::string& phase) {
  if (!coverage.holes.empty()) coverage.holes += ", ";
  coverage.holes += fmt::format("{} of the {} in {}", text(fault), text(part), phase);
}

}  // namespace

std::string phase_name(std::size_t phase) {
  return phase == 0 ? "none" : text(static_cast<Phase>(phase));
}

// Only coordinators and participants are expected to be hit.
Coverage coverage_of(const SweepTotals& totals) {
  Coverage coverage;
  for (int i = 0; i < kFaultEffects * kPartKinds; ++i) {
    const auto fault = static_cast<FaultEffect>(i / kPartKinds);
    const auto part = static_cast<Part>(i % kPartKinds);
    const auto& counts =
        totals.fault_coverage[static_cast<std::size_t>(fault)][static_cast<std::size_t>(part)];
    const bool is_expected = part != Part::Other;
    if (std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) == 0) {
      if (is_expected) add_hole(coverage, fault, part, "any phase");
      continue;
    }
    Coverage::Row row{fmt::format("{} ({})", text(fault), text(part)), counts, {}};
    for (const Phase phase : kCovered) {
      const auto place = static_cast<std::size_t>(phase);
      if (!is_expected || counts[place] > 0) continue;
      row.is_hole[place] = true;
      add_hole(coverage, fault, part, phase_name(place));
    }
    coverage.rows.push_back(std::move(row));
  }
  return coverage;
}

}  // namespace txsim
