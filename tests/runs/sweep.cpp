#include "tests/runs/sweep.h"

#include <fmt/format.h>

#include <algorithm>

#include "runs/run.h"
#include "scenarios/language.h"
#include "tests/runs/promises.h"

namespace txsim::tests {
namespace {

constexpr const char* kFile = "tests/runs/weather.ini";

// The file's weather; few messages arrive; short crashes at a high rate; pauses and partitions at a
// high rate.
const std::vector<Settings> kWeathers = {
    {},
    {"faults.loss=25%"},
    {"faults.crash_every=900ms", "faults.crash_for=1ms to 300ms"},
    {"faults.partition_every=1500ms", "faults.pause_every=1500ms", "faults.crash_every=10s"}};

std::string_view key_of(std::string_view setting) { return setting.substr(0, setting.find('=')); }

// Each key occurs once. A later setting overrides an earlier one.
Settings merged(Settings settings, const Settings& over) {
  for (const std::string& setting : over) {
    std::erase_if(settings, [&](const std::string& old) { return key_of(old) == key_of(setting); });
    settings.push_back(setting);
  }
  return settings;
}

}  // namespace

Sweep::Sweep(const Coverage& coverage, const Settings& with) {
  std::vector<Settings> all = {{fmt::format("scenario.protocol={}", coverage.protocol->name())}};
  const auto multiply = [&](const std::vector<Settings>& choice) {
    std::vector<Settings> longer;
    for (const Settings& before : all) {
      for (const Settings& more : choice) longer.push_back(merged(before, more));
    }
    all = longer;
  };
  multiply(kWeathers);
  for (const std::vector<Settings>& choice : coverage.choices) multiply(choice);
  multiply({with});
  for (Settings& settings : all) {
    auto scenario = load(kFile, settings);
    combinations_.push_back({std::move(settings), SweepCell(std::move(scenario), {})});
  }
}

std::string Sweep::run(std::size_t combination, std::uint64_t seed) {
  const Combination& chosen = combinations_[combination];
  std::string broken;
  ++met_.runs;
  try {
    const SweepRun run = chosen.cell.run(seed);
    met_.events += run.events;
    met_.lost += run.lost;
    met_.duplicated += run.duplicated;
    met_.failures += run.failures;
    for (std::size_t i = 0; i < kEndings; ++i) {
      const bool committed = static_cast<Ending>(i) == Ending::Committed;
      (committed ? met_.committed : met_.not_committed) += run.counters.endings[i];
    }
    if (!keeps_promises(chosen.cell.scenario(), run.verdicts)) {
      auto scenario = std::make_shared<Scenario>(chosen.cell.scenario());
      scenario->seed = seed;
      broken = broken_promises(run_scenario(scenario));
    }
  } catch (const std::logic_error& defect) {
    broken = fmt::format("\n  {}", defect.what());
  }
  if (broken.empty()) return {};
  std::string command = fmt::format("txsim run {} --seed {}", kFile, seed);
  for (const std::string& setting : chosen.settings) command += fmt::format(" --set '{}'", setting);
  return command + broken;
}

}  // namespace txsim::tests
