// Runs of the scenario library with their traces, for the tests of what is made of a trace.
#pragma once

#include <string>
#include <vector>

#include "runs/run.h"

namespace txsim {

// The scenarios of the library, named as from its folder: "order/tcc/all-confirm.ini".
std::vector<std::string> library();
RunResult run_of(const std::string& name, const std::vector<std::string>& settings = {});

}  // namespace txsim
