// Compares the two judges on many random scenarios.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace txsim::reference {

struct RandomRuns {
  std::uint64_t runs = 0;
  std::uint64_t first_seed = 1;
  std::uint64_t part = 1;  // this shard, from 1; it takes every `parts`-th run
  std::uint64_t parts = 1;
  bool stops_at_first = false;  // stops at the first finding
};

struct FoundKind {
  std::uint64_t times = 0;
  std::uint64_t first = 0;  // number of the shortest scenario
  std::string text;         // the shortest scenario
  std::string why;
};

struct FoundInRuns {
  std::map<std::string, FoundKind> kinds;
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  std::uint64_t too_long = 0;  // runs that were not compared
  bool stopped = false;
};

// Half of the runs have all mechanisms on.
FoundInRuns find_in_random_runs(const RandomRuns& runs);
// The shrunk scenario of a finding. Comments at its top describe the finding.
std::string as_scenario(const std::string& kind, const FoundKind& found);

}  // namespace txsim::reference
