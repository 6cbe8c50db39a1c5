#include "runs/states_of_orders.h"

#include <algorithm>
#include <utility>

#include "runs/world_model.h"

namespace txsim {
namespace {

// Fingerprint, number, predecessor and choice at the highest load of the table, and one successor.
constexpr std::uint64_t kFewestBytes = 36;

}  // namespace

bool StatesOfOrders::exceed(std::uint64_t states) const {
  if (of_one < 2) return false;
  std::uint64_t product = 1;
  for (std::uint64_t order = 0; order < together; ++order) {
    if (product > states / of_one) return true;
    product *= of_one;
  }
  return false;
}

StatesOfOrders states_of_orders(const Scenario& scenario, const ExploreSettings& settings) {
  constexpr std::uint64_t kMost = 10'000;
  const Workload& workload = scenario.workload;
  StatesOfOrders all;
  all.together = workload.orders;
  if (workload.arrivals == Arrivals::ClosedLoop) {
    all.together = std::min<std::uint64_t>(workload.orders, workload.clients);
  }
  if (all.together <= 1) return all;
  auto one = std::make_shared<Scenario>(scenario);
  one->workload.orders = 1;
  one->faults.clear();
  one->random_faults = {};
  SearchBounds bounds = settings.bounds;
  bounds.states = std::min(bounds.states, kMost);
  bounds.jobs = 1;
  const WorldModel model(std::move(one), {}, 0, settings.reductions);
  const SearchResult result = search(model, bounds);
  all.of_one = result.states;
  all.are_all_counted = result.end == SearchEnd::Exhausted;
  return all;
}

std::uint64_t most_states(const SearchBounds& bounds) {
  return std::min(bounds.states, bounds.memory / kFewestBytes);
}

}  // namespace txsim
