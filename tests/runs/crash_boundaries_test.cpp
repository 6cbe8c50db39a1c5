// Crash at every effect boundary: a node may stop between any two things that any node does, and
// what two-phase commit promises still holds.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

// Lasts one message delay, and long enough for every timeout to run out meanwhile.
const std::vector<Duration> kDowns = {milliseconds(1), milliseconds(2500)};

template <class Visit>
Walked walk_all_promised(Visit&& visit) {
  Walked walked;
  for (const std::string& file : library_files()) {
    const auto scenario = load(file);
    if (scenario->expectations.empty() || !why_not_promised(*scenario).empty()) continue;
    visit(scenario, walked);
  }
  return walked;
}

void require_kept(const Walked& walked, const char* what, std::uint64_t least) {
  fmt::print("{}: {} runs of {} scenarios\n", what, walked.runs, walked.scenarios);
  walked.require_nothing_broken();
  CHECK(walked.scenarios >= 30);
  CHECK(walked.runs >= least / kStride);
}

TEST_CASE("2PC: a crash of any node after any event breaks no promise") {
  const Walked walked = walk_all_promised([](const auto& scenario, Walked& all) {
    FaultWalk walk(scenario);
    for (const Duration down : kDowns) crash_everywhere(walk, down, all);
    all.add(walk);
  });
  require_kept(walked, "crash at every effect boundary", 40'000);
}

TEST_CASE("2PC: the loss of any one message breaks no promise") {
  const Walked walked = walk_all_promised([](const auto& scenario, Walked& all) {
    FaultWalk walk(scenario);
    harm_each_message(walk, FaultKind::Drop, {}, all);
    all.add(walk);
  });
  require_kept(walked, "each message lost", 1'000);
}

TEST_CASE("2PC: a delay of two seconds of any one message breaks no promise") {
  const Walked walked = walk_all_promised([](const auto& scenario, Walked& all) {
    FaultWalk walk(scenario);
    harm_each_message(walk, FaultKind::Slow, seconds(2), all);
    all.add(walk);
  });
  require_kept(walked, "each message late", 1'000);
}

TEST_CASE("2PC: any one message arriving twice breaks no promise") {
  const Walked walked = walk_all_promised([](const auto& scenario, Walked& all) {
    FaultWalk walk(as_if_repeating(*scenario));
    harm_each_message(walk, FaultKind::Duplicate, milliseconds(1), all);
    harm_each_message(walk, FaultKind::Duplicate, seconds(2), all);
    all.add(walk);
  });
  require_kept(walked, "each message twice", 2'000);
}

}  // namespace
}  // namespace txsim::tests
