// One run of a sweep, in numbers.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "checks/verdict.h"
#include "runs/portions.h"
#include "sim/time.h"

namespace txsim {

// Classes of durations. The longest duration of a class is at most 1/32 longer than the shortest,
// so distributions of many runs can be added up (as in HdrHistogram).
std::uint32_t duration_class(Duration duration);
Duration longest_of_class(std::uint32_t duration_class);

// One run in numbers.
struct SweepRun {
  std::uint32_t cell = 0;
  std::uint64_t seed = 0;
  std::uint64_t digest = 0;
  std::uint64_t events = 0;
  Time end;
  std::vector<Verdict> verdicts;  // by invariant, in the order of `invariants()`
  Counters counters;
  // Latencies by their class, ascending; empty if there are too many orders to keep them.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> latencies;
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t refused = 0;
  std::uint64_t forced = 0;    // forced writes of all nodes
  std::uint64_t failures = 0;  // crashes, pauses and fault windows that began
  std::vector<FaultCount> fault_coverage;
  std::vector<Portion> portions;  // by the cell's expectations over runs

  // Whether an invariant that counts under the protocol is violated (runs/promises.h).
  bool is_violated(std::string_view protocol) const;
};

// Which of the runs a machine does: those whose number is `index` modulo `of`.
struct Shard {
  std::uint64_t index = 0;
  std::uint64_t of = 1;
};

}  // namespace txsim
