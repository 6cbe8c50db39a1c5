#include "tests/runs/explored.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "scenarios/language.h"

namespace txsim::tests {

ExploreResult explored(const std::shared_ptr<const Scenario>& scenario, const FaultBudget& budget,
                       const Reductions& reductions, std::uint64_t states, unsigned jobs) {
  ExploreSettings settings;
  settings.budget = budget;
  settings.bounds.jobs = jobs;
  settings.bounds.states = states;
  settings.reductions = reductions;
  return explore(scenario, settings);
}

std::string verdict(const ExploreResult& result) {
  if (!result.counterexample) {
    return result.search.end == SearchEnd::Exhausted ? "exhausted" : "not exhausted";
  }
  const Counterexample& found = *result.counterexample;
  if (found.loop > 0) return "violated: " + found.schedule.violated + " by a loop";
  return fmt::format("violated: {} {} {} choices", found.schedule.violated,
                     found.is_at_end ? "in the end after" : "after", found.schedule.steps.size());
}

std::shared_ptr<const Scenario> parsed(const std::string& text) {
  const ParsedScenario parsed = parse_scenario("text.ini", [&](const std::string&) {
    FileText file;
    file.text = text;
    return file;
  });
  for (const ScenarioError& error : parsed.errors) UNSCOPED_INFO(txsim::text(error));
  REQUIRE(parsed.scenario);
  return parsed.scenario;
}

std::shared_ptr<const Scenario> alike(int n) {
  std::string text =
      "[scenario]\ntitle = alike\nprotocol = two-phase-commit\n[two-phase-commit]\n"
      "with_prepare = on\n[service order]\nrecords = orders\n";
  std::string steps;
  for (int i = 1; i <= n; ++i) {
    text += fmt::format("[service p{}]\nresource = stock 100\n", i);
    steps += fmt::format("step = take 1 stock at p{}\n", i);
  }
  text += "[transaction order]\nbegins_at = order\nstep = create orders at order\n" + steps +
          "step = complete orders at order\n[network]\ndelay = 1ms\n[disk]\ndelay = 2ms\n"
          "[idempotent-receiver]\nenabled = off\n";
  return parsed(text);
}

}  // namespace txsim::tests
