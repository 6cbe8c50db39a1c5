// The search on the TwoPhase specification with no reduction, as SPIN, TLC and Stateright are
// measured on it: see README.md. Counters: states met and transitions taken a second.
#include "runs/search.h"

#include <benchmark/benchmark.h>

#include "tests/models/packed_two_phase.h"

namespace txsim::bench {
namespace {

// Arguments: resource managers, jobs.
void two_phase_states(benchmark::State& state) {
  const models::PackedTwoPhase model(static_cast<int>(state.range(0)));
  SearchBounds bounds;
  bounds.jobs = static_cast<unsigned>(state.range(1));
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
}
BENCHMARK(two_phase_states)
    ->Name("TwoPhase/managers/jobs")
    ->Args({7, 1})
    ->Args({8, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace txsim::bench
