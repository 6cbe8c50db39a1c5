// The counters of a run in words, the same in every report for people.
#pragma once

#include <string>
#include <vector>

#include "runs/run.h"

namespace txsim {

struct CounterRow {
  std::string label;
  std::string value;
  std::vector<std::string> parts;  // what the value is made of, if that is worth telling
};
std::vector<CounterRow> counter_rows(const RunResult& result);

}  // namespace txsim
