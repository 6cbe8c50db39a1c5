// Targets of the fuzzer. Each takes any bytes and throws Defect if a promise about them is broken.
// The fuzzer itself detects crashes, hangs and sanitizer reports.
#pragma once

#include <string_view>

namespace txsim::fuzz {

// A scenario file, which may include files of the order domain. A valid scenario runs to a bounded
// horizon. Its faults, written as sentences, parse back to the same faults.
void scenario(std::string_view bytes);

// One fault sentence on each line, for a fixed scenario. The first line names the protocol.
void faults(std::string_view bytes);

// Results of a sweep. Valid results are written, parsed again to the same bytes, and summed up.
void results(std::string_view bytes);

// A schedule of a scenario of the order domain. A valid schedule is written and parsed again. Its
// choices are taken as far as they are possible.
void schedules(std::string_view bytes);

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
};
inline constexpr Target kTargets[] = {
    {"scenario", scenario}, {"faults", faults}, {"results", results}, {"schedules", schedules}};

}  // namespace txsim::fuzz
