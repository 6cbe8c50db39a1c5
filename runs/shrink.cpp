#include "runs/shrink.h"

#include <algorithm>
#include <utility>

#include "checks/judge.h"
#include "runs/cut_off.h"
#include "runs/explore.h"
#include "runs/shrinker.h"
#include "runs/sweep.h"
#include "scenarios/language.h"
#include "sim/assert.h"

namespace txsim {
namespace {

// A candidate's run may be longer, but not endless.
constexpr std::uint64_t kMoreEvents = 4;
constexpr std::uint64_t kEventsBeside = 20'000;

std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

bool is_violated_in(const Verdicts& verdicts, std::string_view invariant) {
  return std::any_of(
      verdicts.judgements.begin(), verdicts.judgements.end(), [&](const Judgement& judgement) {
        return judgement.invariant == invariant && judgement.verdict == Verdict::Violated;
      });
}

std::string expects_violation(std::string_view invariant) {
  return std::string(invariant) + " is violated";
}

ShrinkSize size_of(const Draft& draft, const RunResult& run) {
  const Scenario& scenario = *run.scenario;
  ShrinkSize size;
  size.faults = scenario.faults.size() + run.faults_met.size();
  size.transactions = orders_of(run).size();
  for (const TransactionKind& kind : scenario.plan.kinds) size.steps += kind.steps.size();
  for (const Section& section : draft.sections) {
    if (section.kind == "service") ++size.participants;
    const bool is_beside = section.kind == "expect" || section.kind == "scenario";
    if (is_beside) continue;
    for (const Assignment& line : section.assignments) {
      if (line.key != "fault" && line.key != "step") ++size.settings;
    }
  }
  size.events = run.statistics.events;
  return size;
}

using Pass = void (*)(Shrinker&);
// The passes that remove most come first: they make the later ones faster.
constexpr Pass kPasses[] = {drop_faults,
                            replace_faults_by_losses,
                            place_faults_by_events,
                            make_delays_constant,
                            drop_faults,
                            drop_orders,
                            drop_services,
                            drop_steps,
                            drop_resources,
                            drop_settings,
                            lower_ordinals,
                            round_times};

// Repeats the passes until a whole round finds nothing more.
void pass_until_nothing_changes(Shrinker& shrinker) {
  for (std::string before; before != text(shrinker.draft());) {
    before = text(shrinker.draft());
    for (const Pass pass : kPasses) pass(shrinker);
  }
}

// "agreement is violated: the least of storm.ini, seed 6"; what was shrunk keeps its title.
void give_title(Draft& draft, const std::string& invariant, std::uint64_t seed) {
  const std::string begins = invariant + " is violated: the least of ";
  if (draft.value("scenario", "title").starts_with(begins)) return;
  const std::string file = draft.name.substr(draft.name.rfind('/') + 1);
  draft.set("scenario", "title", {begins + file + ", seed " + std::to_string(seed)});
}

void expect_what_is_violated(Draft& draft, const RunResult& run, const std::string& invariant) {
  std::vector<std::string> lines = {expects_violation(invariant)};
  for (const Judgement& judgement : run.verdicts.judgements) {
    const bool is_other = judgement.invariant != invariant;
    if (is_other && judgement.verdict == Verdict::Violated) {
      lines.push_back(expects_violation(judgement.invariant));
    }
  }
  draft.set("expect", "that", lines);
}

}  // namespace

bool is_drawn(const Scenario& scenario) {
  const SweepCell cell(std::make_shared<const Scenario>(scenario), {});
  return cell.draws();
}

std::string invariant_to_shrink(const RunResult& run) {
  const std::vector<std::string> counted = counted_by_default(*run.scenario);
  std::string first;
  for (const Judgement& judgement : run.verdicts.judgements) {
    if (judgement.verdict != Verdict::Violated) continue;
    std::string name(judgement.invariant);
    if (std::find(counted.begin(), counted.end(), name) != counted.end()) return name;
    if (first.empty()) first = name;
  }
  return first;
}

// ---- Shrinker

Shrinker::Shrinker(Draft draft, std::string invariant, const ShrinkSettings& settings)
    : draft_(std::move(draft)), invariant_(std::move(invariant)), settings_(settings) {
  draft_.set("expect", "that", {expects_violation(invariant_)});
  scenario_ = parse(draft_).scenario;
  TXSIM_ASSERT(scenario_ != nullptr, "a scenario that was written out cannot be read");
  most_events_ = run().statistics.events * kMoreEvents + kEventsBeside;
  TXSIM_ASSERT(is_violated_in(run_->verdicts, invariant_), "a violation that was written out");
}

const RunResult& Shrinker::run() {
  if (!run_) run_ = run_scenario(scenario_, {.keep_trace = true});
  return *run_;
}

bool Shrinker::is_violated(const Scenario& scenario) const {
  World world(build_world(scenario, false), make_judge_for(scenario, false));
  const Time horizon{scenario.horizon.ns};
  while (!world.standstill() && world.has_pending(horizon)) {
    if (world.statistics().events > most_events_) return false;
    world.step();
  }
  return is_violated_in(judge_end(world, end_of_run(world, horizon)), invariant_);
}

// A defect of txsim found here is reported with the scenario that shows it.
bool Shrinker::is_violated_in_run(const Scenario& scenario, const std::string& written) const {
  try {
    return is_violated(scenario);
  } catch (const std::logic_error& defect) {
    throw Defect(std::string(defect.what()) + "\n  while running this scenario:\n" + written);
  }
}

bool Shrinker::is_violated_with(std::uint64_t seed) const {
  Scenario other = *scenario_;
  other.seed = seed;
  return is_violated(other);
}

bool Shrinker::try_out(Draft candidate) {
  const std::string written = text(candidate);
  if (written == text(draft_)) return true;
  if (is_spent() || failed_.contains(hash_of(written))) return false;
  ++tries_;
  tell_progress();
  const ParsedScenario parsed = parse(candidate);
  const bool is_smaller = parsed.scenario != nullptr &&
                          parsed.scenario->plan.nodes.size() <= scenario_->plan.nodes.size() &&
                          is_violated_in_run(*parsed.scenario, written);
  if (!is_smaller) {
    failed_.insert(hash_of(written));
    return false;
  }
  draft_ = std::move(candidate);
  scenario_ = parsed.scenario;
  run_.reset();
  return true;
}

void Shrinker::tell_progress() const {
  if (!settings_.progress) return;
  settings_.progress({tries_, faults().size(), scenario_->workload.orders});
}

std::string Shrinker::line_of(const Fault& fault) {
  return fault_text(fault, *scenario_, run().spec->dictionary);
}

Draft Shrinker::with_faults(const std::vector<std::string>& lines) const {
  Draft draft = draft_;
  draft.set("faults", "fault", lines);
  return draft;
}

Draft Shrinker::with_fault(std::size_t place, const Fault& fault) {
  std::vector<std::string> lines = fault_lines();
  lines[place] = line_of(fault);
  return with_faults(lines);
}

// ----

ShrinkResult shrink(const Draft& draft, const ShrinkSettings& settings) {
  ShrinkResult result;
  const std::shared_ptr<const Scenario> scenario = parse(draft).scenario;
  TXSIM_ASSERT(scenario != nullptr, "a scenario that was written out cannot be read");
  result.seed = scenario->seed;
  result.run = run_scenario(scenario, {.keep_trace = true});
  const std::string first = invariant_to_shrink(result.run);
  const std::string& wanted = settings.invariant.empty() ? first : settings.invariant;
  result.draft = draft;
  result.before = result.after = size_of(draft, result.run);
  if (wanted.empty() || !is_violated_in(result.run.verdicts, wanted)) return result;
  result.invariant = wanted;

  Shrinker shrinker(draft, wanted, settings);
  place_random_faults(shrinker);
  give_times_to_orders(shrinker);
  pass_until_nothing_changes(shrinker);
  result.tries = shrinker.tries();
  result.is_least = !shrinker.is_spent();

  result.draws = is_drawn(shrinker.scenario());
  for (std::uint64_t i = 0; i < settings.seeds; ++i) {
    const std::uint64_t other = shrinker.scenario().seed + 1 + i;
    ++result.seeds_tried;
    if (shrinker.is_violated_with(other)) ++result.seeds_violated;
  }
  result.draft = shrinker.draft();
  expect_what_is_violated(result.draft, shrinker.run(), wanted);
  if (!result.draws) result.draft.erase("scenario", "seed");
  give_title(result.draft, wanted, result.seed);
  const std::shared_ptr<const Scenario> least = parse(result.draft).scenario;
  TXSIM_ASSERT(least != nullptr, "a scenario that was written out cannot be read");
  result.run = run_scenario(least, {.keep_trace = true});
  result.after = size_of(result.draft, result.run);
  return result;
}

}  // namespace txsim
