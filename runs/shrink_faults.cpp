// Which faults are needed, and how they are placed so that they do not depend on the clock.
#include <algorithm>

#include "runs/ddmin.h"
#include "runs/shrinker.h"
#include "scenarios/grammar.h"

namespace txsim {

void drop_faults(Shrinker& shrinker) {
  const std::vector<std::string> lines = shrinker.fault_lines();
  ddmin(lines.size(), [&](const Places& kept) {
    std::vector<std::string> some;
    for (const std::size_t place : kept) some.push_back(lines[place]);
    return shrinker.try_out(shrinker.with_faults(some));
  });
}

std::optional<EventPattern> pattern_of(const TraceRecord& record) {
  EventPattern pattern{record.kind, record.what, {record.node}, {}, std::nullopt};
  switch (record.kind) {
    case EventKind::Sent:
    case EventKind::Delivered:
      pattern.peers = {record.peer};
      return pattern;
    case EventKind::Announced:
      if (!fact_value_text(record.what, record.value).empty()) pattern.value = record.value;
      return pattern;
    case EventKind::Restarted:
      if (record.value == 0) return std::nullopt;  // the first boot
      return pattern;
    case EventKind::Appended:
    case EventKind::Forced:
    case EventKind::Durable:
      if (!record.what) return std::nullopt;
      return pattern;
    case EventKind::TimerFired:
      return pattern;
    default:
      return std::nullopt;
  }
}

std::uint64_t ordinal_of(const Trace& trace, const EventPattern& pattern, std::uint64_t sequence) {
  std::uint64_t nth = 0;
  for (const TraceRecord& record : trace) {
    if (record.sequence > sequence) break;
    if (pattern.matches(record)) ++nth;
  }
  return nth;
}

namespace {

// The last event of a node before a moment that a sentence can name.
const TraceRecord* last_before(const Trace& trace, NodeId node, Time at) {
  const TraceRecord* last = nullptr;
  for (const TraceRecord& record : trace) {
    if (record.time >= at) break;
    if (record.node == node && pattern_of(record)) last = &record;
  }
  return last;
}

// The fault ends at the same moment or, if that fails, lasts as long as before.
void place_by_event(Shrinker& shrinker, std::size_t place) {
  const Fault fault = shrinker.faults()[place];
  if (fault.placed != PlacedBy::Time || fault.is_message_fault() || fault.nodes.size() != 1) return;
  const Trace& trace = shrinker.run().trace;
  const TraceRecord* last = last_before(trace, fault.nodes.front(), fault.at);
  if (last == nullptr) return;
  Fault placed = fault;
  placed.placed = PlacedBy::Event;
  placed.when = *pattern_of(*last);
  placed.nth = ordinal_of(trace, placed.when, last->sequence);
  const Duration earlier = fault.at - last->time;
  placed.at = Time{};
  if (fault.duration) placed.duration = *fault.duration + earlier;
  if (shrinker.try_out(shrinker.with_fault(place, placed))) return;
  placed.duration = fault.duration;
  shrinker.try_out(shrinker.with_fault(place, placed));
}

void lower_ordinal(Shrinker& shrinker, std::size_t place) {
  while (true) {
    const Fault fault = shrinker.faults()[place];
    if (fault.placed != PlacedBy::Event || fault.nth <= 1) return;
    bool is_lower = false;
    for (const std::uint64_t nth : {std::uint64_t{1}, fault.nth / 2, fault.nth - 1}) {
      if (nth == 0 || is_lower) continue;
      Fault lower = fault;
      lower.nth = nth;
      is_lower = shrinker.try_out(shrinker.with_fault(place, lower));
    }
    if (!is_lower) return;
  }
}

// How many of the messages that a fault may have kept from arriving are tried.
constexpr std::size_t kMostLosses = 8;

// One lost message says more than a crash, a cut or a pause in which it was lost.
void replace_by_loss(Shrinker& shrinker, std::size_t place) {
  if (shrinker.faults()[place].is_message_fault()) return;
  const Trace trace = shrinker.run().trace;
  std::size_t losses = 0;
  for (const TraceRecord& record : trace) {
    const auto reason = static_cast<LossReason>(record.value);
    const bool is_lost = record.kind == EventKind::Lost && reason != LossReason::OnTheWay;
    if (!is_lost || record.cause == 0) continue;
    if (++losses > kMostLosses) return;
    Fault drop;
    drop.kind = FaultKind::Drop;
    drop.placed = PlacedBy::Event;
    drop.when = {EventKind::Sent, record.what, {record.node}, {record.peer}, std::nullopt};
    drop.nth = ordinal_of(trace, drop.when, record.cause);
    if (shrinker.try_out(shrinker.with_fault(place, drop))) return;
  }
}

}  // namespace

void replace_faults_by_losses(Shrinker& shrinker) {
  for (std::size_t i = 0; i < shrinker.faults().size(); ++i) replace_by_loss(shrinker, i);
}

void place_faults_by_events(Shrinker& shrinker) {
  for (std::size_t i = 0; i < shrinker.faults().size(); ++i) place_by_event(shrinker, i);
}

void lower_ordinals(Shrinker& shrinker) {
  for (std::size_t i = 0; i < shrinker.faults().size(); ++i) lower_ordinal(shrinker, i);
}

}  // namespace txsim
