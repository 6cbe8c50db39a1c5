// What TCC promises, held against one more fault at every place of every cured scenario, and
// against bad weather.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "runs/run.h"
#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

// Lasts one message delay, and long enough for every retry to run out meanwhile.
const std::vector<Duration> kDowns = {milliseconds(1), milliseconds(4500)};
constexpr std::uint64_t kSeeds = 250;  // of each of the settings of the weather

using Settings = std::vector<std::string>;

// What the operator decides is not promised: there the scheduler goes on instead.
const std::vector<std::string> kPending = {"pending-reserved-reserved.ini",
                                           "pending-confirmed-reserved.ini",
                                           "pending-confirmed-confirmed.ini"};

template <class Visit>
Walked walk_all_promised(Visit&& visit) {
  Walked walked;
  for (const std::string& file : kPending) {
    const Settings settings = {"tcc.pending_policy=retry"};
    const auto scenario = load("scenarios/order/tcc/" + file, settings);
    REQUIRE(why_not_promised(*scenario, ProtocolName::Tcc).empty());
    visit(scenario, settings, walked);
  }
  for (const std::string& file : library_files()) {
    const auto scenario = load(file);
    if (scenario->expectations.empty()) continue;
    if (!why_not_promised(*scenario, ProtocolName::Tcc).empty()) continue;
    visit(scenario, Settings{}, walked);
  }
  return walked;
}

void require_kept(const Walked& walked, const char* what, std::uint64_t least) {
  fmt::print("TCC, {}: {} runs of {} scenarios\n", what, walked.runs, walked.scenarios);
  walked.require_nothing_broken();
  CHECK(walked.scenarios >= 13);
  CHECK(walked.runs >= least / kStride);
}

}  // namespace

TEST_CASE("TCC: a crash of any node after any event breaks no promise") {
  const Walked walked =
      walk_all_promised([](const auto& scenario, const Settings& with, Walked& all) {
        FaultWalk walk(scenario, with);
        for (const Duration down : kDowns) crash_everywhere(walk, down, all);
        all.add(walk);
      });
  require_kept(walked, "crash at every effect boundary", 5'000);
}

TEST_CASE("TCC: the loss of any one message breaks no promise") {
  const Walked walked =
      walk_all_promised([](const auto& scenario, const Settings& with, Walked& all) {
        FaultWalk walk(scenario, with);
        harm_each_message(walk, FaultKind::Drop, {}, all);
        all.add(walk);
      });
  require_kept(walked, "each message lost", 200);
}

TEST_CASE("TCC: a delay of any one message breaks no promise") {
  const Walked walked =
      walk_all_promised([](const auto& scenario, const Settings& with, Walked& all) {
        FaultWalk walk(scenario, with);
        harm_each_message(walk, FaultKind::Slow, seconds(2), all);
        harm_each_message(walk, FaultKind::Slow, seconds(8), all);
        all.add(walk);
      });
  require_kept(walked, "each message late", 400);
}

TEST_CASE("TCC: any one message arriving twice breaks no promise") {
  const Walked walked =
      walk_all_promised([](const auto& scenario, const Settings& with, Walked& all) {
        FaultWalk walk(as_if_repeating(*scenario), with);
        harm_each_message(walk, FaultKind::Duplicate, milliseconds(1), all);
        harm_each_message(walk, FaultKind::Duplicate, seconds(8), all);
        all.add(walk);
      });
  require_kept(walked, "each message twice", 400);
}

// The walk can fail: with a mechanism switched off it finds a fault that breaks a promise, in a
// scenario that breaks none without that fault.
TEST_CASE("TCC: with a mechanism switched off some fault breaks a promise") {
  if (kStride > 1) {
    WARN("a slow build takes too few places to find them");
    return;
  }
  for (const std::string mechanism : {"idempotence", "empty_cancel", "suspension"}) {
    INFO(mechanism);
    const Settings settings = {"tcc." + mechanism + "=off", "tcc.retries=0"};
    const auto scenario = load("scenarios/order/tcc/all-confirm.ini", settings);
    FaultWalk walk(scenario, settings);
    FaultWalk repeating(as_if_repeating(*scenario), settings);
    REQUIRE(walk.run_as_it_is().empty());
    Walked walked;
    harm_each_message(walk, FaultKind::Drop, {}, walked);
    harm_each_message(walk, FaultKind::Slow, seconds(2), walked);
    harm_each_message(repeating, FaultKind::Duplicate, milliseconds(1), walked);
    CHECK(!walked.broken.empty());
    if (!walked.broken.empty()) fmt::print("without {}: {}\n", mechanism, walked.broken.front());
  }
}

namespace {

std::string broken_with(const std::shared_ptr<const Scenario>& scenario) {
  std::string broken;
  try {
    for (const Judgement& judgement : run_scenario(scenario).verdicts.judgements) {
      if (judgement.verdict != Verdict::Violated) continue;
      if (!is_promised(ProtocolName::Tcc, judgement.invariant)) continue;
      broken += fmt::format("\n  {} (event {}): {}", judgement.invariant, judgement.event,
                            judgement.explanation);
    }
  } catch (const std::logic_error& defect) {
    broken = fmt::format("\n  {}", defect.what());
  }
  return broken;
}

Walked sweep(const Settings& settings) {
  constexpr const char* kFile = "tests/runs/weather.ini";
  Walked walked;
  const auto parsed = load(kFile, settings);
  for (std::uint64_t seed = 1; seed <= std::max<std::uint64_t>(kSeeds / kStride, 10); ++seed) {
    auto scenario = std::make_shared<Scenario>(*parsed);
    scenario->seed = seed;
    scenario->workload.seed = seed;
    ++walked.runs;
    const std::string broken = broken_with(scenario);
    if (broken.empty()) continue;
    std::string command = fmt::format("txsim run {} --seed {}", kFile, seed);
    for (const std::string& setting : settings) command += fmt::format(" --set '{}'", setting);
    walked.note(command + broken);
  }
  return walked;
}

// Each with and without: steps in parallel; orders that repeat at an entrance; delays that are all
// alike, so that much happens in one instant; few retries, and pending orders left alone a while.
const std::vector<std::vector<Settings>> kChoices = {
    {{}, {"tcc.parallel=on"}},
    {{},
     {"entrance.enabled=on", "faults.duplication=5%", "workload.retries=2", "workload.repeats=1",
      "workload.repeat_after=300ms"}},
    {{},
     {"network.delay=1ms", "disk.delay=1ms", "service point.disk=2ms",
      "workload.arrivals=every 15ms", "tcc.try_timeout=12ms", "tcc.back_off=2ms",
      "tcc.sweep_after=40ms", "tcc.pending_every=20ms", "tcc.cancel_every=50ms",
      "faults.crash_every=80ms", "faults.crash_for=1ms", "faults.pause_every=150ms",
      "faults.pause_for=2ms", "faults.partition_every=150ms", "faults.partition_for=3ms",
      "faults.quiet_after=200ms"}},
    {{}, {"tcc.retries=0"}, {"tcc.pending_policy=confirm-after", "tcc.retries=1"}}};

}  // namespace

TEST_CASE("TCC: keeps its promises in bad weather") {
  std::vector<Settings> all = {{"scenario.protocol=tcc"}};
  for (const std::vector<Settings>& choice : kChoices) {
    std::vector<Settings> longer;
    for (const Settings& before : all) {
      for (const Settings& more : choice) {
        longer.push_back(before);
        longer.back().insert(longer.back().end(), more.begin(), more.end());
      }
    }
    all = longer;
  }
  std::uint64_t runs = 0;
  for (const Settings& settings : all) {
    const Walked walked = sweep(settings);
    runs += walked.runs;
    walked.require_nothing_broken();
  }
  fmt::print("TCC: {} runs in bad weather\n", runs);
  CHECK((kStride > 1 || runs >= 4'000));
}

}  // namespace txsim::tests
