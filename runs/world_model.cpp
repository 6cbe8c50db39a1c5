#include "runs/world_model.h"

#include <algorithm>

#include "protocols/client.h"
#include "runs/run.h"
#include "scenarios/language.h"
#include "sim/assert.h"
#include "sim/fingerprint.h"

namespace txsim {
namespace {

using Kind = Choice::Kind;

// It ends by itself soon: while there is such, no timer fires but too early.
bool is_quick(const Choice& choice) {
  return choice.kind == Kind::Message || choice.kind == Kind::Refusal ||
         choice.kind == Kind::Write || choice.kind == Kind::Boot;
}

bool is_message(const Choice& choice) {
  return choice.kind == Kind::Message && choice.node != choice.peer;
}

// An order that comes by the workload's own clock: it is late or early for nobody.
bool is_arrival(const Choice& choice) {
  return choice.what == kArrival || choice.what == kThink || choice.what == kRepeat;
}

// Two executions of one order are kept apart.
bool is_guarded(const Scenario& scenario) {
  const EntranceSettings& entrance = scenario.settings.entrance;
  return entrance.enabled && entrance.order_id && entrance.lock;
}

bool has_crash(const Scenario& scenario) {
  return std::any_of(scenario.faults.begin(), scenario.faults.end(),
                     [](const Fault& fault) { return fault.kind == FaultKind::Crash; });
}

// Where a Submit may arrive twice, services have to know what they have executed.
std::shared_ptr<const Scenario> prepared(std::shared_ptr<const Scenario> scenario,
                                         const FaultBudget& budget) {
  if (budget.duplicates == 0 || scenario->plan.orders_may_repeat) return scenario;
  auto repeating = std::make_shared<Scenario>(*scenario);
  repeating->plan.orders_may_repeat = true;
  return repeating;
}

}  // namespace

WorldModel::WorldModel(std::shared_ptr<const Scenario> scenario, const FaultBudget& budget,
                       std::uint32_t invariants, const Reductions& reductions)
    : scenario_(prepared(std::move(scenario), budget)),
      budget_(budget),
      invariants_(invariants),
      reductions_(reductions),
      is_guarded_(is_guarded(*scenario_)),
      may_crash_by_plan_(has_crash(*scenario_)),
      spec_(spec(false)),
      judge_(make_judge_for(*scenario_, false)) {}

// The scenario's world without what is drawn: links are as reliable as the budget says.
std::shared_ptr<const WorldSpec> WorldModel::spec(bool keep_trace) const {
  auto spec = std::make_shared<WorldSpec>(*build_world(*scenario_, keep_trace));
  RandomFaults none;
  none.spared = spec->random_faults.spared;
  spec->random_faults = none;
  spec->network.make_reliable();
  return spec;
}

WorldModel::State WorldModel::initial(bool keep_trace) const {
  State first{World(keep_trace ? spec(true) : spec_, judge_->clone()), budget_};
  const auto is_boot = [](const Choice& choice) { return choice.kind == Kind::Boot; };
  while (true) {
    const std::vector<Choice> choices = first.world.enabled_untimed();
    const auto boot = std::find_if(choices.begin(), choices.end(), is_boot);
    if (boot == choices.end()) return first;
    first.world.take({.choice = *boot});
  }
}

bool WorldModel::may_crash(const World& world, NodeId node) const {
  const std::vector<NodeId>& spared = spec_->random_faults.spared;
  return world.is_up(node) && !std::binary_search(spared.begin(), spared.end(), node);
}

const std::vector<WorldModel::Option>& WorldModel::options(const State& state) const {
  const std::uint64_t version = state.world.version();
  State::Known& known = state.known;
  if (version != 0 && known.version == version && known.left == state.left) return known.options;
  known.version = version;
  known.left = state.left;
  find_options(state, known);
  return known.options;
}

void WorldModel::find_options(const State& state, State::Known& known) const {
  std::vector<Option>& options = known.options;
  options.clear();
  const std::vector<Choice>& choices = known.choices;
  state.world.enabled_untimed(known.choices);
  const bool is_quiet = std::none_of(choices.begin(), choices.end(), is_quick);
  for (const Choice& choice : choices) {
    FaultBudget left = state.left;
    const bool is_early = choice.kind == Kind::Timer && !is_quiet && !is_arrival(choice);
    if (is_early && left.timeouts-- == 0) continue;
    options.push_back({{Move::Kind::Happen, choice, 0}, left, is_early ? Turn::May : Turn::Will});
  }
  for (const Choice& choice : choices) {
    if (!is_message(choice)) continue;
    FaultBudget left = state.left;
    if (state.left.losses > 0) {
      --left.losses;
      options.push_back({{Move::Kind::Lose, choice, 0}, left, Turn::May});
    }
    left = state.left;
    if (state.left.duplicates > 0 && (choice.peer != scenario_->client || is_guarded_)) {
      --left.duplicates;
      options.push_back({{Move::Kind::Duplicate, choice, 0}, left, Turn::May});
    }
  }
  if (state.left.crashes == 0) return;
  for (NodeId node = 0; node < spec_->nodes.size(); ++node) {
    if (!may_crash(state.world, node)) continue;
    FaultBudget left = state.left;
    --left.crashes;
    Choice choice;
    choice.node = node;
    options.push_back({{Move::Kind::Crash, choice, 0}, left, Turn::May});
  }
}

// What is left out of an expansion stands beside one that happens just as surely.
bool WorldModel::is_end(const State& state) const {
  const std::vector<Option>& all = options(state);
  return std::all_of(all.begin(), all.end(),
                     [](const Option& option) { return option.turn == Turn::May; });
}

WorldModel::Option WorldModel::option(const State& state, Visited::Step step) const {
  const Option option = options(state).at(step & ((1U << kPlaceBits) - 1));
  const std::uint32_t after = step >> kPlaceBits;
  return after == 0 ? option : with_crash(option, after);
}

// How many events the step has, if its node may crash between them.
std::uint32_t WorldModel::crash_points(const State& before, const State& after,
                                       const Option& option) const {
  const NodeId node = option.move.choice.node;
  if (option.left.crashes == 0 || option.move.kind != Move::Kind::Happen || node == kNoNode)
    return 0;
  if (!may_crash(after.world, node)) return 0;
  const std::uint64_t events = after.world.statistics().events - before.world.statistics().events;
  TXSIM_ASSERT(events < (1U << kPlaceBits), "a step with too many events to crash at each");
  return static_cast<std::uint32_t>(events);
}

std::uint64_t WorldModel::fingerprint(const State& state) const {
  const bool may_crash = may_crash_by_plan_ || state.left.crashes > 0;
  const auto crashes = may_crash ? World::Crashes::MayCome : World::Crashes::NoMore;
  return Fingerprint::of(state.world.fingerprint(crashes), state.left.packed());
}

std::uint32_t WorldModel::violated(const State& state) const {
  return without_excused(violated_so_far(*state.world.observer()) & invariants_, state);
}

// "Nontrivial" is only promised where no failure is met; a timer that fires too early is one.
std::uint32_t WorldModel::without_excused(std::uint32_t found, const State& state) const {
  if (found == 0) return 0;
  static const std::uint32_t nontrivial = bit_of("nontrivial");
  const bool failed =
      state.left.timeouts < budget_.timeouts || end_of_run(state.world, kEndOfTime).faults_met;
  return failed ? found & ~nontrivial : found;
}

std::uint32_t WorldModel::violated_at_end(const State& state) const {
  const Verdicts verdicts =
      judge(*state.world.observer(), end_of_run(state.world, Time{scenario_->horizon.ns}));
  std::uint32_t found = 0;
  std::uint32_t bit = 1;
  for (const Judgement& judgement : verdicts.judgements) {
    if (judgement.verdict == Verdict::Violated) found |= bit;
    bit <<= 1;
  }
  return without_excused(found & invariants_, state);
}

}  // namespace txsim
