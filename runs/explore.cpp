#include "runs/explore.h"
#include "runs/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runs/endless.h"
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

// Whether two choices are the same but for their place in the run.
bool is_alike(const Choice& one, const Choice& other) {
  return one.kind == other.kind && one.node == other.node && one.peer == other.peer &&
         one.what == other.what && one.step == other.step && one.transaction == other.transaction;
}

// Finds a fair loop among states that never end. The next choice is always the one that was taken
// longest ago. The loop closes when a state recurs and each choice of it has been taken.
class WayAround {
 public:
  WayAround(const WorldModel& model, const std::vector<Visited::Step>& way)
      : model_(model), state_(model.initial()), next_(state_) {
    for (const Visited::Step step : way) go(step);
    seen_.push_back(fingerprint());
    do look();
    while (!closes());
  }

  const std::vector<Visited::Step>& steps() const { return steps_; }
  // The number of steps in the loop: the last ones of `steps`.
  std::size_t loop() const { return loop_; }

 private:
  struct Option {
    Visited::Step step = 0;
    Choice choice;
  };

  void go(Visited::Step step) {
    model_.make_child(state_, step, next_);
    std::swap(state_, next_);
  }
  std::uint64_t fingerprint() const {
    const std::uint64_t fingerprint = model_.fingerprint(state_);
    if (!model_.has_times()) return fingerprint;
    return Fingerprint::of(fingerprint, WorldModel::times(state_).bounds());
  }

  // Takes the next step.
  void look() {
    const std::vector<Option> options = find_options();
    const Option* chosen = nullptr;
    for (const Option& option : options) {
      if (chosen == nullptr || last(option.choice) < last(chosen->choice)) chosen = &option;
    }
    TXSIM_ASSERT(chosen != nullptr, "a state that does not end has nothing to happen");
    done_.push_back(chosen->choice);
    steps_.push_back(chosen->step);
    go(chosen->step);
    seen_.push_back(fingerprint());
  }

  std::vector<Option> find_options() {
    std::vector<Option> options;
    model_.expand(state_, next_, [&](WorldModel::State&, Turn turn, Visited::Step step) {
      if (turn == Turn::Will) options.push_back({step, {}});
    });
    for (Option& option : options) option.choice = model_.option(state_, option.step).move.choice;
    return options;
  }

  // The number of the step that took it last, from 1; 0: none.
  std::size_t last(const Choice& choice) const {
    for (std::size_t i = done_.size(); i > 0; --i) {
      if (is_alike(done_[i - 1], choice)) return i;
    }
    return 0;
  }

  bool closes() {
    const auto before = seen_.end() - 1;
    if (std::find(seen_.begin(), before, seen_.back()) == before) return false;
    std::size_t since = steps_.size();  // from here on every choice of the state is taken
    for (const Option& option : find_options()) {
      const std::size_t done = last(option.choice);
      if (done == 0) return false;
      since = std::min(since, done - 1);
    }
    for (std::size_t place = since + 1; place-- > 0;) {
      if (seen_[place] != seen_.back()) continue;
      loop_ = steps_.size() - place;
      return loop_ > 0;
    }
    return false;
  }

  const WorldModel& model_;
  WorldModel::State state_;
  WorldModel::State next_;
  std::vector<std::uint64_t> seen_;  // fingerprints
  std::vector<Visited::Step> steps_;
  std::vector<Choice> done_;  // by step
  std::size_t loop_ = 0;
};

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

std::string name_of_lowest(std::uint32_t violated) {
  return std::string(invariants()[static_cast<std::size_t>(__builtin_ctz(violated))].name);
}

// Takes the path once more with a trace. Its last `loop` steps are a loop that violates one of the
// `invariants`.
Counterexample rehearse(const WorldModel& model, const std::vector<Visited::Step>& way,
                        std::size_t loop = 0, std::uint32_t invariants = ~std::uint32_t{0}) {
  Counterexample example;
  Rehearsal rehearsal(model);
  rehearsal.set_times_by([&](Rehearsal& first) {
    std::vector<Schedule::Step> ignored;
    for (const Visited::Step step : way) first.take(step, ignored);
  });
  std::vector<Schedule::Step>& steps = example.schedule.steps;
  std::size_t before_loop = 0;
  for (std::size_t i = 0; i < way.size(); ++i) {
    rehearsal.take(way[i], steps);
    if (i + 1 + loop == way.size()) before_loop = steps.size();
  }
  if (loop > 0) example.loop = steps.size() - before_loop;
  example.schedule.scenario = model.scenario()->name;
  example.schedule.budget = model.budget();
  example.schedule.timing = model.timing();
  const WorldModel::State& state = rehearsal.state();
  std::uint32_t violated = model.violated(state) & invariants;
  if (violated == 0) {
    violated = model.violated_at_end(state) & invariants;
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

// The invariants that are violated in each of the states if nothing more happens.
std::uint32_t broken_forever(const WorldModel& model, const Visited& visited,
                             const std::vector<std::uint32_t>& states) {
  std::uint32_t broken = ~std::uint32_t{0};
  const WorldModel::State first = model.initial();
  WorldModel::State state = first;
  WorldModel::State next = first;
  for (const std::uint32_t number : states) {
    state = first;
    for (const Visited::Step step : visited.way_to(number)) {
      model.make_child(state, step, next);
      std::swap(state, next);
    }
    broken &= model.violated_at_end(state);
    if (broken == 0) break;
  }
  return broken;
}

// Searches for states that never end although everything that needs to happen does, and in which an
// invariant stays violated. If everything is settled, a timer that fires forever is harmless. A
// state that is unsettled only until a timer fires gets settled in every fair run.
std::optional<Counterexample> find_livelock(const WorldModel& model,
                                            const Search<WorldModel>& search) {
  for (const std::vector<std::uint32_t>& states : find_endless(search.edges())) {
    const std::uint32_t broken = broken_forever(model, search.visited(), states);
    if (broken == 0) continue;
    std::vector<Visited::Step> way = search.visited().way_to(states.front());
    const WayAround around(model, way);
    way.insert(way.end(), around.steps().begin(), around.steps().end());
    return rehearse(model, way, around.loop(), broken);
  }
  return std::nullopt;
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

// As expected: an exhausted search of a scenario that expects no violation, or a violation that the
// scenario expects. A search that a bound has cut short never is.
ExploreResult explore(const std::shared_ptr<const Scenario>& scenario,
                      const ExploreSettings& settings) {
  const std::uint32_t counted = counted_bits(*scenario, settings);
  const WorldModel model(scenario, settings.budget, counted, settings.reductions, settings.timing);
  SearchBounds bounds = settings.bounds;
  if (model.has_times()) {
    bounds.watch = [&model, watch = bounds.watch](const SearchProgress& progress) {
      if (is_lost(model)) return std::optional(SearchEnd::Interrupted);
      return watch ? watch(progress) : std::nullopt;
    };
  }
  bounds.keep_edges = true;  // any invariant can stay violated in a livelock
  Search<WorldModel> search = settings.from
                                  ? Search<WorldModel>(model, bounds, std::move(*settings.from))
                                  : Search<WorldModel>(model, bounds);
  ExploreResult result;
  result.search = search.run();
  if (is_lost(model)) {
    result.lost = lost_text(model);
    return result;
  }
  ExploreSettings plain = settings;
  plain.reductions.symmetry = settings.reductions.symmetry && model.all_mirrored();
  const bool knows_all =
      result.search.end == SearchEnd::Exhausted || result.search.end == SearchEnd::DepthReached;
  if (knows_all && !model.all_mirrored()) {
    plain.from = nullptr;
    plain.keeps_stopped = false;  // its states are not those that the settings ask for
    return explore(scenario, plain);
  }
  if (result.search.end == SearchEnd::Violated) {
    result.counterexample = rehearse(model, result.search.way);
    result.is_shortest = !result.search.missed_ends;
    if (settings.reductions.order || !model.all_mirrored()) {
      shorten(scenario, plain, bounds, counted, result);
    }
  } else if (result.search.end == SearchEnd::Exhausted) {
    result.counterexample = find_livelock(model, search);
  } else if (settings.keeps_stopped && model.all_mirrored()) {
    result.stopped = std::make_shared<StoppedSearch>(std::move(search).stopped());
  }
  const std::vector<std::string> expected = expected_violations(*scenario);
  result.is_as_expected = result.counterexample
                              ? contains(expected, result.counterexample->schedule.violated)
                              : result.search.end == SearchEnd::Exhausted && expected.empty();
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
