// A run as an HTML page in one file: summary, verdicts, the time-space diagram, the state of every
// node at a chosen moment, and the causes of a chosen event. It can be read without scripts.
#pragma once

#include <string>

#include "reports/report.h"

namespace txsim {

// Requires that the trace was kept. The same bytes for the same run.
std::string run_page(const Report& report);

}  // namespace txsim
