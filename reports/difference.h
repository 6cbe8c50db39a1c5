// The first difference between two runs that should be the same.
#pragma once

#include <string>

#include "runs/run.h"

namespace txsim {

// Names the first event in which the runs differ; empty if their traces are equal. Requires that
// both traces were kept.
std::string text_difference(const RunResult& once, const RunResult& again);

}  // namespace txsim
