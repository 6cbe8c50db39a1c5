#include "runs/explore.h"
#include "runs/rehearsal.h"

#include <algorithm>
#include <utility>

#include "runs/promises.h"
#include "scenarios/language.h"
#include "sim/assert.h"

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

std::vector<std::string> expected_violations(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const Expectation& expected : scenario.expectations) {
    const bool violated =
        expected.kind == Expectation::Kind::Verdict && expected.verdict == "violated";
    if (violated) names.push_back(expected.subject);
  }
  return names;
}

// A state from which no end can be reached without faults, and a way from it back to itself.
struct Livelock {
  std::uint32_t state = 0;
  std::vector<Visited::Step> around;  // to the loop, and once around it
  std::size_t loop = 0;               // of these, the last so many are the loop
};

// By state, whether an end can be reached from it. Most ways lead from lower to higher numbers, so
// that few rounds are needed.
std::vector<bool> find_those_that_end(const Edges& edges) {
  const std::size_t states = edges.first.size() - 1;
  std::vector<bool> ends(states, false);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t state = states; state-- > 0;) {
      if (ends[state]) continue;
      bool is_end = true;
      bool reaches = false;
      for (std::uint64_t i = edges.first[state]; i < edges.first[state + 1]; ++i) {
        if ((edges.to[i] & Edges::kMay) != 0) continue;
        is_end = false;
        reaches = reaches || ends[edges.to[i]];
      }
      if (!is_end && !reaches) continue;
      ends[state] = true;
      changed = true;
    }
  }
  return ends;
}

// Follows the first thing that will happen until a state comes back.
Livelock go_around(const WorldModel& model, const Search<WorldModel>& search, std::uint32_t from) {
  Livelock found;
  found.state = from;
  const Edges& edges = search.edges();
  WorldModel::State state = model.initial();
  WorldModel::State next_state = state;
  const auto go = [&](Visited::Step step) {
    model.make_child(state, step, next_state);
    std::swap(state, next_state);
  };
  for (const Visited::Step step : search.visited().way_to(from)) go(step);
  std::vector<std::uint32_t> seen = {from};
  while (true) {
    std::uint64_t edge = edges.first[seen.back()];
    std::optional<Visited::Step> chosen;
    model.expand(state, next_state, [&](WorldModel::State&, Turn turn, Visited::Step step) {
      if (chosen) return;
      if (turn == Turn::Will) {
        chosen = step;
      } else {
        ++edge;
      }
    });
    TXSIM_ASSERT(chosen.has_value(), "a state that does not end has nothing to happen");
    go(*chosen);
    found.around.push_back(*chosen);
    const std::uint32_t next = edges.to[edge];
    const auto back = std::find(seen.begin(), seen.end(), next);
    if (back != seen.end()) {
      found.loop = static_cast<std::size_t>(seen.end() - back);
      return found;
    }
    seen.push_back(next);
  }
}

std::string name_of_lowest(std::uint32_t violated) {
  return std::string(invariants()[static_cast<std::size_t>(__builtin_ctz(violated))].name);
}

// Takes the way once more with a trace. The last so many of its steps are a loop.
Counterexample rehearse(const WorldModel& model, const std::vector<Visited::Step>& way,
                        std::size_t loop = 0) {
  Counterexample example;
  Rehearsal rehearsal(model);
  std::vector<Schedule::Step>& steps = example.schedule.steps;
  std::size_t before_loop = 0;
  for (std::size_t i = 0; i < way.size(); ++i) {
    rehearsal.take(way[i], steps);
    if (i + 1 + loop == way.size()) before_loop = steps.size();
  }
  if (loop > 0) example.loop = steps.size() - before_loop;
  example.schedule.scenario = model.scenario()->name;
  example.schedule.budget = model.budget();
  const WorldModel::State& state = rehearsal.state();
  std::uint32_t violated = model.violated(state);
  if (violated == 0) {
    violated = model.violated_at_end(state);
    example.is_at_end = true;
  }
  example.run = finish_run(model.scenario(), model.spec(true), state.world);
  if (violated == 0) return example;
  example.schedule.violated = name_of_lowest(violated);
  for (const Judgement& judgement : example.run.verdicts.judgements) {
    if (judgement.invariant == example.schedule.violated)
      example.explanation = judgement.explanation;
  }
  return example;
}

// Looks for states that never end although everything that needs to happen does.
std::optional<Counterexample> find_livelock(const WorldModel& model,
                                            const Search<WorldModel>& search) {
  const std::vector<bool> ends = find_those_that_end(search.edges());
  for (std::uint32_t state = 0; state < ends.size(); ++state) {
    if (ends[state]) continue;
    const Livelock livelock = go_around(model, search, state);
    std::vector<Visited::Step> way = search.visited().way_to(state);
    way.insert(way.end(), livelock.around.begin(), livelock.around.end());
    Counterexample example = rehearse(model, way, livelock.loop);
    // Where all is settled, a clock that goes on and on does no harm.
    if (!example.schedule.violated.empty()) return example;
    return std::nullopt;
  }
  return std::nullopt;
}

// What was found with orders left out may be longer than need be: without, up to that length. So
// may what was found among services that were taken for alike and are not.
void shorten(const std::shared_ptr<const Scenario>& scenario, const ExploreSettings& settings,
             SearchBounds bounds, std::uint32_t invariants, ExploreResult& result) {
  Reductions reductions = settings.reductions;
  reductions.order = false;
  const std::size_t length = result.counterexample->schedule.steps.size();
  bounds.depth = std::min(bounds.depth, static_cast<std::uint32_t>(length));
  bounds.keep_edges = false;
  const WorldModel model(scenario, settings.budget, invariants, reductions);
  const SearchResult shorter = search(model, bounds);
  if (!model.all_mirrored()) {
    ExploreSettings plain = settings;
    plain.reductions.symmetry = false;
    return shorten(scenario, plain, bounds, invariants, result);
  }
  result.is_shortest = shorter.end == SearchEnd::Violated || shorter.end == SearchEnd::Exhausted ||
                       (shorter.end == SearchEnd::DepthReached && bounds.depth == length);
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

// As expected is an exhausted search of a scenario that expects no violation, and a violation that
// the scenario expects. A search that a bound has cut short never is.
ExploreResult explore(const std::shared_ptr<const Scenario>& scenario,
                      const ExploreSettings& settings) {
  const std::vector<std::string> counted = settings.invariants.empty()
                                               ? counted_by_default(*scenario, settings.budget)
                                               : settings.invariants;
  const WorldModel model(scenario, settings.budget, bits_of(counted), settings.reductions);
  SearchBounds bounds = settings.bounds;
  bounds.keep_edges = contains(counted, "convergence") || contains(counted, "non-blocking");
  Search<WorldModel> search(model, bounds);
  ExploreResult result;
  result.search = search.run();
  ExploreSettings plain = settings;
  plain.reductions.symmetry = settings.reductions.symmetry && model.all_mirrored();
  const bool knows_all =
      result.search.end == SearchEnd::Exhausted || result.search.end == SearchEnd::DepthReached;
  if (knows_all && !model.all_mirrored()) return explore(scenario, plain);
  if (result.search.end == SearchEnd::Violated) {
    result.counterexample = rehearse(model, result.search.way);
    if (settings.reductions.order || !model.all_mirrored()) {
      shorten(scenario, plain, bounds, bits_of(counted), result);
    }
  } else if (result.search.end == SearchEnd::Exhausted && bounds.keep_edges) {
    result.counterexample = find_livelock(model, search);
  }
  const std::vector<std::string> expected = expected_violations(*scenario);
  result.is_as_expected = result.counterexample
                              ? contains(expected, result.counterexample->schedule.violated)
                              : result.search.end == SearchEnd::Exhausted && expected.empty();
  return result;
}

}  // namespace txsim
