// The counters of a run in words, the same in every report for people.
#pragma once

#include <string>
#include <vector>

#include "runs/run.h"

namespace txsim {

struct CounterRow {
  std::string label;
  std::string value;
  std::vector<std::string> parts;  // the parts of the value, if they are worth showing
};
std::vector<CounterRow> counter_rows(const RunResult& result);

}  // namespace txsim
