// The long, hidden version of the sweep over bad weather. scripts/sweep runs it. TXSIM_PROTOCOL
// names the protocol, TXSIM_RUNS is the number of runs. TXSIM_SHARD=1/2 takes the first half, so
// that two processes can share the work. TXSIM_FIRST_SEED (1) continues after an earlier sweep.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

#include "protocols/registry.h"
#include "scenarios/values.h"
#include "tests/runs/sweep.h"

namespace txsim::tests {
namespace {

constexpr std::size_t kMostTold = 20;

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

std::uint64_t number(std::string_view text) {
  return parse_whole(text, 1'000'000'000'000, "1000000");
}

const Coverage* find_coverage(const std::string& protocol) {
  for (const Coverage& coverage : coverages()) {
    if (coverage.protocol->name() == protocol) return &coverage;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("sweep: a protocol keeps its promises in bad weather for very many runs", "[.long]") {
  const std::string protocol = environment("TXSIM_PROTOCOL", "two-phase-commit");
  const Coverage* coverage = find_coverage(protocol);
  INFO("TXSIM_PROTOCOL=" << protocol);
  REQUIRE(coverage != nullptr);
  const std::uint64_t runs = number(environment("TXSIM_RUNS", "10000"));
  const std::uint64_t first_seed = number(environment("TXSIM_FIRST_SEED", "1"));
  const auto [part, parts] = shard();
  const std::string which = fmt::format("{}/{}", part, parts);

  Sweep sweep(*coverage);
  std::uint64_t broken = 0;
  const std::uint64_t mine = runs / parts + (part <= runs % parts ? 1 : 0);
  for (std::uint64_t done = 0; done < mine; ++done) {
    const std::uint64_t run = done * parts + part - 1;
    const std::string told =
        sweep.run(run % sweep.combinations(), first_seed + run / sweep.combinations());
    if (!told.empty() && ++broken <= kMostTold) fmt::print("{}\n", told);
    if ((done + 1) % std::max<std::uint64_t>(mine / 10, 1) == 0) {
      fmt::print("{} {}: {} of {} runs, {} broken\n", protocol, which, done + 1, mine, broken);
      std::fflush(stdout);
    }
  }
  const Sweep::Met& met = sweep.met();
  fmt::print(
      "{} {}: {} runs of {} combinations, {} events, {} failures, {} messages lost, {} twice; "
      "{} transactions committed, {} not; {} runs broken\n",
      protocol, which, met.runs, sweep.combinations(), met.events, met.failures, met.lost,
      met.duplicated, met.committed, met.not_committed, broken);
  CHECK(broken == 0);
}

}  // namespace txsim::tests
