// Many runs: each seed, with each combination of the keys that are varied, is one run, whose random
// faults are drawn from that seed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checks/verdict.h"
#include "runs/sweep_run.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

namespace txsim {

// One for each thread: the world of its last run, whose memory the next run reuses.
using SweepRoom = std::optional<World>;

// A scenario with the varied keys set, ready to be run with any seed.
class SweepCell {
 public:
  // `varied`: the settings that distinguish it from the other cells, "key=value".
  SweepCell(std::shared_ptr<const Scenario> scenario, std::vector<std::string> varied);

  const Scenario& scenario() const { return *scenario_; }
  const std::vector<std::string>& varied() const { return varied_; }
  // Whether a run draws anything at random. If not, all seeds give the same run.
  bool draws() const;
  // Throws Defect. Several threads may run one cell.
  SweepRun run(std::uint64_t seed) const;
  SweepRun run(std::uint64_t seed, SweepRoom& room) const;

 private:
  std::shared_ptr<const Scenario> scenario_;
  std::vector<std::string> varied_;
  World not_begun_;
};

// The runs of a sweep in order: seed by seed, and for each seed cell by cell.
struct SweepPlan {
  std::vector<SweepCell> cells;
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 1;

  std::uint64_t runs() const { return seeds * cells.size(); }
  // How many of them belong to the shard.
  std::uint64_t runs(const Shard& shard) const {
    return runs() <= shard.index ? 0 : (runs() - shard.index - 1) / shard.of + 1;
  }
  SweepRun run(std::uint64_t number) const;
  SweepRun run(std::uint64_t number, SweepRoom& room) const;
  // Whether the run is in a sample of this many in a thousand, taken from each cell and shard.
  static bool samples(std::uint64_t number, std::uint64_t permille);
};

}  // namespace txsim
