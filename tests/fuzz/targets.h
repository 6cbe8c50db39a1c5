// What the fuzzer feeds: each takes any bytes, and throws Defect where a promise about them is not
// kept. A crash, a hang or a sanitizer's report is found without help.
#pragma once

#include <string_view>

namespace txsim::fuzz {

// A scenario file, which may include those of the order domain. What parses is built and run to a
// bounded horizon; its faults, written out as sentences, are read back to the same faults.
void scenario(std::string_view bytes);

// A fault sentence a line, in a fixed scenario; the first line names the protocol.
void faults(std::string_view bytes);

// Results of a sweep: what is read is written and read again to the same bytes, and summed up.
void results(std::string_view bytes);

// A schedule of a scenario of the order domain: what is read is written and read again to the same,
// and its choices are taken as far as they are possible.
void schedules(std::string_view bytes);

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
};
inline constexpr Target kTargets[] = {
    {"scenario", scenario}, {"faults", faults}, {"results", results}, {"schedules", schedules}};

}  // namespace txsim::fuzz
