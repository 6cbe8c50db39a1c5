// Runs of the scenario library with their traces, for tests of reports.
#pragma once

#include <string>
#include <vector>

#include "runs/run.h"

namespace txsim {

// The scenarios of the library with their paths in its folder: "order/tcc/all-confirm.ini".
std::vector<std::string> library();
RunResult run_of(const std::string& name, const std::vector<std::string>& settings = {});

}  // namespace txsim
