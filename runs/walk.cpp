#include "runs/walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "runs/jobs.h"
#include "scenarios/language.h"
#include "sim/assert.h"
#include "sim/world.h"

namespace txsim {
namespace {

constexpr Duration kSmallJump = seconds(1);

// A transaction from its submission to the last fact about it.
struct Life {
  TransactionSummary summary;
  Time last;

  bool is_open() const {
    return summary.is_begun() && summary.ending != Ending::Committed &&
           summary.ending != Ending::Aborted && summary.ending != Ending::Compensated;
  }
};
using Lives = std::map<TransactionId, Life>;

Lives lives_of(const RunResult& run) {
  Lives lives;
  for (const TransactionSummary& summary : run.verdicts.transactions) {
    lives[summary.id] = {summary, summary.submitted};
  }
  // A client that stops waiting is no part of the recovery.
  for (const TraceRecord& record : run.trace) {
    if (record.kind != EventKind::Announced || record.what == fact_word(FactKind::GaveUp)) continue;
    const auto life = lives.find(record.transaction);
    if (life != lives.end()) life->second.last = record.time;
  }
  return lives;
}

// The last fact about each order.
std::map<std::uint64_t, Time> ends_of_orders(const Lives& lives) {
  std::map<std::uint64_t, Time> ends;
  for (const auto& [id, life] : lives) {
    Time& end = ends[order_of(id)];
    end = std::max(end, life.last);
  }
  return ends;
}

bool is_violated(const RunResult& run, std::string_view invariant) {
  const auto& all = run.verdicts.judgements;
  return std::any_of(all.begin(), all.end(), [&](const Judgement& judgement) {
    return judgement.invariant == invariant && judgement.verdict == Verdict::Violated;
  });
}

// Another kind of expectation, such as how many transactions commit, is about the undisturbed run.
std::uint32_t unexpected_in(const RunResult& run) {
  std::uint32_t bits = 0;
  for (const Met& met : run.expectations) {
    if (met.met || met.expectation.kind != Expectation::Kind::Verdict) continue;
    if (!is_violated(run, met.expectation.subject)) continue;
    bits |= bit_of(met.expectation.subject);
  }
  return bits;
}

WalkOutcome outcome_of(const RunResult& run) {
  const Counters& counters = run.verdicts.counters;
  WalkOutcome outcome;
  std::copy(std::begin(counters.endings), std::end(counters.endings), outcome.endings.begin());
  outcome.never_begun = counters.never_begun();
  outcome.told_done = counters.orders_told_done;
  outcome.told_failed = counters.orders_told_failed;
  outcome.told_nothing = counters.orders_told_nothing();
  outcome.told_busy = counters.told_busy;
  for (std::size_t i = 0; i < run.verdicts.judgements.size(); ++i) {
    if (run.verdicts.judgements[i].verdict == Verdict::Violated) outcome.violated |= 1U << i;
  }
  outcome.unexpected = unexpected_in(run);
  return outcome;
}

struct WalkRun {
  WalkOutcome outcome;
  Duration well_after;
};

// All that the runs of a walk share.
class Walker {
 public:
  explicit Walker(const WalkPlan& plan)
      : plan_(plan),
        judge_(make_judge_for(*plan.scenario, true)),
        bare_(*plan.undisturbed.spec),
        as_it_is_(lives_of(plan.undisturbed)),
        does_converge_(!is_violated(plan.undisturbed, "convergence")) {
    bare_.dictionary = {};  // copying the names is slow, and no run needs them
  }

  // Called by any thread. Throws Defect.
  WalkRun run(const WalkPlace& place) const {
    const Fault fault = plan_.fault_at(place);
    try {
      return run_with(fault, place.at);
    } catch (const std::logic_error& defect) {
      const std::string sentence =
          fault_text(fault, *plan_.scenario, plan_.undisturbed.spec->dictionary);
      throw Defect(fmt::format("{}\n  while running {} with seed {} and the fault: {}",
                               defect.what(), plan_.scenario->name, plan_.scenario->seed,
                               sentence));
    }
  }

 private:
  WalkRun run_with(const Fault& fault, Time at) const {
    auto spec = std::make_shared<WorldSpec>(bare_);
    spec->faults.push_back(fault);
    World world(std::move(spec), judge_->clone());
    world.run(Time{plan_.scenario->horizon.ns});
    const RunResult result = finish_run(plan_.scenario, plan_.undisturbed.spec, world);
    WalkRun walked{outcome_of(result), {}};
    walked.outcome.struck = world.strikes()[bare_.faults.size()] > 0;
    if (walked.outcome.struck) settle(result, fault, at, walked);
    return walked;
  }

  void settle(const RunResult& result, const Fault& fault, Time at, WalkRun& walked) const {
    const bool stays = !fault.duration && !fault.is_message_fault();
    const Time back = fault.duration ? at + *fault.duration : at;
    const Lives lives = lives_of(result);
    const std::map<std::uint64_t, Time> ends = ends_of_orders(lives);
    Time well = back;
    const bool loops = does_converge_ && is_violated(result, "convergence");
    bool is_open = loops;
    bool is_disturbed = false;  // the order; its first submission comes first
    for (const auto& [id, life] : lives) {
      if (submission_of(id) == 0) {
        is_disturbed = (stays || life.summary.submitted <= back) && ends.at(order_of(id)) >= at;
      }
      if (!is_disturbed) continue;
      well = std::max(well, life.last);
      is_open = is_open || (life.is_open() && !ended_so_before(id, life));
    }
    const bool is_cut = !result.idle && !result.standstill;
    if (is_open) walked.outcome.well = is_cut && !loops ? WellAgain::CutOff : WellAgain::Never;
    if (back > Time{plan_.scenario->horizon.ns}) walked.outcome.well = WellAgain::CutOff;
    if (walked.outcome.well == WellAgain::After) walked.well_after = well - at;
  }

  bool ended_so_before(TransactionId id, const Life& life) const {
    const auto before = as_it_is_.find(id);
    return before != as_it_is_.end() && before->second.summary.ending == life.summary.ending;
  }

  const WalkPlan& plan_;
  std::unique_ptr<Observer> judge_;
  WorldSpec bare_;
  Lives as_it_is_;
  bool does_converge_;
};

bool is_in_window(const Fault& fault, Time at) {
  const bool is_before_end = !fault.duration || at < fault.at + *fault.duration;
  return at >= fault.at && is_before_end;
}

// The nth match counts as in the language. A node always reaches itself.
bool is_lost_by(const Fault& fault, const TraceRecord& record, std::uint64_t& matches) {
  if (record.kind != EventKind::Sent) return false;
  if (fault.placed == PlacedBy::Sequence) return record.sequence == fault.nth;
  if (!fault.when.matches(record)) return false;
  ++matches;
  if (record.node == record.peer) return false;
  return fault.nth == 0 ? is_in_window(fault, record.time) : matches == fault.nth;
}

void leave_out(std::vector<WalkPlace>& places, std::uint64_t most) {
  if (places.size() <= most) return;
  std::vector<WalkPlace> kept;
  for (std::uint64_t i = 0; i < most; ++i) kept.push_back(places[i * places.size() / most]);
  places = std::move(kept);
}

// Whether the time until all is well again is still of the same kind.
bool is_near(const WalkRow& row, Duration well_after) {
  const Duration soonest = std::min(row.soonest, well_after);
  const Duration latest = std::max(row.latest, well_after);
  return latest - soonest <= std::max(soonest, kSmallJump);
}

void join(WalkResult& result, const WalkPlace& place, const WalkRun& run) {
  const WalkRow* last = result.rows.empty() ? nullptr : &result.rows.back();
  const bool goes_on = last != nullptr && last->first.fault == place.fault &&
                       last->outcome == run.outcome && is_near(*last, run.well_after);
  if (!goes_on) {
    result.rows.push_back({place, place, 0, run.outcome, run.well_after, run.well_after});
  }
  WalkRow& row = result.rows.back();
  row.last = place;
  ++row.runs;
  row.soonest = std::min(row.soonest, run.well_after);
  row.latest = std::max(row.latest, run.well_after);
}

}  // namespace

Fault WalkPlan::fault_at(const WalkPlace& place) const {
  Fault fault = faults[place.fault];
  fault.placed = PlacedBy::Sequence;
  fault.nth = place.event;
  fault.at = {};
  fault.when = {};
  if (fault.is_message_fault()) fault.duration.reset();
  return fault;
}

WalkPlan plan_walk(std::shared_ptr<const Scenario> scenario, const WalkWanted& wanted) {
  WalkPlan plan;
  plan.scenario = std::move(scenario);
  plan.faults = wanted.faults;
  RunOptions options;
  options.keep_trace = true;
  plan.undisturbed = run_scenario(plan.scenario, options);
  TXSIM_ASSERT(plan.undisturbed.trace.size() <= kMostEventsWalked, "a walk through a long run");
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    std::uint64_t matches = 0;
    const bool is_loss = plan.faults[i].is_message_fault();
    for (const TraceRecord& record : plan.undisturbed.trace) {
      if (is_loss && !is_lost_by(plan.faults[i], record, matches)) continue;
      if (record.time < wanted.from || record.time > wanted.to) continue;
      plan.places.push_back({i, record.sequence, record.time});
    }
  }
  plan.moments = plan.places.size();
  leave_out(plan.places, wanted.most_runs);
  return plan;
}

WalkClass WalkResult::class_of(const WalkOutcome& outcome) const {
  if (outcome.unexpected != 0) return WalkClass::Violated;
  if (!outcome.struck) return WalkClass::NoEffect;
  if ((outcome.violated & ~undisturbed.violated) != 0) return WalkClass::ViolatedAllowed;
  if (outcome.well != WellAgain::After) return WalkClass::NotWell;
  if (outcome.told_nothing > undisturbed.told_nothing) return WalkClass::Unanswered;
  return outcome == undisturbed ? WalkClass::Same : WalkClass::Otherwise;
}

bool WalkResult::is_as_expected() const {
  return undisturbed.unexpected == 0 &&
         std::all_of(rows.begin(), rows.end(),
                     [](const WalkRow& row) { return row.outcome.unexpected == 0; });
}

WalkResult walk(const WalkPlan& plan, unsigned jobs,
                const std::function<void(std::uint64_t, std::uint64_t)>& told) {
  const Walker walker(plan);
  WalkResult result;
  result.undisturbed = outcome_of(plan.undisturbed);
  std::uint64_t done = 0;
  std::uint64_t violated = 0;
  OrderedJobs<WalkRun> all(jobs, plan.places.size(),
                           [&](std::uint64_t piece) { return walker.run(plan.places[piece]); });
  all.run([&](WalkRun&& run) {
    if (run.outcome.unexpected != 0) ++violated;
    join(result, plan.places[done], run);
    told(++done, violated);
    return true;
  });
  return result;
}

}  // namespace txsim
