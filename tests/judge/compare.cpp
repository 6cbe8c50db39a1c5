#include "tests/judge/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "protocols/two_phase_commit/messages.h"
#include "runs/ddmin.h"
#include "runs/run.h"
#include "scenarios/language.h"
#include "sim/assert.h"
#include "sim/world.h"
#include "tests/judge/reference_judge.h"
#include "tests/judge/under_way.h"
#include "tests/runs/promises.h"

namespace txsim::reference {
namespace {

// Longer runs are not compared. A run counts as endless if its time is still below 1/kFarOff of its
// horizon after kMostEvents events.
constexpr std::uint64_t kMostEvents = 1'000'000;
constexpr std::int64_t kFarOff = 64;

ParsedScenario parse(const std::string& text) {
  return parse_scenario("random.ini", [&](const std::string&) { return FileText{text, ""}; });
}

// True if a node is down or paused, or a fault window is open.
bool is_disturbed(const Trace& trace) {
  std::set<NodeId> down;
  std::set<NodeId> paused;
  std::multiset<std::int64_t> open;
  for (const TraceRecord& record : trace) {
    switch (record.kind) {
      case EventKind::Crashed:
        down.insert(record.node);
        paused.erase(record.node);
        break;
      case EventKind::Restarted:
        down.erase(record.node);
        break;
      case EventKind::Paused:
        if (record.value != 0) paused.insert(record.node);  // value 0: it resumes in this instant
        break;
      case EventKind::Resumed:
        paused.erase(record.node);
        break;
      case EventKind::FaultBegan:
        open.insert(record.value);
        break;
      case EventKind::FaultEnded:
        open.erase(record.value);
        break;
      default:
        break;
    }
  }
  return !down.empty() || !paused.empty() || !open.empty();
}

// True if the fault still drops every matching message. A drop with an end counts as over when
// nothing is pending.
bool is_dropping(const Fault& fault, Time now, bool is_pending) {
  const bool every_one = fault.placed == PlacedBy::Event && fault.nth == 0;
  if (fault.kind != FaultKind::Drop || !every_one || fault.at > now) return false;
  return !fault.duration || (is_pending && now < fault.at + *fault.duration);
}

struct OneRun {
  std::shared_ptr<const WorldSpec> spec;
  std::unique_ptr<World> world;
  bool is_too_long = false;
};

OneRun run(const Scenario& scenario, bool keep_trace) {
  OneRun one;
  one.spec = build_world(scenario, keep_trace);
  one.world = std::make_unique<World>(one.spec, make_judge_for(scenario, false));
  const Time until{scenario.horizon.ns};
  constexpr std::int64_t kLooks = 64;
  for (std::int64_t look = 1; look <= kLooks && !one.is_too_long; ++look) {
    one.world->run(look == kLooks ? until : Time{until.ns / kLooks * look});
    one.is_too_long = one.world->statistics().events > kMostEvents;
  }
  return one;
}

RecordedRun recorded(const Scenario& scenario, const World& world) {
  const EndOfRun end = end_of_run(world, Time{scenario.horizon.ns});
  RecordedRun run{world.trace(), scenario.plan, std::nullopt, {}};
  run.longest_lock_wait = scenario.longest_lock_wait;
  run.end.time = end.time;
  run.end.faults_met = end.faults_met;
  run.end.unreachable = {end.unreachable.begin(), end.unreachable.end()};
  run.end.messages_duplicated = end.messages_duplicated;
  const bool is_pending = world.has_pending(kEndOfTime);
  run.end.fault_is_open =
      is_disturbed(world.trace()) ||
      std::any_of(scenario.faults.begin(), scenario.faults.end(),
                  [&](const Fault& fault) { return is_dropping(fault, world.now(), is_pending); });
  return run;
}

// The continuation of the run without a horizon. It has at least kFewestSteps steps and as many
// events as the run. It lasts one minute, or kMostStepsOfMinute steps if those come first. It also
// lasts until everything that was under way at the cut has arrived. It has at most
// kMostEventsBeyond events, or as many as the run if those are more. The last look is at its end.
// With `closely` there is also a look each time the number of steps doubles.
std::vector<World> gone_on(const World& world, Time horizon, bool closely) {
  constexpr std::uint64_t kFewestSteps = 2'000;
  constexpr std::uint64_t kMostStepsOfMinute = 20'000;
  constexpr std::uint64_t kMostEventsBeyond = 200'000;
  constexpr std::uint64_t kLooks = 12;
  std::vector<World> looks;
  World beyond = world;
  UnderWay under_way(world.trace());
  const std::uint64_t begun = world.statistics().events;
  const std::uint64_t least = std::max(kFewestSteps, begun);
  const std::uint64_t most = std::max(kMostStepsOfMinute, begun);
  const std::uint64_t most_events = begun + std::max(kMostEventsBeyond, begun);
  std::uint64_t next = 1;
  std::optional<std::uint64_t> all_came;  // steps until nothing from before the cut was under way
  for (std::uint64_t steps = 0;; ++steps) {
    if (!all_came && !under_way.any()) all_came = steps;
    if (beyond.statistics().events >= most_events) break;
    const bool is_minute = steps >= least && beyond.now() >= horizon + seconds(60);
    const bool is_over = all_came && steps >= *all_came + kFewestSteps;
    if ((is_minute || steps >= most) && is_over) break;
    if (next < kLooks && steps == most >> (kLooks - next)) {
      if (closely) looks.push_back(beyond);
      ++next;
    }
    const std::size_t seen = beyond.trace().size();
    if (!beyond.step()) break;
    for (std::size_t i = seen; i < beyond.trace().size(); ++i) under_way.see(beyond.trace()[i]);
  }
  looks.push_back(beyond);
  return looks;
}

// A vote timeout fired at a coordinator of two-phase commit. A vote may have been under way.
bool was_impatient(const Trace& trace) {
  return std::any_of(trace.begin(), trace.end(), [](const TraceRecord& record) {
    return record.kind == EventKind::TimerFired && record.what == two_phase::kVoteTimeout;
  });
}

// A step `as read` overwrites the row, even changes of its own transaction. No protocol promises
// conservation for it.
bool is_promised_here(const RunResult& result, std::string_view invariant) {
  const Scenario& scenario = *result.scenario;
  const auto overwrites = [](const TransactionKind& kind) {
    return std::any_of(kind.steps.begin(), kind.steps.end(),
                       [](const Step& step) { return step.as_read; });
  };
  const std::vector<TransactionKind>& kinds = scenario.plan.kinds;
  if (invariant == "conservation" && std::any_of(kinds.begin(), kinds.end(), overwrites)) {
    return false;
  }
  if (invariant == "nontrivial" && was_impatient(result.trace)) return false;
  return tests::is_promised(scenario, invariant);
}

void compare_verdicts(const Scenario& scenario, const RunResult& result,
                      const std::vector<Decision>& decisions, const Question& question,
                      std::vector<Finding>& findings) {
  const std::vector<Judgement>& judgements = result.verdicts.judgements;
  TXSIM_ASSERT(judgements.size() == decisions.size(), "an invariant has no definition");
  const bool is_safe = question.promises && tests::why_not_promised(scenario).empty();
  for (std::size_t i = 0; i < judgements.size(); ++i) {
    const Judgement& fast = judgements[i];
    const Decision& plain = decisions[i];
    TXSIM_ASSERT(fast.invariant == definitions()[i].invariant, "the definitions' order");
    if (fast.verdict != plain.verdict) {
      findings.push_back({fmt::format("{}: {}, by definition {}", fast.invariant,
                                      text(fast.verdict), text(plain.verdict)),
                          fmt::format("judge: {}\n# definition: {}", fast.explanation, plain.why)});
    } else if (is_safe && fast.verdict == Verdict::Violated &&
               is_promised_here(result, fast.invariant)) {
      findings.push_back(
          {fmt::format("promise: {} of {}", fast.invariant, scenario.protocol_name()),
           fast.explanation});
    }
  }
}

std::vector<Decision> decide_cut_off(const Scenario& scenario, const World& world, bool closely) {
  RecordedRun record = recorded(scenario, world);
  const std::vector<World> beyond = gone_on(world, Time{scenario.horizon.ns}, closely);
  std::vector<RecordedRun> later;
  for (const World& look : beyond) later.push_back(recorded(scenario, look));
  for (const RecordedRun& look : later) {  // an open fault makes a look useless
    if (!look.end.fault_is_open || &look == &later.back()) record.gone_on.push_back(&look);
  }
  return decide_all(record);
}

std::vector<Decision> decide(const Scenario& scenario, const World& world) {
  RecordedRun record = recorded(scenario, world);
  record.end.is_livelock = world.standstill().has_value();
  if (record.end.is_livelock || !world.has_pending(kEndOfTime)) return decide_all(record);
  const std::vector<Decision> decisions = decide_cut_off(scenario, world, false);
  const bool is_any_open =
      std::any_of(decisions.begin(), decisions.end(), [](const Decision& decision) {
        return !decision.is_outright && !decision.in_the_end.empty();
      });
  return is_any_open ? decide_cut_off(scenario, world, true) : decisions;
}

void compare_parsed(const std::shared_ptr<const Scenario>& scenario, const Question& question,
                    ComparedRun& compared) {
  const OneRun with_trace = run(*scenario, true);
  compared.events = with_trace.world->trace().size();
  compared.is_too_long = with_trace.is_too_long;
  if (with_trace.is_too_long) {
    if (with_trace.world->now().ns < scenario->horizon.ns / kFarOff) {
      compared.findings.push_back({"endless", fmt::format("after {} events", compared.events)});
    }
    return;
  }
  const RunResult result = finish_run(scenario, with_trace.spec, *with_trace.world);
  compare_verdicts(*scenario, result, decide(*scenario, *with_trace.world), question,
                   compared.findings);
  const OneRun again = run(*scenario, false);
  const RunResult other = finish_run(scenario, again.spec, *again.world);
  if (other.digest != result.digest) compared.findings.push_back({"digest", "differs"});
  for (std::size_t i = 0; i < result.verdicts.judgements.size(); ++i) {
    if (result.verdicts.judgements[i].verdict == other.verdicts.judgements[i].verdict) continue;
    compared.findings.push_back({"verdict without a trace", "differs"});
  }
}

}  // namespace

std::vector<Decision> decide_by_definition(const std::string& text) {
  const ParsedScenario parsed = parse(text);
  TXSIM_ASSERT(parsed.scenario != nullptr, "no scenario");
  return decide(*parsed.scenario, *run(*parsed.scenario, true).world);
}

ComparedRun compare(const std::string& text, const Question& question) {
  ComparedRun compared;
  try {
    const ParsedScenario parsed = parse(text);
    if (!parsed.scenario) {
      const std::string error = txsim::text(parsed.errors.front());
      compared.findings.push_back({"refused", error});
    } else {
      compare_parsed(parsed.scenario, question, compared);
    }
  } catch (const std::logic_error& defect) {
    compared.findings.push_back({"assertion", defect.what()});
  }
  return compared;
}

std::string shrunk(const std::string& text, const std::string& kind) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  const auto joined = [&](const Places& kept) {
    std::string some;
    for (const std::size_t place : kept) some += lines[place] + "\n";
    return some;
  };
  const Places kept = ddmin(lines.size(), [&](const Places& tried) {
    const std::vector<Finding> findings = compare(joined(tried)).findings;
    return std::any_of(findings.begin(), findings.end(),
                       [&](const Finding& finding) { return finding.kind == kind; });
  });
  return joined(kept);
}

}  // namespace txsim::reference
