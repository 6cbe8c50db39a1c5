// The walk over crashes and messages can fail: with a mechanism switched off it finds a fault that
// breaks a promise, in a scenario that breaks none without that fault.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

const std::string kFolder = "scenarios/order/two-phase-commit/";

struct Walkable {
  std::string file;
  std::vector<std::string> settings;
};

// Two participants in each variant, two transactions that meet, three participants.
const std::vector<Walkable> kScenarios = {
    {kFolder + "basic.ini", {}},
    {kFolder + "presumed-commit.ini", {}},
    {kFolder + "lock-wait.ini", {}},
    {kFolder + "one-no-of-three.ini", {"service point.resource=balance 1000"}}};

std::string first_broken(FaultWalk& walk, FaultWalk& repeating) {
  Walked walked;
  for (const Duration down : {milliseconds(1), milliseconds(2500)}) {
    crash_everywhere(walk, down, walked);
  }
  harm_each_message(walk, FaultKind::Drop, {}, walked);
  harm_each_message(walk, FaultKind::Slow, seconds(2), walked);
  harm_each_message(repeating, FaultKind::Duplicate, milliseconds(1), walked);
  return walked.broken.empty() ? "" : walked.broken.front();
}

std::string first_broken_without(const std::string& mechanism) {
  for (const auto& [file, more] : kScenarios) {
    REQUIRE(why_not_promised(*load(file, more)).empty());
    std::vector<std::string> settings = more;
    settings.push_back("two-phase-commit." + mechanism + "=off");
    const auto scenario = load(file, settings);
    FaultWalk walk(scenario, settings);
    if (!walk.run_as_it_is().empty()) continue;
    FaultWalk repeating(as_if_repeating(*scenario), settings);
    const std::string broken = first_broken(walk, repeating);
    if (!broken.empty()) return broken;
  }
  return {};
}

TEST_CASE("2PC: with a mechanism switched off some fault breaks a promise") {
  if (kStride > 1) {
    WARN("a slow build takes too few places to find them");
    return;
  }
  for (const std::string mechanism : {"force_prepare", "force_commit", "force_decision", "resend",
                                      "unanimity", "votes_as_set", "hold_locks"}) {
    const std::string broken = first_broken_without(mechanism);
    INFO(mechanism);
    CHECK(!broken.empty());
    fmt::print("{} off: {}\n", mechanism, broken);
  }
}

}  // namespace
}  // namespace txsim::tests
