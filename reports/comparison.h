// The same workload under several protocols, side by side. A comparison is a sweep in which the
// protocol varies.
#pragma once

#include <string>
#include <vector>

#include "reports/sweep_summary.h"

namespace txsim {

// Cells that differ only in their protocol, in the order of the sweep.
struct Compared {
  std::string what;  // the file, and what else is set: "order.ini network.loss=5%"
  std::vector<std::size_t> cells;
};
std::vector<Compared> compared(const SweepHeader& header);

bool is_comparison(const SweepHeader& header);

// A table for each workload, at most 80 columns wide, and the line that replays each protocol's
// first violated run.
std::string text_comparison(const SweepSummary& summary, const Paint& paint);

}  // namespace txsim
