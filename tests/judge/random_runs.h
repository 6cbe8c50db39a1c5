// Holds the two judges against each other on many random scenarios.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace txsim::reference {

struct RandomRuns {
  std::uint64_t runs = 0;
  std::uint64_t first_seed = 1;
  std::uint64_t part = 1;  // takes every `parts`-th run, from this one on
  std::uint64_t parts = 1;
  bool stops_at_first = false;  // finding
};

struct FoundKind {
  std::uint64_t times = 0;
  std::uint64_t first = 0;  // the number of the shortest scenario
  std::string text;         // that scenario
  std::string why;
};

struct FoundInRuns {
  std::map<std::string, FoundKind> kinds;
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  std::uint64_t too_long = 0;  // not compared
  bool stopped = false;
};

// Half of the runs have all mechanisms on.
FoundInRuns find_in_random_runs(const RandomRuns& runs);
// The finding made small, as a scenario that says in comments what it shows.
std::string as_scenario(const std::string& kind, const FoundKind& found);

}  // namespace txsim::reference
