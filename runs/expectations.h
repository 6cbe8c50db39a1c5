// Compares a scenario's expectations with its run.
#pragma once

#include <string_view>
#include <vector>

#include "runs/run.h"

namespace txsim {

// The scenario's own expectations in their order, then one for each invariant that was violated
// without being named, if it counts (runs/promises.h).
std::vector<Met> hold_expectations(const RunResult& result);

// A violation of it is reported but does not fail the run: no expectation names it, and the
// protocol does not promise it.
bool is_told_only(const RunResult& result, std::string_view invariant);

}  // namespace txsim
