// A run's result as one JSON object: {"format":"txsim-run","version":2,...}.
#pragma once

#include <string>
#include <vector>

#include "reports/report.h"

namespace txsim {

// Indented, without a line break at its end. Times and durations are integer nanoseconds.
std::string json_report(const Report& report);
// Several objects as one array.
std::string json_array(const std::vector<std::string>& objects);

}  // namespace txsim
