// Bad weather: the same orders under different random faults for each seed, with every combination
// of a protocol's choices of settings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runs/sweep.h"
#include "tests/runs/coverage.h"

namespace txsim::tests {

class Sweep {
 public:
  explicit Sweep(const Coverage& coverage, const Settings& with = {});

  std::size_t combinations() const { return combinations_.size(); }
  // The broken promises and the command that reproduces them; empty if there are none.
  std::string run(std::size_t combination, std::uint64_t seed);

  // Failures and outcomes of the runs so far.
  struct Met {
    std::uint64_t runs = 0;
    std::uint64_t events = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t failures = 0;  // crashes, pauses, partitions
    std::uint64_t committed = 0;
    std::uint64_t not_committed = 0;
  };
  const Met& met() const { return met_; }

 private:
  struct Combination {
    Settings settings;
    SweepCell cell;
  };
  std::vector<Combination> combinations_;
  Met met_;
};

}  // namespace txsim::tests
