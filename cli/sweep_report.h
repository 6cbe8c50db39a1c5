// The page of a sweep in its folder, and the pages of its first violated runs.
#pragma once

#include <string>

#include "reports/sweep_summary.h"

namespace txsim {

// Writes `file` (report.html) and runs/cell-C-seed-S.html for each of the first violations whose
// scenario exists unchanged. Throws InputError if a file cannot be written.
void write_sweep_report(const std::string& folder, const std::string& file,
                        const SweepSummary& summary);

}  // namespace txsim
