#include "tests/runs/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>

#include "tests/runs/promises.h"
#include "tests/runs/sweep.h"

namespace txsim::tests {
namespace {

template <class Visit>
Walked walk_all_promised(const Coverage& coverage, Visit&& visit) {
  Walked walked;
  const auto walk = [&](const std::string& file, const auto& scenario, const Settings& settings) {
    visit(scenario, settings, walked);
    if (!walks_all()) return;  // without walk-all it takes too long
    fmt::print("{} {}: {} runs so far, {} broken\n", coverage.title, file, walked.runs,
               walked.broken.size());
    std::fflush(stdout);
  };
  for (const auto& [file, settings] : coverage.besides) {
    const auto scenario = load(file, settings);
    INFO(file << ": " << why_not_promised(*scenario));
    REQUIRE(why_not_promised(*scenario).empty());
    walk(file, scenario, settings);
  }
  for (const std::string& file : library_files()) {
    // The library's own scenarios of a mechanism cover the mechanisms that cure incidents.
    if (!walks_all() && file.starts_with("scenarios/incidents/")) continue;
    const auto scenario = load(file);
    if (scenario->protocol != coverage.protocol || scenario->expectations.empty()) continue;
    if (why_not_promised(*scenario).empty()) walk(file, scenario, {});
  }
  return walked;
}

void require_kept(const Coverage& coverage, const Walked& walked, const char* what,
                  std::uint64_t least) {
  fmt::print("{}, {}: {} runs of {} scenarios\n", coverage.title, what, walked.runs,
             walked.scenarios);
  walked.require_nothing_broken();
  CHECK(walked.scenarios >= coverage.least.scenarios);
  CHECK(walked.runs >= least / kStride / shard().parts);
}

// Stops at the first broken promise.
std::string first_broken(const Walkable& walkable, const std::string& mechanism) {
  Settings settings = walkable.settings;
  settings.push_back(mechanism);
  const auto scenario = load(walkable.file, settings);
  FaultWalk walk(scenario, settings);
  if (!walk.run_as_it_is().empty()) return {};
  FaultWalk repeating(as_if_repeating(*scenario), settings);
  Walked walked;
  const auto is_found = [&] { return !walked.broken.empty(); };
  harm_each_message(walk, FaultKind::Drop, {}, walked);
  if (!is_found()) harm_each_message(walk, FaultKind::Slow, seconds(2), walked);
  if (!is_found()) harm_each_message(repeating, FaultKind::Duplicate, milliseconds(1), walked);
  for (const Duration down : {milliseconds(1), milliseconds(2500)}) {
    if (!is_found()) crash_everywhere(walk, down, walked);
  }
  return is_found() ? walked.broken.front() : std::string();
}

}  // namespace

const std::vector<Coverage>& coverages() {
  static const std::vector<Coverage> all = {
      two_phase_commit_coverage(), three_phase_commit_coverage(), tcc_coverage(),
      saga_orchestration_coverage(), saga_choreography_coverage()};
  return all;
}

void hold_in_crashes(const Coverage& coverage) {
  const Walked walked =
      walk_all_promised(coverage, [&](const auto& scenario, const Settings& settings, Walked& all) {
        FaultWalk walk(scenario, settings);
        for (const Duration down : coverage.downs) crash_everywhere(walk, down, all);
        all.add(walk);
      });
  require_kept(coverage, walked, "crash at every effect boundary", coverage.least.crashes);
}

void hold_in_losses(const Coverage& coverage) {
  const Walked walked =
      walk_all_promised(coverage, [&](const auto& scenario, const Settings& settings, Walked& all) {
        FaultWalk walk(scenario, settings);
        harm_each_message(walk, FaultKind::Drop, {}, all);
        all.add(walk);
      });
  require_kept(coverage, walked, "each message lost", coverage.least.losses);
}

void hold_in_delays(const Coverage& coverage) {
  const Walked walked =
      walk_all_promised(coverage, [&](const auto& scenario, const Settings& settings, Walked& all) {
        FaultWalk walk(scenario, settings);
        for (const Duration delay : coverage.delays) {
          harm_each_message(walk, FaultKind::Slow, delay, all);
        }
        all.add(walk);
      });
  require_kept(coverage, walked, "each message late", coverage.least.delays);
}

void hold_in_copies(const Coverage& coverage) {
  const Walked walked =
      walk_all_promised(coverage, [&](const auto& scenario, const Settings& settings, Walked& all) {
        FaultWalk walk(as_if_repeating(*scenario), settings);
        for (const Duration delay : coverage.copies) {
          harm_each_message(walk, FaultKind::Duplicate, delay, all);
        }
        all.add(walk);
      });
  require_kept(coverage, walked, "each message twice", coverage.least.copies);
}

void hold_in_bad_weather(const Coverage& coverage, const Settings& with) {
  Sweep sweep(coverage, with);
  Walked walked;
  const std::uint64_t seeds =
      std::max<std::uint64_t>(coverage.seeds / kStride, TXSIM_SANITIZED ? 1 : 3);
  for (std::size_t combination = 0; combination < sweep.combinations(); ++combination) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) walked.note(sweep.run(combination, seed));
  }
  const Sweep::Met& met = sweep.met();
  fmt::print("{}, bad weather{}{}: {} runs, {} crashes, pauses and partitions\n", coverage.title,
             with.empty() ? "" : " with ", fmt::join(with, " "), met.runs, met.failures);
  walked.require_nothing_broken();
  CHECK((kStride > 1 || met.runs >= coverage.least.storms));
  // The weather causes many failures, and orders still complete.
  CHECK(met.failures > 10 * met.runs);
  CHECK(met.lost > 10 * met.runs);
  CHECK(met.duplicated > met.runs);
  CHECK(met.committed > met.runs);
  CHECK(met.not_committed > met.runs);
}

void find_broken(const std::vector<std::string>& mechanisms,
                 const std::vector<Walkable>& scenarios) {
  if (kStride > 1) {
    WARN("a slow build takes too few places to find them");
    return;
  }
  for (const Walkable& walkable : scenarios) {
    REQUIRE(why_not_promised(*load(walkable.file, walkable.settings)).empty());
  }
  for (const std::string& mechanism : mechanisms) {
    std::string broken;
    for (const Walkable& walkable : scenarios) {
      if (broken.empty()) broken = first_broken(walkable, mechanism);
    }
    INFO(mechanism);
    CHECK(!broken.empty());
    fmt::print("{}: {}\n", mechanism, broken);
  }
}

}  // namespace txsim::tests
