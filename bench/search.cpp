// The search on the TwoPhase specification with no reduction, as SPIN, TLC and Stateright are
// measured on it; and on txsim's own two-phase commit, with logs, locks and checks: see README.md.
// Counters: states met and transitions taken a second, bytes a state.
#include "runs/search.h"

#include <benchmark/benchmark.h>

#include "bench/workloads.h"
#include "runs/world_model.h"
#include "tests/models/packed_two_phase.h"

namespace txsim::bench {
namespace {

template <class Model>
void measure(benchmark::State& state, const Model& model, unsigned jobs) {
  SearchBounds bounds;
  bounds.jobs = jobs;
  SearchResult result;
  for (auto iteration : state) {
    static_cast<void>(iteration);
    result = search(model, bounds);
  }
  const auto a_second = [&](std::uint64_t count) {
    return benchmark::Counter(static_cast<double>(count),
                              benchmark::Counter::kIsIterationInvariantRate);
  };
  state.counters["states"] = a_second(result.states);
  state.counters["transitions"] = a_second(result.transitions);
  state.counters["bytes"] =
      static_cast<double>(result.most_bytes) / static_cast<double>(result.states);
}

// Arguments: resource managers, jobs.
void two_phase_states(benchmark::State& state) {
  measure(state, models::PackedTwoPhase(static_cast<int>(state.range(0))),
          static_cast<unsigned>(state.range(1)));
}
BENCHMARK(two_phase_states)
    ->Name("TwoPhase/managers/jobs")
    ->Args({7, 1})
    ->Args({8, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// One transaction over three participants, forced writes that take time, a loss. Arguments: jobs.
void commit_states(benchmark::State& state) {
  const CommitLoad load{
      .clients = 1, .orders = 1, .kinds = 1, .disk = microseconds(100), .with_prepare = true};
  const WorldModel model(commit_scenario(load), {.losses = 1}, (1U << 14) - 1);
  measure(state, model, static_cast<unsigned>(state.range(0)));
}
BENCHMARK(commit_states)
    ->Name("two-phase commit/jobs")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace txsim::bench
