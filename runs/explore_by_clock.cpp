// Where delays have no greatest value, a message that is repeated forever may be under way any
// number of times, and a search that tells all copies apart does not end. So there are several ways
// to search: each copy apart, or more than 0, 1 or 3 equal copies as "one or more"
// (sim/world_copies.cpp). They take turns, with ten times as many states in each round, until one
// of them ends.
//
// Joined copies can do more than real ones. So a way that finds a violation must find it with each
// copy apart, too (runs/follow.h); otherwise the way is dropped. A way that is exhausted has proved
// that nothing is violated.
#include "runs/explore_by_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "checks/verdict.h"
#include "runs/follow.h"
#include "runs/found_run.h"
#include "sim/assert.h"
#include "sim/symbolic_clock.h"

namespace txsim {
namespace {

constexpr std::array<std::uint64_t, 3> kStatesOfRounds = {20'000, 200'000, 2'000'000};
// A loop counts as possible if it can be taken so many times.
constexpr std::size_t kRoundsOfLoop = 8;

bool is_lost(const WorldModel& model) { return model.lost().what != LostTrack::What::Nothing; }

std::string lost_text(const WorldModel& model) {
  const LostTrack lost = model.lost();
  const std::string node = lost.node == kNoNode ? "" : model.scenario()->plan.nodes[lost.node];
  switch (lost.what) {
    case LostTrack::What::ClockRead:
      return node + " reads its clock (Context::now), which has no one time";
    case LostTrack::What::TimerAtRate:
      return node +
             " restarts while its clock runs fast or slow, and times what is left of a period";
    case LostTrack::What::TooManyMoments:
      return fmt::format("a step depends on the order of more than {} moments", Answers::kMost);
    case LostTrack::What::Nothing:
      break;
  }
  return "";
}

bool has_no_greatest(const Link& link) { return TimeBounds::of(link.delay).most >= Zone::kNever; }

bool has_no_greatest_delay(const Scenario& scenario) {
  return has_no_greatest(scenario.network) ||
         std::any_of(scenario.links.begin(), scenario.links.end(),
                     [](const LinkSpec& spec) { return has_no_greatest(spec.link); });
}

class ByClock {
 public:
  ByClock(std::shared_ptr<const Scenario> scenario, const ExploreSettings& settings,
          std::uint32_t counted)
      : scenario_(std::move(scenario)), settings_(settings), counted_(counted) {}

  ExploreResult go() {
    std::vector<std::uint32_t> ways = {World::kEachCopy};
    if (has_no_greatest_delay(*scenario_)) ways.insert(ways.end(), {0, 1, 3});
    for (const std::uint64_t states : kStatesOfRounds) {
      if (ways.size() == 1 || states >= settings_.bounds.states) break;
      for (std::size_t i = 0; i < ways.size();) {
        std::optional<ExploreResult> result = search_one(ways[i], states);
        if (!result) {
          ways.erase(ways.begin() + static_cast<std::ptrdiff_t>(i));
        } else if (result->search.end == SearchEnd::StatesReached) {
          ++i;
        } else {
          return std::move(*result);
        }
      }
    }
    std::rotate(ways.begin(), ways.begin() + 1, ways.end());  // each copy apart is the last resort
    for (const std::uint32_t most_copies : ways) {
      std::optional<ExploreResult> result = search_one(most_copies, settings_.bounds.states);
      if (result) return std::move(*result);
    }
    TXSIM_ASSERT(false, "a search with each copy apart has no result");
    return {};
  }

 private:
  // None: what was found among joined copies is not possible with each apart.
  std::optional<ExploreResult> search_one(std::uint32_t most_copies, std::uint64_t states) const {
    const WorldModel model(scenario_, settings_.budget, counted_, {}, Timing::Clock, most_copies);
    SearchBounds bounds = settings_.bounds;
    bounds.states = states;
    bounds.keep_edges = true;  // any invariant can stay violated in a livelock
    bounds.watch = [&model, watch = bounds.watch](const SearchProgress& progress) {
      if (is_lost(model)) return std::optional(SearchEnd::Interrupted);
      return watch ? watch(progress) : std::nullopt;
    };
    Search<WorldModel> search(model, bounds);
    ExploreResult result;
    result.search = search.run();
    result.lost = lost_text(model);
    if (model.joins_copies()) result.joins_copies = most_copies;
    if (!result.lost.empty()) return result;
    std::optional<Livelock> found;
    if (result.search.end == SearchEnd::Violated) {
      found = Livelock{result.search.way, 0, counted_};
      result.is_shortest = !result.search.missed_ends;
    } else if (result.search.end == SearchEnd::Exhausted) {
      found = find_livelock(model, search);
    }
    if (!found) return result;
    if (!model.joins_copies()) {
      result.counterexample = rehearse(model, found->way, found->loop, found->broken);
      return result;
    }
    result.counterexample = apart(model, *found, result.search.violated_at_end);
    if (!result.counterexample) return std::nullopt;
    return result;
  }

  std::optional<Counterexample> apart(const WorldModel& joined, const Livelock& found,
                                      bool is_at_end) const {
    const WorldModel model(scenario_, settings_.budget, counted_, {}, Timing::Clock);
    const Followed followed =
        follow(model, moves_of(joined, found.way), [&](const WorldModel::State& state) {
          if (found.loop > 0) return (model.violated_at_end(state) & found.broken) != 0;
          return is_at_end ? model.is_end(state) && model.is_violated_at_end(state)
                           : model.is_violated(state);
        });
    if (followed.end != Followed::End::Possible || is_lost(model)) return std::nullopt;
    return rehearse(model, followed.way, found.loop, found.broken);
  }

  std::shared_ptr<const Scenario> scenario_;
  const ExploreSettings& settings_;
  std::uint32_t counted_;
};

}  // namespace

ExploreResult explore_by_clock(const std::shared_ptr<const Scenario>& scenario,
                               const ExploreSettings& settings, std::uint32_t counted) {
  return ByClock(scenario, settings, counted).go();
}

CheckedByClock check_by_clock(const std::shared_ptr<const Scenario>& scenario,
                              const ExploreSettings& settings, const Counterexample& found) {
  CheckedByClock checked;
  checked.why = why_not_by_clock(*scenario);
  if (!checked.why.empty()) return checked;
  FaultBudget budget = settings.budget;
  budget.timeouts = 0;
  const WorldModel model(scenario, budget, ~std::uint32_t{0}, {}, Timing::Clock);
  const std::uint32_t broken = bit_of(found.schedule.violated);
  std::vector<Move> moves = found.moves;
  const std::vector<Move> loop(moves.end() - static_cast<std::ptrdiff_t>(found.loop), moves.end());
  const std::size_t more = found.loop > 0 ? kRoundsOfLoop - 1 : 0;
  for (std::size_t i = 0; i < more; ++i) moves.insert(moves.end(), loop.begin(), loop.end());
  Followed followed = follow(model, moves, [&](const WorldModel::State& state) {
    if (found.loop > 0) return (model.violated_at_end(state) & broken) != 0;
    return found.is_at_end ? model.is_end(state) && (model.violated_at_end(state) & broken) != 0
                           : (model.violated(state) & broken) != 0;
  });
  if (is_lost(model)) {
    checked.why = lost_text(model);
  } else if (followed.end == Followed::End::TooManyStates) {
    checked.why = "too many events of the run are alike";
  } else if (followed.end == Followed::End::Impossible) {
    checked.answer = CheckedByClock::Answer::Impossible;
    checked.obstacle = std::move(followed.obstacle);
  } else {
    checked.answer = CheckedByClock::Answer::Possible;
    followed.way.resize(followed.way.size() - more * found.loop);
    checked.timed = rehearse(model, followed.way, found.loop, broken);
  }
  return checked;
}

}  // namespace txsim
