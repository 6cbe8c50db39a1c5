// The first difference between two runs that should be the same.
#pragma once

#include <string>

#include "runs/run.h"

namespace txsim {

// Names the first event in which they differ, as their traces tell it; empty if their traces are
// the same. Requires that both were kept.
std::string text_difference(const RunResult& once, const RunResult& again);

}  // namespace txsim
