#include "runs/shrink_schedule.h"
#include "runs/rehearsal.h"

#include <algorithm>

#include "runs/run.h"
#include "runs/shrinker.h"
#include "scenarios/values.h"

namespace txsim {
namespace {

// The time between two choices of a schedule. It is shorter than any timer, so that nothing else
// comes close to the moment at which a timer fires.
constexpr Duration kBetween = microseconds(100);

class Clocked {
 public:
  Clocked(const Draft& draft, const Schedule& schedule)
      : draft_(draft),
        scenario_(parse(draft).scenario),
        model_(scenario_, schedule.budget, 0, {}, schedule.timing),
        rehearsal_(model_) {
    rehearsal_.set_times_of(schedule);
    step_of_.resize(rehearsal_.state().world.trace().size(), 0);
    replay_ = lead(schedule);
  }

  const Replay& replay() const { return replay_; }

  // With the schedule's faults in addition to the scenario's.
  Draft with_faults(const std::vector<std::string>& more) const {
    Draft draft = draft_;
    std::vector<std::string> lines = scenario_->fault_texts;
    for (const Fault& fault : faults_) lines.push_back(line_of(fault));
    lines.insert(lines.end(), more.begin(), more.end());
    draft.set("faults", "fault", lines);
    return draft;
  }

  // Of a schedule by the clock: everything takes its least time, and what took longer is slow.
  Draft with_times() const {
    std::vector<std::string> late = late_messages();
    const std::vector<std::string> writes = late_writes();
    late.insert(late.end(), writes.begin(), writes.end());
    Draft draft = with_faults(late);
    for (Section& section : draft.sections) {
      const bool is_link = section.kind == "link" || section.kind == "network";
      const bool has_disk = section.kind == "service" || section.kind == "disk";
      for (const Assignment& line : std::vector<Assignment>(section.assignments)) {
        const bool is_delay = (is_link && line.key == "delay") ||
                              (has_disk && (line.key == "disk" || line.key == "delay"));
        if (is_delay) set_values(section, line.key, {text(parse_delay(line.value).low)});
      }
    }
    const std::vector<ShrinkOrder> orders = orders_submitted();
    if (!orders.empty()) set_orders(draft, orders);
    return draft;
  }

  // Messages and orders come in the order of the schedule; each write takes `disk`.
  Draft with_order(Duration disk) const {
    Draft draft = with_faults(slowed());
    for (Section& section : draft.sections) {
      if (section.kind == "service") set_values(section, "disk", {});
    }
    std::erase_if(draft.sections, [](const Section& section) { return section.kind == "link"; });
    draft.set("network", "delay", {"0s"});
    draft.set("disk", "delay", {text(disk)});
    const std::vector<ShrinkOrder> orders = orders_submitted();
    if (!orders.empty()) set_orders(draft, orders);
    return draft;
  }

 private:
  const Trace& trace() const { return rehearsal_.state().world.trace(); }

  Replay lead(const Schedule& schedule) {
    Replay result;
    for (const Schedule::Step& step : schedule.steps) {
      const std::size_t before = trace().size();
      Schedule::Step done;
      if (!rehearsal_.take(step, done)) {
        result.differs = true;
        result.difference = {result.steps + 1, step.label, step.label, "it is not possible"};
        return result;
      }
      end_crashes(before);
      ++result.steps;
      step_of_.resize(trace().size(), result.steps);
      note_fault(step.label, before);
    }
    return result;
  }

  const TraceRecord* find(EventKind kind, std::size_t from) const {
    const auto begin = trace().begin() + static_cast<std::ptrdiff_t>(from);
    const auto found = std::find_if(begin, trace().end(),
                                    [&](const TraceRecord& record) { return record.kind == kind; });
    return found == trace().end() ? nullptr : &*found;
  }

  void note_fault(const std::string& label, std::size_t before) {
    const auto says = [&](std::string_view what) { return label.find(what) != std::string::npos; };
    if (label.ends_with(" crashes") || label.ends_with(" crashes for good") ||
        says(", and crashes")) {
      if (const TraceRecord* record = find(EventKind::Crashed, before)) note_crash(*record);
    } else if (label.ends_with(": lost")) {
      note_message(FaultKind::Drop, find(EventKind::Lost, before));
    } else if (says(", and will receive it again")) {
      note_message(FaultKind::Duplicate, find(EventKind::Duplicated, before));
    }
  }

  // Right after the last event of the node.
  void note_crash(const TraceRecord& crash) {
    const TraceRecord* last = nullptr;
    for (const TraceRecord& record : trace()) {
      if (record.sequence >= crash.sequence) break;
      if (record.node == crash.node && pattern_of(record)) last = &record;
    }
    Fault fault;
    fault.nodes = {crash.node};
    if (crash.value >= 0) fault.duration = Duration{crash.value};
    if (last != nullptr) {
      fault.placed = PlacedBy::Event;
      fault.when = *pattern_of(*last);
      fault.nth = ordinal_of(trace(), fault.when, last->sequence);
    }
    add(fault);
  }

  // By the clock a crashed node restarts at any time: then it is known how long it was away.
  void end_crashes(std::size_t before) {
    if (!model_.has_times()) return;
    for (std::size_t i = before; i < trace().size(); ++i) {
      const TraceRecord& record = trace()[i];
      if (record.kind != EventKind::Restarted) continue;
      for (Fault& fault : faults_) {
        const bool is_its = fault.kind == FaultKind::Crash && fault.nodes.front() == record.node &&
                            fault.duration == kLongestDuration;
        if (is_its) fault.duration = record.time - last_crash(record);
      }
    }
  }
  Time last_crash(const TraceRecord& restart) const {
    Time at;
    for (const TraceRecord& record : trace()) {
      if (record.sequence >= restart.sequence) break;
      if (record.kind == EventKind::Crashed && record.node == restart.node) at = record.time;
    }
    return at;
  }

  void note_message(FaultKind kind, const TraceRecord* record) {
    if (record == nullptr || record->cause == 0) return;
    add(of_message(kind, trace()[record->cause - 1]));
  }

  Fault of_message(FaultKind kind, const TraceRecord& sent) const {
    Fault fault;
    fault.kind = kind;
    fault.placed = PlacedBy::Event;
    fault.when = {EventKind::Sent, sent.what, {sent.node}, {sent.peer}, std::nullopt};
    fault.nth = ordinal_of(trace(), fault.when, sent.sequence);
    return fault;
  }

  void add(const Fault& fault) { faults_.push_back(fault); }
  std::string line_of(Fault fault) const {
    if (fault.duration == kLongestDuration) fault.duration.reset();  // it had not restarted yet
    return fault_text(fault, *scenario_, rehearsal_.state().world.spec().dictionary);
  }

  std::vector<ShrinkOrder> orders_submitted() const {
    std::vector<ShrinkOrder> orders;
    for (const TraceRecord& record : trace()) {
      const bool is_submitted =
          record.kind == EventKind::Announced && record.what == fact_word(FactKind::Submitted);
      if (!is_submitted || submission_of(record.transaction) != 0) continue;
      orders.push_back({clock_of(record), static_cast<std::size_t>(record.extra)});
    }
    return orders;
  }

  Time clock_of(const TraceRecord& record) const {
    if (model_.has_times()) return record.time;
    return record.time + kBetween * static_cast<std::int64_t>(step_of_[record.sequence - 1]);
  }

  // Messages that took longer than the least time of their link.
  std::vector<std::string> late_messages() const {
    std::vector<std::string> lines;
    const Network& network = rehearsal_.state().world.spec().network;
    for (const TraceRecord& record : trace()) {
      const bool has_come = record.kind == EventKind::Delivered && record.node != record.peer;
      if (!has_come || record.cause == 0) continue;
      const TraceRecord& sent = trace()[record.cause - 1];
      Fault fault = of_message(FaultKind::Slow, sent);
      fault.delay = record.time - sent.time - network.link(sent.node, sent.peer).delay.low;
      if (fault.delay.ns > 0) lines.push_back(line_of(fault));
    }
    return lines;
  }

  // Writes that took longer than the least time of their disk: the disk is slow at the moment at
  // which they begin, which is that of the first record that was forced since the write before.
  std::vector<std::string> late_writes() const {
    std::vector<std::string> lines;
    const std::vector<NodeSpec>& nodes = rehearsal_.state().world.spec().nodes;
    std::vector<const TraceRecord*> begun(nodes.size(), nullptr);
    std::vector<const TraceRecord*> next(nodes.size(), nullptr);
    for (const TraceRecord& record : trace()) {
      if (record.node >= nodes.size()) continue;
      const TraceRecord*& first = begun[record.node];
      if (record.kind == EventKind::Crashed) first = next[record.node] = nullptr;
      if (record.kind == EventKind::Forced)
        (first == nullptr ? first : next[record.node]) = &record;
      if (record.kind != EventKind::Durable || first == nullptr || record.time == first->time) {
        continue;
      }
      Fault fault;
      fault.kind = FaultKind::SlowDisk;
      fault.placed = PlacedBy::Event;
      fault.nodes = {record.node};
      fault.when = {first->kind, first->what, {first->node}, {}, std::nullopt};
      fault.nth = ordinal_of(trace(), fault.when, first->sequence);
      fault.duration = nanoseconds(1);
      fault.delay = record.time - first->time - nodes[record.node].disk.low;
      if (fault.delay.ns > 0) lines.push_back(line_of(fault));
      const bool goes_on = next[record.node] != nullptr;
      first = goes_on ? &record : nullptr;  // the next write begins when this one is done
      next[record.node] = nullptr;
    }
    return lines;
  }

  std::vector<std::string> slowed() const {
    std::vector<std::string> lines;
    for (const TraceRecord& record : trace()) {
      const bool has_come = record.kind == EventKind::Delivered && record.node != record.peer;
      if (!has_come || record.cause == 0) continue;
      const TraceRecord& sent = trace()[record.cause - 1];
      Fault fault = of_message(FaultKind::Slow, sent);
      fault.delay = clock_of(record) - clock_of(sent);
      if (fault.delay.ns > 0) lines.push_back(line_of(fault));
    }
    return lines;
  }

  Draft draft_;
  std::shared_ptr<const Scenario> scenario_;
  WorldModel model_;
  Rehearsal rehearsal_;
  Replay replay_;
  std::vector<std::uint64_t> step_of_;  // by event
  std::vector<Fault> faults_;
};

bool violates(const Draft& draft, const std::string& invariant) {
  const std::shared_ptr<const Scenario> scenario = parse(draft).scenario;
  if (scenario == nullptr) return false;
  const RunResult run = run_scenario(scenario);
  return std::any_of(run.verdicts.judgements.begin(), run.verdicts.judgements.end(),
                     [&](const Judgement& judgement) {
                       return judgement.invariant == invariant &&
                              judgement.verdict == Verdict::Violated;
                     });
}

}  // namespace

TimedSchedule time_schedule(const Draft& draft, const Schedule& schedule) {
  TimedSchedule timed;
  const Clocked clocked(draft, schedule);
  timed.replay = clocked.replay();
  if (timed.replay.differs) return timed;
  std::vector<Draft> candidates;
  if (schedule.timing == Timing::Clock) candidates.push_back(clocked.with_times());
  candidates.push_back(clocked.with_faults({}));
  for (const Duration disk : {kBetween * 1, kBetween * 10, Duration{0}, kBetween * 100}) {
    candidates.push_back(clocked.with_order(disk));
    Draft faults_only = clocked.with_faults({});
    faults_only.set("disk", "delay", {text(disk)});
    candidates.push_back(std::move(faults_only));
  }
  for (Draft& candidate : candidates) {
    candidate.set("expect", "that", {});
    if (!violates(candidate, schedule.violated)) continue;
    timed.draft = std::move(candidate);
    break;
  }
  return timed;
}

}  // namespace txsim
