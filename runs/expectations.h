// Holds what a scenario expects against what its run gave.
#pragma once

#include <vector>

#include "runs/run.h"

namespace txsim {

// The scenario's own expectations in their order, then one for each invariant that was violated
// without being named.
std::vector<Met> hold_expectations(const RunResult& result);

}  // namespace txsim
