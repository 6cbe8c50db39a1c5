// The runs of a sweep equal single runs, and the order of summation does not matter.
#include <catch2/catch.hpp>

#include <algorithm>

#include "protocols/registry.h"
#include "runs/matrix.h"
#include "runs/sweep.h"
#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

constexpr const char* kStorm = "scenarios/order/two-phase-commit/storm.ini";

}  // namespace

TEST_CASE("sweep: a run equals txsim run with the same seed") {
  const SweepCell cell(load(kStorm), {});
  CHECK(cell.draws());
  for (const char* seed : {"1", "7", "99"}) {
    const SweepRun run = cell.run(std::stoull(seed));
    const RunResult single = run_scenario(load(kStorm, {std::string("scenario.seed=") + seed}));
    CHECK(run.digest == single.digest);
    CHECK(run.events == single.statistics.events);
    CHECK(run.verdicts.size() == single.verdicts.judgements.size());
    CHECK(run.counters.latency.total == single.verdicts.counters.latency.total);
    CHECK(run.lost == single.statistics.lost);
  }
}

TEST_CASE("sweep: runs go seed by seed, and shards divide them completely") {
  SweepPlan plan;
  plan.cells.emplace_back(load(kStorm), std::vector<std::string>{});
  plan.cells.emplace_back(load(kStorm, {"faults.loss=0"}), std::vector<std::string>{});
  plan.first_seed = 5;
  plan.seeds = 3;
  CHECK(plan.runs() == 6);
  const SweepRun run = plan.run(3);
  CHECK(run.cell == 1);
  CHECK(run.seed == 6);
  for (const std::uint64_t of : {1, 2, 4, 6, 9}) {
    std::uint64_t sum = 0;
    for (std::uint64_t index = 0; index < of; ++index) sum += plan.runs(txsim::Shard{index, of});
    CHECK(sum == 6);
  }
}

TEST_CASE("sweep: a run that reuses the memory of another run gives the same result") {
  std::vector<SweepCell> cells;
  for (const std::string& protocol : protocol_names()) {
    const std::string setting = "scenario.protocol=" + protocol;
    cells.emplace_back(load("tests/runs/weather.ini", {setting}), std::vector<std::string>{});
    cells.emplace_back(load(kStorm, {setting}), std::vector<std::string>{});
  }
  SweepRoom room;
  for (const std::uint64_t seed : {3, 4, 3}) {
    for (const SweepCell& cell : cells) {
      const SweepRun run = cell.run(seed, room);
      const SweepRun alone = cell.run(seed);
      INFO(cell.scenario().protocol_name());
      CHECK(run.digest == alone.digest);
      CHECK(run.events == alone.events);
      CHECK(run.verdicts == alone.verdicts);
      CHECK(run.latencies == alone.latencies);
      CHECK(std::equal(std::begin(run.counters.endings), std::end(run.counters.endings),
                       std::begin(alone.counters.endings)));
      CHECK(run.forced == alone.forced);
      CHECK(run.fault_coverage.size() == alone.fault_coverage.size());
    }
  }
}

TEST_CASE("sweep: a sample has its share of each cell and of each shard") {
  constexpr std::uint64_t kRuns = 100'000;
  for (const std::uint64_t of : {1U, 2U, 3U, 4U, 6U, 20U}) {
    std::vector<std::uint64_t> sampled(of);
    for (std::uint64_t number = 0; number < kRuns; ++number) {
      if (SweepPlan::samples(number, 50)) ++sampled[number % of];
    }
    for (const std::uint64_t count : sampled) {
      CHECK(count > kRuns / of / 25);
      CHECK(count < kRuns / of / 16);
    }
  }
  CHECK_FALSE(SweepPlan::samples(7, 0));
  CHECK(SweepPlan::samples(7, 1000));
}

TEST_CASE("sweep: a scenario without random draws is recognised") {
  CHECK_FALSE(SweepCell(load("scenarios/order/two-phase-commit/commit.ini"), {}).draws());
  CHECK(SweepCell(load("scenarios/order/two-phase-commit/commit.ini", {"network.loss=1%"}), {})
            .draws());
}

TEST_CASE("sweep: random draws of services count under their protocol only") {
  const auto draws = [](const std::string& protocol, const std::string& visible_after) {
    return SweepCell(load("scenarios/order/two-phase-commit/commit.ini",
                          {"scenario.protocol=" + protocol,
                           "expect.that=", "saga-choreography.visible_after=" + visible_after}),
                     {})
        .draws();
  };
  CHECK(draws("saga-choreography", "1ms to 9ms"));
  CHECK_FALSE(draws("saga-choreography", "5ms"));
  CHECK_FALSE(draws("two-phase-commit", "1ms to 9ms"));
}

TEST_CASE("sweep: duration classes are in order, and exceed their members by less than 1/32") {
  std::uint32_t before = 0;
  for (std::int64_t ns = 0; ns < 4'000'000'000'000; ns += 1 + ns / 7) {
    const std::uint32_t one = duration_class({ns});
    CHECK(one >= before);
    CHECK(longest_of_class(one).ns >= ns);
    CHECK(longest_of_class(one).ns <= ns + ns / 32);
    CHECK(duration_class(longest_of_class(one)) == one);
    CHECK(duration_class({longest_of_class(one).ns + 1}) == one + 1);
    before = one;
  }
}

TEST_CASE("sweep: a crash is counted for the phase and the role that it hits") {
  const auto crashed_in = [](const char* when, Part part, Phase phase) {
    const SweepCell cell(load("scenarios/order/two-phase-commit/commit.ini",
                              {std::string("faults.fault=crash ") + when + " for 1s"}),
                         {});
    for (const FaultCount& met : cell.run(1).fault_coverage) {
      const bool here = met.part == part && met.phase == static_cast<std::uint8_t>(phase);
      if (met.fault == FaultEffect::Crash && here) return met.count;
    }
    return std::uint32_t{0};
  };
  CHECK(crashed_in("order when order sends Commit, 1st", Part::Coordinator, Phase::Finishing) == 1);
  CHECK(crashed_in("order when order sends Prepare, 1st", Part::Coordinator, Phase::Deciding) == 1);
  CHECK(crashed_in("product when product sends VoteYes, 1st", Part::Participant, Phase::Deciding) ==
        1);
  CHECK(crashed_in("product when product receives Update, 1st", Part::Participant,
                   Phase::Working) == 1);
  CHECK(crashed_in("order when order sends Commit, 1st", Part::Participant, Phase::Finishing) == 0);
}

}  // namespace txsim::tests
