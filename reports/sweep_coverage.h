// Which fault hit which phase of a transaction how often, as rows of a table, and the phases that a
// fault never hit: the holes of a sweep.
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
    std::array<bool, kPhases> is_hole{};          // transactions were in it, and it was never hit
  };
  std::vector<Row> rows;  // of the faults that occurred
  std::string holes;      // in words; empty: none
};
Coverage coverage_of(const SweepTotals& totals);

// "none" for 0.
std::string phase_name(std::size_t phase);

}  // namespace txsim
