// A sweep, or a comparison, as an HTML page in one file: summary, charts with their tables, which
// fault hit which phase, and the first violated runs. Its size does not grow with the runs.
#pragma once

#include <string>
#include <vector>

#include "reports/sweep_summary.h"

namespace txsim {

// `run_pages`: for each of the summary's first violations a link from this page to the page of its
// run; empty if there is no such page.
std::string sweep_page(const SweepSummary& summary, const std::vector<std::string>& run_pages);

}  // namespace txsim
