// Benchmarks of the kernel (W1) and of two-phase commit with everything on (W2): see README.md.
// Counters: "each" is the time of one delivery or one transaction.
#include <benchmark/benchmark.h>

#include <memory>

#include "bench/workloads.h"
#include "sim/assert.h"

namespace txsim::bench {
namespace {

benchmark::Counter time_of_each(std::uint64_t count) {
  return {static_cast<double>(count),
          benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert};
}

// W1. Arguments: messages in flight.
void messages(benchmark::State& state) {
  constexpr std::uint64_t kDeliveries = 2'000'000;
  const auto in_flight = static_cast<std::uint32_t>(state.range(0));
  World world = message_world(1000, in_flight);
  for (std::uint32_t i = 0; i < in_flight; ++i) world.step();  // until everything is warm
  for (auto iteration : state) {
    static_cast<void>(iteration);
    for (std::uint64_t i = 0; i < kDeliveries; ++i) world.step();
  }
  state.counters["each"] = time_of_each(kDeliveries);
}
BENCHMARK(messages)
    ->Name("W1/in_flight")
    ->Arg(1'000)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond);

// W2. Arguments: clients at a time, transactions.
void commits(benchmark::State& state, const CommitLoad& settings, Checks checks) {
  CommitLoad load = settings;
  load.clients = static_cast<std::uint32_t>(state.range(0));
  load.orders = static_cast<std::uint64_t>(state.range(1));
  const auto scenario = commit_scenario(load);
  std::uint64_t messages_sent = 0;
  for (auto iteration : state) {
    static_cast<void>(iteration);
    state.PauseTiming();
    auto world = std::make_unique<World>(commit_world(*scenario, checks));
    state.ResumeTiming();
    world->run(kEndOfTime);
    state.PauseTiming();
    messages_sent = world->statistics().sent;
    TXSIM_ASSERT(world->statistics().messages(word("Commit")) == 3 * load.orders,
                 "a benchmark in which not every transaction commits");
    world.reset();
    state.ResumeTiming();
  }
  state.counters["each"] = time_of_each(load.orders);
  state.counters["messages"] =
      static_cast<double>(messages_sent) / static_cast<double>(load.orders);
}
BENCHMARK_CAPTURE(commits, everything, CommitLoad{}, Checks::On)
    ->Name("W2/clients/transactions")
    ->Args({32, 200'000})
    ->Args({4, 200'000})
    ->Args({400, 200'000})
    ->Args({4'000, 200'000})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(commits, broad, (CommitLoad{.kinds = 8'000}), Checks::On)
    ->Name("W2 with 8000 kinds/clients/transactions")
    ->Args({4, 200'000})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(commits, no_checks, CommitLoad{}, Checks::Off)
    ->Name("W2 without checks/clients/transactions")
    ->Args({32, 200'000})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(commits, updates_first, (CommitLoad{.with_prepare = false}), Checks::On)
    ->Name("W2 with updates before Prepare/clients/transactions")
    ->Args({32, 200'000})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(commits, disk, (CommitLoad{.disk = microseconds(100)}), Checks::On)
    ->Name("W2 with forced writes of 0.1 ms/clients/transactions")
    ->Args({32, 200'000})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace txsim::bench

BENCHMARK_MAIN();
