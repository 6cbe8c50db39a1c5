#include "runs/world_model.h"

#include <algorithm>

#include "runs/run.h"
#include "scenarios/language.h"
#include "services/client.h"
#include "sim/assert.h"
#include "sim/fingerprint.h"

namespace txsim {
namespace {

using Kind = Choice::Kind;

// It ends soon by itself. While such a choice is pending, a timer that fires is too early.
bool is_quick(const Choice& choice) {
  return choice.kind == Kind::Message || choice.kind == Kind::Refusal ||
         choice.kind == Kind::Write || choice.kind == Kind::Boot;
}

bool is_message(const Choice& choice) {
  return choice.kind == Kind::Message && choice.node != choice.peer;
}

// A message that arrives at a node that is down is lost, too.
bool loses_message(const World& world, const Move& move) {
  return move.kind == Move::Kind::Lose ||
         (move.kind == Move::Kind::Happen && move.choice.kind == Kind::Message &&
          !world.is_up(move.choice.node));
}

// An order that the workload's own clock submits: no node can see whether it is late or early.
bool is_arrival(const Choice& choice) {
  return choice.what == kArrival || choice.what == kThink || choice.what == kRepeat;
}

// The idempotent receiver keeps two executions of one order apart.
bool is_guarded(const Scenario& scenario) {
  const IdempotentReceiverSettings& receiver = scenario.settings.idempotent_receiver;
  return receiver.enabled && receiver.order_id && receiver.lock;
}

bool has_crash(const Scenario& scenario) {
  return std::any_of(scenario.faults.begin(), scenario.faults.end(),
                     [](const Fault& fault) { return fault.kind == FaultKind::Crash; });
}

// If a Submit may arrive twice, services must remember what they have executed.
std::shared_ptr<const Scenario> prepared(std::shared_ptr<const Scenario> scenario,
                                         const FaultBudget& budget) {
  if (budget.duplicates == 0 || scenario->plan.orders_may_repeat) return scenario;
  auto repeating = std::make_shared<Scenario>(*scenario);
  repeating->plan.orders_may_repeat = true;
  return repeating;
}

}  // namespace

WorldModel::WorldModel(std::shared_ptr<const Scenario> scenario, const FaultBudget& budget,
                       std::uint32_t invariants, const Reductions& reductions, Timing timing,
                       std::uint32_t most_copies)
    : scenario_(prepared(std::move(scenario), budget)),
      timing_(timing),
      most_copies_(most_copies),
      budget_(budget),
      invariants_(invariants),
      reductions_(reductions),
      is_guarded_(is_guarded(*scenario_)),
      may_crash_by_plan_(has_crash(*scenario_)),
      spec_(spec(false)),
      is_plain_(spec_->faults.empty() && !spec_->network.has_fifo()),
      judge_(make_judge_for(*scenario_, false)),
      pairs_(find_pairs(reductions)) {}

// The scenario's world without random draws: the budget alone says what links lose or duplicate.
std::shared_ptr<const WorldSpec> WorldModel::spec(bool keep_trace) const {
  auto spec = std::make_shared<WorldSpec>(*build_world(*scenario_, keep_trace));
  RandomFaults none;
  none.spared = spec->random_faults.spared;
  spec->random_faults = none;
  spec->network.make_reliable();
  return spec;
}

WorldModel::State WorldModel::initial(bool keep_trace) const {
  const std::shared_ptr<const WorldSpec> spec = keep_trace ? this->spec(true) : spec_;
  if (timing_ == Timing::Clock) return initial_by_clock(spec);
  State first{World(spec, judge_->clone()), budget_};
  const auto is_boot = [](const Choice& choice) { return choice.kind == Kind::Boot; };
  while (true) {
    const std::vector<Choice> choices = first.world.enabled_untimed();
    const auto boot = std::find_if(choices.begin(), choices.end(), is_boot);
    if (boot == choices.end()) break;
    first.world.take({.choice = *boot});
  }
  if (!keep_trace) first.twins.resize(pairs_.size());
  return first;
}

// All nodes boot at the start, and windows that open then are open before.
WorldModel::State WorldModel::initial_by_clock(const std::shared_ptr<const WorldSpec>& spec) const {
  State first{World::by_clock(spec, judge_->clone(), most_copies_), budget_};
  const auto is_boot = [](const Choice& choice) { return choice.kind == Kind::Boot; };
  while (true) {
    std::vector<Choice> choices = first.world.enabled();
    if (std::none_of(choices.begin(), choices.end(), is_boot)) break;
    first.world.take({.choice = choices.front()});
  }
  return first;
}

bool WorldModel::may_crash(const World& world, NodeId node) const {
  const std::vector<NodeId>& spared = spec_->random_faults.spared;
  return world.is_up(node) && !std::binary_search(spared.begin(), spared.end(), node);
}

const std::vector<WorldModel::Option>& WorldModel::options(const State& state) const {
  return options(state.world, state.left, state.known);
}

const std::vector<WorldModel::Option>& WorldModel::options(const World& world,
                                                           const FaultBudget& left,
                                                           Known& known) const {
  const std::uint64_t version = world.version();
  if (version != 0 && known.version == version && known.left == left) return known.options;
  known.version = version;
  known.left = left;
  find_options(world, known);
  return known.options;
}

void WorldModel::find_options(const World& world, Known& known) const {
  std::vector<Option>& options = known.options;
  options.clear();
  const std::vector<Choice>& choices = known.choices;
  const bool is_timed = timing_ == Timing::Clock;
  if (is_timed) {
    world.enabled_by_clock(known.choices);
  } else {
    world.enabled_untimed(known.choices);
  }
  const bool is_quiet = is_timed || std::none_of(choices.begin(), choices.end(), is_quick);
  for (const Choice& choice : choices) {
    FaultBudget left = known.left;
    const bool is_early = choice.kind == Kind::Timer && !is_quiet && !is_arrival(choice);
    if (is_early && left.timeouts-- == 0) continue;
    const Turn turn = is_early ? Turn::May : Turn::Will;
    add_happening(world, {{Move::Kind::Happen, choice, 0}, left, turn}, options);
  }
  if (may_crash_by_plan_) add_struck(world, known);
  for (const Choice& choice : choices) {
    if (!is_message(choice)) continue;
    FaultBudget left = known.left;
    const bool is_many = world.stands_for_many(choice);  // one that others are like changes nothing
    if (known.left.losses > 0) {
      --left.losses;
      options.push_back({{Move::Kind::Lose, choice, 0}, left, Turn::May});
      options.back().move.is_last_copy = is_many;
    }
    left = known.left;
    if (is_many) continue;
    if (known.left.duplicates > 0 && (choice.peer != scenario_->client || is_guarded_)) {
      --left.duplicates;
      options.push_back({{Move::Kind::Duplicate, choice, 0}, left, Turn::May});
    }
  }
  add_crashes(world, known, false);
  add_crashes(world, known, true);
}

// A message that stands for one or more copies arrives as one of them or as the last. At a node
// that is down only the last makes a difference, unless a fault of the plan counts the others.
void WorldModel::add_happening(const World& world, const Option& option,
                               std::vector<Option>& into) const {
  const Choice& choice = option.move.choice;
  const bool is_many = world.stands_for_many(choice);
  if (!is_many || !is_plain_ || world.is_up(choice.node)) into.push_back(option);
  if (!is_many) return;
  into.push_back(option);
  into.back().move.is_last_copy = true;
}

// A crash of the plan may strike at the very instant of a step: then it may also strike within.
void WorldModel::add_struck(const World& world, Known& known) const {
  for (const Choice& fault : known.choices) {
    for (const Choice& choice : known.choices) {
      const bool may_be_struck = choice.node != kNoNode && world.is_up(choice.node) &&
                                 world.crashes_only(fault, choice.node);
      if (!may_be_struck) continue;
      Option option{{Move::Kind::Happen, choice, 0}, known.left, Turn::May};
      option.move.struck_by = fault.key;
      add_happening(world, option, known.options);
    }
  }
}

void WorldModel::add_crashes(const World& world, Known& known, bool for_good) const {
  FaultBudget left = known.left;
  std::uint8_t& budget = for_good ? left.crash_stops : left.crashes;
  if (budget == 0) return;
  --budget;
  for (NodeId node = 0; node < spec_->nodes.size(); ++node) {
    if (!may_crash(world, node)) continue;
    Choice choice;
    choice.node = node;
    known.options.push_back({{Move::Kind::Crash, choice, 0, for_good}, left, Turn::May});
  }
}

// A choice that an expansion leaves out is never the only one that will happen.
bool WorldModel::is_end(const State& state) const {
  const std::vector<Option>& all = options(state);
  return std::all_of(all.begin(), all.end(),
                     [](const Option& option) { return option.turn == Turn::May; });
}

WorldModel::Option WorldModel::option(const State& state, Visited::Step step) const {
  if (timing_ == Timing::Clock) {
    Option option = options(state).at(step & ((1U << kTimedPlaceBits) - 1));
    const std::uint32_t after = (step >> kTimedPlaceBits) & ((1U << kTimedAfterBits) - 1);
    const std::uint32_t rest = step >> (kTimedPlaceBits + kTimedAfterBits);
    option.move.answers = Answers::unpacked(rest >> 1);
    return after == 0 ? option : with_crash(option, after, (rest & 1U) != 0);
  }
  const Option option = options(state).at(step & ((1U << kPlaceBits) - 1));
  const std::uint32_t after = pairs_.empty() ? (step & ~kForGood) >> kPlaceBits : 0;
  return after == 0 ? option : with_crash(option, after, (step & kForGood) != 0);
}

Visited::Step WorldModel::name_of(const State& state, Visited::Step place, const Move& move) const {
  if (!has_times()) {
    const std::uint32_t within = (move.crash_after << kPlaceBits) | (move.for_good ? kForGood : 0);
    return place | (move.crash_after == 0 ? same_twins(state) << kPlaceBits : within);
  }
  TXSIM_ASSERT(place < (1U << kTimedPlaceBits) && move.crash_after < (1U << kTimedAfterBits),
               "too many choices, or too many events in a step, to name each");
  const std::uint32_t rest = (move.answers.packed() << 1) | (move.for_good ? 1U : 0U);
  return place | (move.crash_after << kTimedPlaceBits) |
         (rest << (kTimedPlaceBits + kTimedAfterBits));
}

// How many events the step has, if its node may crash between them.
std::uint32_t WorldModel::crash_points(const State& before, const State& after,
                                       const Option& option) const {
  if (!may_crash_within(option) || !may_crash(after.world, option.move.choice.node)) return 0;
  const std::uint64_t events = after.world.statistics().events - before.world.statistics().events;
  TXSIM_ASSERT(events < (1U << kAfterBits), "a step with too many events to crash at each");
  return static_cast<std::uint32_t>(events);
}

std::uint64_t WorldModel::fingerprint(const State& state) const {
  return fingerprint(state.world, state.left, 0);
}

std::uint64_t WorldModel::fingerprint(const World& world, const FaultBudget& left,
                                      std::uint64_t more) const {
  return Fingerprint::of(world.fingerprint(crashes(left), more), left.packed());
}

// If a message is lost, or arrives and is still under way, only what is pending changes: nodes do
// not notice, and no finding of the judge depends on it. So the successor by a loss is the state
// without the message, and the successor by a duplicate is that of the arrival with the message
// added. Neither holds if faults of the plan may count such events, if links keep an order, or if
// forced steps follow.
std::size_t WorldModel::look_ahead(const State& state, const std::vector<Option>& all) const {
  std::vector<Coming>& coming = state.known.coming;
  coming.assign(all.size(), {});
  const std::vector<bool> left_out = find_superfluous(state, all);
  const bool may_foretell = is_plain_ && !(reductions_.order && is_calm(state.left));
  const bool is_violated_before = is_violated(state);
  std::size_t last_made = all.size();
  state.world.sum_up_nodes();
  for (std::size_t place = 0; place < all.size(); ++place) {
    const Move& move = all[place].move;
    Coming& one = coming[place];
    one.predicted.is_violated = is_violated_before;
    one.left = all[place].left;
    one.turn = all[place].turn;
    if (!left_out.empty() && left_out[place]) {
      one.kind = Coming::Kind::LeftOut;
    } else if (may_foretell && loses_message(state.world, move)) {
      one.kind = Coming::Kind::ToBePredicted;
      one.predicted.fingerprint =
          fingerprint(state.world, one.left, 0 - state.world.digest_of(move.choice.key));
    } else if (may_foretell && move.kind == Move::Kind::Duplicate) {
      one.kind = Coming::Kind::ToBePredicted;
      while (!(all[one.arrival].move.choice.key == move.choice.key)) ++one.arrival;
      if (coming[one.arrival].kind == Coming::Kind::ToBeMade) {
        one.message = state.world.digest_of(move.choice.key);
      } else {
        one.predicted.fingerprint = fingerprint(state.world, one.left, 0);
      }
    } else {
      last_made = place;
    }
  }
  return last_made;
}

void WorldModel::foretell_beside(std::size_t arrival, const State& made,
                                 std::vector<Coming>& coming) const {
  for (Coming& one : coming) {
    if (one.message == 0 || one.arrival != arrival) continue;
    one.predicted = {fingerprint(made.world, one.left, one.message), is_violated(made)};
    one.message = 0;
  }
}

World::Crashes WorldModel::crashes(const FaultBudget& left) const {
  const bool may_crash = may_crash_by_plan_ || left.crashes > 0;
  return may_crash ? World::Crashes::MayCome : World::Crashes::NoMore;
}

std::uint32_t WorldModel::violated(const World& world, const FaultBudget& left) const {
  return without_excused(violated_so_far(*world.observer()) & invariants_, world, left);
}

// "Nontrivial" is promised only without failures; a timer that fires too early is a failure.
std::uint32_t WorldModel::without_excused(std::uint32_t found, const World& world,
                                          const FaultBudget& left) const {
  if (found == 0) return 0;
  static const std::uint32_t nontrivial = bit_of("nontrivial");
  const bool failed = left.timeouts < budget_.timeouts || end_of_run(world, kEndOfTime).faults_met;
  return failed ? found & ~nontrivial : found;
}

std::uint32_t WorldModel::violated_at_end(const World& world, const FaultBudget& left) const {
  const Verdicts verdicts =
      judge(*world.observer(), end_of_run(world, Time{scenario_->horizon.ns}));
  std::uint32_t found = 0;
  std::uint32_t bit = 1;
  for (const Judgement& judgement : verdicts.judgements) {
    if (judgement.verdict == Verdict::Violated) found |= bit;
    bit <<= 1;
  }
  return without_excused(found & invariants_, world, left);
}

}  // namespace txsim
