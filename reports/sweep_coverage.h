// Which fault hit which phase of a transaction how often, as rows to be shown, and what none ever
// hit: the holes of a sweep.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "reports/sweep_summary.h"

namespace txsim {

struct Coverage {
  struct Row {
    std::string name;                             // "crash (coordinator)"
    std::array<std::uint64_t, kPhases> counts{};  // by Phase; 0: in none
    std::array<bool, kPhases> is_hole{};          // transactions go through it, and it was not met
  };
  std::vector<Row> rows;  // those that came at all
  std::string holes;      // in words; empty: none
};
Coverage coverage_of(const SweepTotals& totals);

// "none" for 0.
std::string phase_name(std::size_t phase);

}  // namespace txsim
