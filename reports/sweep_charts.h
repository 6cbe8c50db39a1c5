// The charts of a sweep as Vega-Lite specifications (https://vega.github.io/vega-lite/), each with
// the table that says the same.
#pragma once

#include <string>
#include <vector>

#include "reports/html.h"
#include "reports/sweep_groups.h"

namespace txsim {

struct Chart {
  std::string id;
  std::string title;
  std::string says;  // how to read it
  std::string spec;  // JSON
  HtmlTable table;
};

// Their size depends on what is compared and varied, not on the number of runs.
std::vector<Chart> sweep_charts(const SweepSummary& summary);

}  // namespace txsim
