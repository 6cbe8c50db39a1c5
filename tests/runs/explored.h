// Explorations that tests compare with each other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runs/explore.h"
#include "runs/visited.h"
#include "runs/world_model.h"

namespace txsim::tests {

ExploreResult explored(const std::shared_ptr<const Scenario>& scenario, const FaultBudget& budget,
                       const Reductions& reductions, std::uint64_t states, unsigned jobs = 1);

// The result of a search, without its counts.
std::string verdict(const ExploreResult& result);

// Parses a scenario. Fails the test if it has errors.
std::shared_ptr<const Scenario> parsed(const std::string& text);

// A scenario whose order uses n interchangeable services, updated and asked at once.
std::shared_ptr<const Scenario> alike(int n);

// Visits every state of a model without any reduction, and calls `look` on each.
template <class Look>
std::size_t for_each_state(const WorldModel& model, std::size_t most, Look&& look) {
  Visited visited;
  std::vector<WorldModel::State> waiting = {model.initial()};
  visited.meet(model.fingerprint(waiting.front()), Visited::kNone, 0);
  for (std::size_t next = 0; next < waiting.size() && waiting.size() < most; ++next) {
    const WorldModel::State state = waiting[next];
    look(state);
    WorldModel::State child = state;
    const auto options = static_cast<Visited::Step>(model.options(state).size());
    for (Visited::Step step = 0; step < options; ++step) {
      model.make_child(state, step, child);
      if (visited.meet(model.fingerprint(child), 0, step).is_new) waiting.push_back(child);
    }
  }
  return waiting.size();
}

}  // namespace txsim::tests
