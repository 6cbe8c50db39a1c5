// Runs long enough that checkpoints replace logs between crashes. A promise breaks if a checkpoint
// omits state or recovery misreads it.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "protocols/registry.h"
#include "runs/run.h"
#include "runs/sweep.h"
#include "tests/runs/coverage.h"
#include "tests/runs/promises.h"

namespace txsim::tests {
namespace {

constexpr const char* kFile = "tests/runs/long_weather.ini";

void hold_for_long(const Settings& settings, std::uint64_t seeds) {
  const SweepCell cell(load(kFile, settings), {});
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    INFO(fmt::format("txsim run {} --seed {} --set {}", kFile, seed,
                     fmt::join(settings, " --set ")));
    CHECK(keeps_promises(cell.scenario(), cell.run(seed).verdicts));
  }
}

bool has_checkpoint_before_crash(const Trace& trace) {
  const auto is = [](EventKind kind) {
    return [kind](const TraceRecord& record) { return record.kind == kind; };
  };
  const auto first = std::find_if(trace.begin(), trace.end(), is(EventKind::Checkpointed));
  return std::find_if(first, trace.end(), is(EventKind::Crashed)) != trace.end();
}

constexpr std::uint64_t kSeeds = TXSIM_SANITIZED ? 1 : 6;

}  // namespace

TEST_CASE("every protocol: it keeps its promises if crashes follow checkpoints") {
  for (const Coverage& coverage : coverages()) {
    const Settings settings = {fmt::format("scenario.protocol={}", coverage.protocol->name())};
    RunOptions options;
    options.keep_trace = true;
    CHECK(has_checkpoint_before_crash(run_scenario(load(kFile, settings), options).trace));
    hold_for_long(settings, kSeeds);
  }
}

TEST_CASE("2PC: each variant keeps its promises if crashes follow checkpoints") {
  for (const char* variant : {"basic", "presumed-commit"}) {
    hold_for_long({fmt::format("two-phase-commit.variant={}", variant)}, kSeeds);
  }
}

}  // namespace txsim::tests
