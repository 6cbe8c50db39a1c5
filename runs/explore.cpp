#include "runs/explore.h"

#include <algorithm>
#include <utility>

#include "runs/explore_by_clock.h"
#include "runs/found_run.h"
#include "runs/promises.h"
#include "scenarios/language.h"

namespace txsim {
namespace {

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::uint32_t bits_of(const std::vector<std::string>& names) {
  std::uint32_t bits = 0;
  std::uint32_t bit = 1;
  for (const InvariantInfo& info : invariants()) {
    if (contains(names, info.name)) bits |= bit;
    bit <<= 1;
  }
  return bits;
}

std::uint32_t counted_bits(const Scenario& scenario, const ExploreSettings& settings) {
  return bits_of(settings.invariants.empty() ? counted_by_default(scenario, settings.budget)
                                             : settings.invariants);
}

std::vector<std::string> expected_violations(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const Expectation& expected : scenario.expectations) {
    const bool violated =
        expected.kind == Expectation::Kind::Verdict && expected.verdict == "violated";
    if (violated) names.push_back(expected.subject);
  }
  return names;
}

// A violation found with reduced orders may be longer than necessary: search without, up to that
// length. The same holds if services were wrongly taken for symmetric.
void shorten(const std::shared_ptr<const Scenario>& scenario, const ExploreSettings& settings,
             SearchBounds bounds, std::uint32_t invariants, ExploreResult& result) {
  Reductions reductions = settings.reductions;
  reductions.order = false;
  const std::size_t length = result.counterexample->schedule.steps.size();
  bounds.depth = std::min(bounds.depth, static_cast<std::uint32_t>(length));
  bounds.keep_edges = false;
  if (bounds.watch) {
    bounds.watch = [watch = bounds.watch](SearchProgress progress) {
      progress.is_second = true;
      return watch(progress);
    };
  }
  const WorldModel model(scenario, settings.budget, invariants, reductions, settings.timing);
  const SearchResult shorter = search(model, bounds);
  if (!model.all_mirrored()) {
    ExploreSettings plain = settings;
    plain.reductions.symmetry = false;
    return shorten(scenario, plain, bounds, invariants, result);
  }
  const bool is_whole = shorter.end == SearchEnd::Violated || shorter.end == SearchEnd::Exhausted ||
                        (shorter.end == SearchEnd::DepthReached && bounds.depth == length);
  result.is_shortest = is_whole && !shorter.missed_ends;
  if (shorter.end == SearchEnd::Violated) result.counterexample = rehearse(model, shorter.way);
}

}  // namespace

std::vector<std::string> counted_by_default(const Scenario& scenario, const FaultBudget& budget) {
  const std::vector<std::string> expected = expected_violations(scenario);
  std::vector<std::string> names;
  for (const InvariantInfo& info : invariants()) {
    const std::string name(info.name);
    if (name == "bounded-blocking") continue;
    const bool is_asked_for = name == "non-blocking" && budget.crash_stops > 0;
    const bool counts =
        is_asked_for || counts_unnamed(scenario.protocol_name(), info) || contains(expected, name);
    if (counts) names.push_back(name);
  }
  return names;
}

namespace {

ExploreResult explore_untimed(const std::shared_ptr<const Scenario>& scenario,
                              const ExploreSettings& settings, std::uint32_t counted) {
  const WorldModel model(scenario, settings.budget, counted, settings.reductions);
  SearchBounds bounds = settings.bounds;
  bounds.keep_edges = true;  // any invariant can stay violated in a livelock
  Search<WorldModel> search = settings.from
                                  ? Search<WorldModel>(model, bounds, std::move(*settings.from))
                                  : Search<WorldModel>(model, bounds);
  ExploreResult result;
  result.search = search.run();
  ExploreSettings plain = settings;
  plain.reductions.symmetry = settings.reductions.symmetry && model.all_mirrored();
  const bool knows_all =
      result.search.end == SearchEnd::Exhausted || result.search.end == SearchEnd::DepthReached;
  if (knows_all && !model.all_mirrored()) {
    plain.from = nullptr;
    plain.keeps_stopped = false;  // its states are not those that the settings ask for
    return explore_untimed(scenario, plain, counted);
  }
  if (result.search.end == SearchEnd::Violated) {
    result.counterexample = rehearse(model, result.search.way);
    result.is_shortest = !result.search.missed_ends;
    if (settings.reductions.order || !model.all_mirrored()) {
      shorten(scenario, plain, bounds, counted, result);
    }
  } else if (result.search.end == SearchEnd::Exhausted) {
    if (const std::optional<Livelock> found = find_livelock(model, search)) {
      result.counterexample = rehearse(model, found->way, found->loop, found->broken);
    }
  } else if (settings.keeps_stopped && model.all_mirrored()) {
    result.stopped = std::make_shared<StoppedSearch>(std::move(search).stopped());
  }
  return result;
}

// A violation that only timers at other speeds bring about proves nothing about others: the search
// by the clock decides.
void check_found(const std::shared_ptr<const Scenario>& scenario, const ExploreSettings& settings,
                 ExploreResult& result) {
  result.by_clock = check_by_clock(scenario, settings, *result.counterexample);
  if (result.by_clock->answer == CheckedByClock::Answer::Possible) {
    result.counterexample = std::move(result.by_clock->timed);
    result.by_clock->timed.reset();
  }
  const bool is_impossible = result.by_clock->answer == CheckedByClock::Answer::Impossible;
  if (!is_impossible || result.is_as_expected) return;
  ExploreSettings timed = settings;
  timed.timing = Timing::Clock;
  timed.reductions = {};
  timed.budget.timeouts = 0;
  timed.from = nullptr;
  timed.keeps_stopped = false;
  timed.checks_by_clock = false;
  result.search_by_clock = std::make_shared<const ExploreResult>(explore(scenario, timed));
}

}  // namespace

// As expected: an exhausted search of a scenario that expects no violation, or a violation that the
// scenario expects. A search that a bound has cut short never is.
ExploreResult explore(const std::shared_ptr<const Scenario>& scenario,
                      const ExploreSettings& settings) {
  const std::uint32_t counted = counted_bits(*scenario, settings);
  const bool is_timed = settings.timing == Timing::Clock;
  ExploreResult result = is_timed ? explore_by_clock(scenario, settings, counted)
                                  : explore_untimed(scenario, settings, counted);
  if (!result.lost.empty()) return result;
  const std::vector<std::string> expected = expected_violations(*scenario);
  result.is_as_expected = result.counterexample
                              ? contains(expected, result.counterexample->schedule.violated)
                              : result.search.end == SearchEnd::Exhausted && expected.empty();
  if (!is_timed && settings.checks_by_clock && result.counterexample) {
    check_found(scenario, settings, result);
  }
  return result;
}

bool can_go_on(const std::shared_ptr<const Scenario>& scenario, const ExploreSettings& settings,
               const StoppedSearch& from) {
  constexpr std::uint32_t kSample = 64;
  const WorldModel model(scenario, settings.budget, counted_bits(*scenario, settings),
                         settings.reductions);
  const WorldModel::State first = model.initial();
  WorldModel::State state = first;
  WorldModel::State next = first;
  const std::uint32_t states = from.visited.states();
  for (std::uint32_t i = 0; i <= kSample; ++i) {
    const auto number = static_cast<std::uint32_t>(std::uint64_t{states - 1} * i / kSample);
    state = first;
    for (const Visited::Step step : from.visited.way_to(number)) {
      if (!model.has_option(state, step)) return false;
      model.make_child(state, step, next);
      std::swap(state, next);
    }
    if (!from.visited.is(number, model.fingerprint(state))) return false;
  }
  return true;
}

}  // namespace txsim
