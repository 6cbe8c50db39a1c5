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
#include "runs/portions.h"
#include "runs/run.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

namespace txsim {

// Durations in classes of which each is at most 1/32 longer than what it begins with, so that
// distributions of many runs can be added up (as HdrHistogram does).
std::uint32_t duration_class(Duration duration);
Duration longest_of_class(std::uint32_t duration_class);

struct SweepRun;

// Of one thread: the world of its run before, whose memory the next run takes over.
using SweepRoom = std::optional<World>;

// A scenario with the varied keys set, ready to be run with any seed.
class SweepCell {
 public:
  // `varied`: the settings by which it differs from the other cells, "key=value".
  SweepCell(std::shared_ptr<const Scenario> scenario, std::vector<std::string> varied);

  const Scenario& scenario() const { return *scenario_; }
  const std::vector<std::string>& varied() const { return varied_; }
  // Whether a run draws anything at all: else those of all seeds are the same.
  bool draws() const;
  // Throws what a defect throws. Several threads may run one cell.
  SweepRun run(std::uint64_t seed) const;
  SweepRun run(std::uint64_t seed, SweepRoom& room) const;

 private:
  std::shared_ptr<const Scenario> scenario_;
  std::vector<std::string> varied_;
  World not_begun_;
};

// One run in numbers.
struct SweepRun {
  std::uint32_t cell = 0;
  std::uint64_t seed = 0;
  std::uint64_t digest = 0;
  std::uint64_t events = 0;
  Time end;
  std::vector<Verdict> verdicts;  // by invariant, in the order of `invariants()`
  Counters counters;
  // Latencies by their class, ascending; empty where there are too many orders to keep them.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> latencies;
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t refused = 0;
  std::uint64_t forced = 0;    // forced writes of all nodes
  std::uint64_t failures = 0;  // crashes, pauses and fault windows begun
  std::vector<MishapCount> mishaps;
  std::vector<Portion> portions;  // by the cell's expectations over runs

  // Some invariant that counts under the protocol was (runs/promises.h).
  bool is_violated(std::string_view protocol) const;
};

// Which of the runs a machine does: those whose number is `index` modulo `of`.
struct Shard {
  std::uint64_t index = 0;
  std::uint64_t of = 1;
};

// All runs of a sweep in their order: seed by seed, the cells in turn.
struct SweepPlan {
  std::vector<SweepCell> cells;
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 1;

  std::uint64_t runs() const { return seeds * cells.size(); }
  // How many of them are the shard's.
  std::uint64_t runs(const Shard& shard) const {
    return runs() <= shard.index ? 0 : (runs() - shard.index - 1) / shard.of + 1;
  }
  SweepRun run(std::uint64_t number) const;
  SweepRun run(std::uint64_t number, SweepRoom& room) const;
  // Whether the run is one of so many in a thousand, of each cell and of each shard.
  static bool samples(std::uint64_t number, std::uint64_t permille);
};

}  // namespace txsim
