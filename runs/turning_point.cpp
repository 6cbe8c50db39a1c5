#include "runs/turning_point.h"
#include "runs/rehearsal.h"

#include <algorithm>
#include <utility>

#include "runs/explore.h"
#include "runs/search.h"
#include "runs/world_model.h"
#include "scenarios/language.h"
#include "sim/assert.h"

namespace txsim {
namespace {

bool draws_faults(const Scenario& scenario) {
  const auto draws = [](const Link& link) {
    return !link.loss.never() || !link.duplication.never();
  };
  return scenario.random_faults.any() || draws(scenario.network) ||
         std::any_of(scenario.links.begin(), scenario.links.end(),
                     [&](const LinkSpec& spec) { return draws(spec.link); });
}

// Stands for a fault that is left out, so that the others keep their numbers.
Fault never() {
  Fault fault;
  fault.placed = PlacedBy::Sequence;
  fault.nth = ~std::uint64_t{0};
  return fault;
}

std::shared_ptr<const Scenario> with_faults(const Scenario& scenario,
                                            const std::vector<bool>& strikes) {
  auto some = std::make_shared<Scenario>(scenario);
  for (std::size_t i = 0; i < some->faults.size(); ++i) {
    if (!strikes[i]) some->faults[i] = never();
  }
  return some;
}

// The search for a good end: a model in which ending well counts as the violation.
class Continuations {
 public:
  // States are kept, not rebuilt: endless loops make a deep, narrow tree.
  using State = std::shared_ptr<const WorldModel::State>;

  Continuations(const WorldModel& model, State first) : model_(model), first_(std::move(first)) {}

  State initial() const { return first_; }
  // No successor of a violation repairs it.
  template <class Visit>
  void expand(const State& state, Visit&& visit) const {
    if (model_.is_violated(*state)) return;
    WorldModel::State scratch = *state;
    model_.expand(*state, scratch, [&](const WorldModel::State& next, Turn turn, auto step) {
      visit(std::make_shared<const WorldModel::State>(next), turn, step);
    });
  }
  std::uint64_t fingerprint(const State& state) const { return model_.fingerprint(*state); }
  bool is_violated(const State&) const { return false; }
  bool is_violated_at_end(const State& state) const {
    return !model_.is_violated(*state) && !model_.is_violated_at_end(*state);
  }

 private:
  const WorldModel& model_;
  State first_;
};

// The default of a key.
std::string default_of(std::string_view key) {
  const std::vector<KeyInfo> keys = scenario_keys();
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const KeyInfo& info) {
    return info.section + "." + info.key == key;
  });
  TXSIM_ASSERT(found != keys.end(), "no such key: " + std::string(key));
  return found->fallback;
}

// The run, step by step.
class Walk {
 public:
  Walk(const RunResult& run, std::uint32_t invariant, std::uint64_t most_states)
      : run_(run), scenario_(*run.scenario), invariant_(invariant), most_states_(most_states) {
    find_strikes();
    World world = start(std::vector<bool>(scenario_.faults.size(), true));
    const Time horizon{scenario_.horizon.ns};
    for (; !world.standstill() && world.has_pending(horizon); world.step()) {
      if (world.enabled().front().kind == Choice::Kind::Boot) boots_ = ends_.size() + 1;
      ends_.push_back(world.statistics().events);
    }
    ends_.push_back(world.statistics().events);
  }

  std::uint64_t steps() const { return ends_.size() - 1; }
  // The number of steps at the beginning in which nodes boot: nothing has happened until then.
  std::uint64_t boots() const { return boots_; }
  // The last event after this many steps.
  std::uint64_t end_of(std::uint64_t steps) const { return ends_[steps]; }

  struct Answer {
    bool ends_well = false;
    bool is_bounded = false;
    std::uint64_t states = 0;
  };
  // Whether a continuation after this many steps ends well. `without`: as if that fault had not
  // struck.
  Answer ask(std::uint64_t steps, std::optional<std::size_t> without = std::nullopt) const {
    std::vector<bool> strikes(strikes_.size());
    for (std::size_t i = 0; i < strikes.size(); ++i) {
      strikes[i] = strikes_[i] <= end_of(steps) && i != without;
    }
    const WorldModel model(with_faults(scenario_, strikes), {}, invariant_);
    WorldModel::State state{start(strikes), {}};
    for (std::uint64_t i = 0; i < steps; ++i) state.world.step();
    const Continuations continuations(model,
                                      std::make_shared<const WorldModel::State>(std::move(state)));
    SearchBounds bounds;
    bounds.states = most_states_;
    const SearchResult result = search(continuations, bounds);
    return {result.end == SearchEnd::Violated, result.end != SearchEnd::Exhausted, result.states};
  }

  // A fault that struck in this step, without which the run could have ended well after it.
  std::optional<std::size_t> fault_in(std::uint64_t step) const {
    for (std::size_t i = 0; i < strikes_.size(); ++i) {
      const bool is_in = strikes_[i] > end_of(step - 1) && strikes_[i] <= end_of(step);
      if (is_in && ask(step, i).ends_well) return i;
    }
    return std::nullopt;
  }

  std::string label(std::uint64_t step) const {
    World world = start(std::vector<bool>(scenario_.faults.size(), true));
    for (std::uint64_t i = 1; i < step; ++i) world.step();
    return label_of({Move::Kind::Happen, world.enabled().front(), 0}, world.spec());
  }

 private:
  World start(const std::vector<bool>& strikes) const {
    const auto scenario = with_faults(scenario_, strikes);
    return World(build_world(*scenario, false), make_judge_for(*scenario, false));
  }

  // A fault strikes at the first event that differs from the run without it.
  void find_strikes() {
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
      std::vector<bool> others(scenario_.faults.size(), true);
      others[i] = false;
      const RunResult other = run_scenario(with_faults(scenario_, others), {.keep_trace = true});
      const std::int64_t place = first_difference(run_.trace, other.trace);
      strikes_.push_back(place < 0 ? ~std::uint64_t{0} : static_cast<std::uint64_t>(place) + 1);
    }
  }

  const RunResult& run_;
  const Scenario& scenario_;
  std::uint32_t invariant_;
  std::uint64_t most_states_;
  std::vector<std::uint64_t> strikes_;  // by fault: sequence of the event
  std::vector<std::uint64_t> ends_;     // by steps taken: events so far
  std::uint64_t boots_ = 0;
};

}  // namespace

// Bisection: before the step some continuation ends well, after it none does. Both are searched.
TurningPoint find_turning_point(const RunResult& run, const std::string& invariant,
                                std::uint64_t most_states) {
  TurningPoint point;
  const Scenario& scenario = *run.scenario;
  point.kind = TurningPoint::Kind::Random;
  if (draws_faults(scenario)) return point;
  const Walk walk(run, bit_of(invariant), most_states);
  point.steps = walk.steps();
  point.kind = TurningPoint::Kind::None;
  Walk::Answer after = walk.ask(walk.steps());
  if (after.ends_well) return point;
  std::uint64_t bad = walk.steps();
  std::uint64_t good = walk.boots();
  if (const Walk::Answer first = walk.ask(good); !first.ends_well) {
    point.kind = TurningPoint::Kind::Start;
    after = first;
    bad = good;
  }
  while (bad > good + 1) {
    const std::uint64_t middle = good + (bad - good) / 2;
    const Walk::Answer answer = walk.ask(middle);
    (answer.ends_well ? good : bad) = middle;
    if (!answer.ends_well) after = answer;
  }
  point.states = after.states;
  point.is_bounded = after.is_bounded;
  if (point.kind == TurningPoint::Kind::Start) return point;
  point.kind = TurningPoint::Kind::Step;
  point.step = bad;
  point.label = walk.label(bad);
  point.first_event = walk.end_of(bad - 1) + 1;
  point.last_event = walk.end_of(bad);
  point.fault = walk.fault_in(bad);
  return point;
}

std::vector<SavingChange> try_single_changes(const Draft& draft, const std::string& invariant) {
  const std::shared_ptr<const Scenario> whole = parse(draft).scenario;
  TXSIM_ASSERT(whole != nullptr, "a scenario that was written out cannot be read");
  std::vector<std::string> counted = counted_by_default(*whole);
  counted.push_back(invariant);
  std::vector<SavingChange> changes;
  const auto try_change = [&](SavingChange::Kind kind, const std::string& what,
                              const Draft& other) {
    SavingChange change;
    change.kind = kind;
    change.what = what;
    if (kind == SavingChange::Kind::SwitchOn) change.value = default_of(what);
    const std::shared_ptr<const Scenario> scenario = parse(other).scenario;
    if (scenario == nullptr) return;
    change.helps = true;
    for (const Judgement& judgement : run_scenario(scenario).verdicts.judgements) {
      const std::string name(judgement.invariant);
      const bool counts = std::find(counted.begin(), counted.end(), name) != counted.end();
      if (judgement.verdict != Verdict::Violated || !counts) continue;
      change.violated.push_back(name);
      if (name == invariant) change.helps = false;
    }
    changes.push_back(change);
  };
  for (std::size_t i = 0; i < whole->fault_texts.size(); ++i) {
    std::vector<std::string> lines = whole->fault_texts;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
    Draft other = draft;
    other.set("faults", "fault", lines);
    try_change(SavingChange::Kind::NoFault, whole->fault_texts[i], other);
  }
  for (const std::string& name : whole->switched_off) {
    const std::size_t dot = name.rfind('.');
    Draft other = draft;
    other.erase(name.substr(0, dot), name.substr(dot + 1));
    try_change(SavingChange::Kind::SwitchOn, name, other);
  }
  return changes;
}

}  // namespace txsim
