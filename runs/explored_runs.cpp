#include "runs/explored_runs.h"
#include "runs/world_model.h"

#include <utility>

namespace txsim {

SearchResult each_explored_run(const std::shared_ptr<const Scenario>& scenario,
                               const ExploreSettings& settings,
                               const std::function<void(const RunResult&)>& visit) {
  const WorldModel model(scenario, settings.budget, 0);
  Search<WorldModel> search(model, settings.bounds);
  SearchResult result = search.run();
  const std::shared_ptr<const WorldSpec> spec = model.spec(true);
  const auto expanded = static_cast<std::uint32_t>(result.states - result.unexpanded);
  WorldModel::State state = model.initial(true);
  WorldModel::State next = state;
  const WorldModel::State first = state;
  for (std::uint32_t number = 0; number < expanded; ++number) {
    state = first;
    for (const Visited::Step step : search.visited().way_to(number)) {
      model.make_child(state, step, next);
      std::swap(state, next);
    }
    model.expand(state, next, [&](WorldModel::State& child, Turn, Visited::Step) {
      visit(finish_run(model.scenario(), spec, child.world));
    });
  }
  return result;
}

}  // namespace txsim
