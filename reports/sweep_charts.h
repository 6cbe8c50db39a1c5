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
  std::string says;  // how it is to be read
  std::string spec;  // JSON
  HtmlTable table;
};

// Their size follows how much is compared and varied, not how much was run.
std::vector<Chart> sweep_charts(const SweepSummary& summary);

}  // namespace txsim
