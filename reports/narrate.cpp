#include "reports/narrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace txsim {
namespace {

// A step and its result: "stock -2 → 98".
std::string change_text(const TraceRecord& record, const RunNames& names) {
  const Step* step = names.step(kind_of(record.extra), record.step);
  if (step == nullptr) return fmt::format("step {}", record.step);
  const std::string resource = names.resource(step->resource);
  if (step->action == Action::Create) return resource + " record created";
  if (step->action == Action::Complete) return resource + " record completed";
  if (step->action == Action::Read) return "reads " + resource;
  const bool is_sum = record.value != 0 && !step->as_read;
  const std::int64_t value = is_sum ? record.value : step->delta();
  return fmt::format("{} {:+}{} → {}", resource, value, step->as_read ? " as read" : "",
                     amount_of(record.extra));
}

std::string moved_text(const TraceRecord& record, const RunNames& names, std::string_view what) {
  const Step* step = names.step(kind_of(record.extra), record.step);
  if (step == nullptr) return fmt::format("step {} {}", record.step, what);
  if (step->action == Action::Create || step->action == Action::Complete) {
    return fmt::format("{} ({})", change_text(record, names), what);
  }
  return fmt::format("{} {} {}, {} available", names.resource(step->resource),
                     std::abs(record.value), what, amount_of(record.extra));
}

// A step taken back: "stock +2 → 100 (compensated)". With value 0 there was nothing to take back.
std::string compensated_text(const TraceRecord& record, const RunNames& names) {
  const Step* step = names.step(kind_of(record.extra), record.step);
  if (step == nullptr) return fmt::format("step {} (compensated)", record.step);
  const std::string resource = names.resource(step->resource);
  if (step->delta() == 0) return resource + " record undone (compensated)";
  if (record.value == 0) return resource + ": nothing to undo (called off)";
  if (step->action == Action::Complete) return resource + " record reopened (compensated)";
  return fmt::format("{} {:+} → {} (compensated)", resource, record.value, amount_of(record.extra));
}

// A step as requested: "stock -2".
std::string step_text(const TraceRecord& record, const RunNames& names) {
  const Step* step = names.step(kind_of(record.extra), record.step);
  if (step == nullptr) return fmt::format("step {}", record.step);
  const std::string resource = names.resource(step->resource);
  if (step->action == Action::Take || step->action == Action::Give) {
    return fmt::format("{} {:+}", resource, step->delta());
  }
  return fmt::format("to {} {}", text(step->action), resource);
}

std::string outcome_text(std::int64_t value) { return text(static_cast<Outcome>(value)); }

Tone outcome_tone(std::int64_t value) {
  return static_cast<Outcome>(value) == Outcome::Committed ? Tone::Good : Tone::Warning;
}

Phrase narrate_transaction(const TraceRecord& record, const RunNames& names) {
  const std::int64_t value = record.value;
  switch (static_cast<FactKind>(record.what.id)) {
    case FactKind::Submitted:
      return {fmt::format("submits order {} ({})", value, names.kind(record.extra)), Tone::Strong};
    case FactKind::Told: {
      const bool done = static_cast<Reply>(value) == Reply::Done;
      return {fmt::format("is told: {}", text(static_cast<Reply>(value))),
              done ? Tone::Good : Tone::Warning};
    }
    case FactKind::GaveUp:
      return {"gives up waiting and does not know", Tone::Warning};
    case FactKind::Recognised:
      return {fmt::format("recognises order {} as executed before", value)};
    case FactKind::OrderLocked:
      return {fmt::format("gives it the lock of order {}", value)};
    case FactKind::OrderUnlocked:
      return {fmt::format("lock of order {} {}", value, record.extra == 0 ? "released" : "expires"),
              record.extra == 0 ? Tone::Plain : Tone::Warning};
    case FactKind::PhaseEntered:
      return {fmt::format("phase {}", text(static_cast<Phase>(value))), Tone::Faint};
    case FactKind::Decided:
      return {"decides: " + outcome_text(value), outcome_tone(value)};
    case FactKind::HeuristicReported:
      return {fmt::format("learns that {} decided alone: {}", names.node(record.peer),
                          outcome_text(value)),
              Tone::Bad};
    case FactKind::Resent:
      return {"sends again to " + names.node(record.peer), Tone::Warning};
    default:
      return {};
  }
}

Phrase narrate_participant(const TraceRecord& record, const RunNames& names) {
  const std::int64_t value = record.value;
  switch (static_cast<FactKind>(record.what.id)) {
    case FactKind::Voted: {
      const bool no = static_cast<Vote>(value) == Vote::No;
      return {fmt::format("votes {}", text(static_cast<Vote>(value))),
              no ? Tone::Warning : Tone::Strong};
    }
    case FactKind::InDoubt:
      return {"is in doubt: no decision has come", Tone::Warning};
    case FactKind::DecidedAlone:
      return {fmt::format("decides alone: {} (heuristic)", outcome_text(value)), Tone::Bad};
    case FactKind::DoubtEnded:
      return {"is no longer in doubt: " + outcome_text(value)};
    case FactKind::Finished:
      return {"its part is " + outcome_text(value), outcome_tone(value)};
    case FactKind::Updated:
      return {change_text(record, names) + " (provisional)"};
    case FactKind::Undone:
      return {change_text(record, names) + " (rolled back)"};
    case FactKind::Applied:
      return {change_text(record, names) + " (permanent)"};
    case FactKind::Reserved:
      return {moved_text(record, names, "reserved")};
    case FactKind::Confirmed:
      return {moved_text(record, names, "confirmed")};
    case FactKind::Cancelled:
      return {moved_text(record, names, "given back")};
    case FactKind::Compensated:
      return {compensated_text(record, names)};
    case FactKind::Rejected:
      return {"refuses " + step_text(record, names), Tone::Warning};
    case FactKind::ReadDone:
      return {change_text(record, names)};
    default:
      return {};
  }
}

Phrase narrate_fact(const TraceRecord& record, const RunNames& names) {
  const std::int64_t value = record.value;
  switch (static_cast<FactKind>(record.what.id)) {
    case FactKind::Recovered:
      return {fmt::format("recovers {}: {} available{}", names.resource(record.peer), value,
                          record.extra == 0 ? "" : fmt::format(", {} reserved", record.extra))};
    case FactKind::LockWaited:
      return {fmt::format("waits for the lock of {}, held by {}", names.resource(value),
                          transaction_text(static_cast<TransactionId>(record.extra))),
              Tone::Warning};
    case FactKind::LockGranted:
      return {"gets the lock of " + names.resource(value)};
    case FactKind::LockTimedOut:
      return {"stops waiting for the lock of " + names.resource(value), Tone::Warning};
    case FactKind::LockTaken:
      return {"locks " + names.resource(value)};
    case FactKind::LockReleased:
      return {"unlocks " + names.resource(value)};
    case FactKind::EventCommitted:
      return {"has an event to publish"};
    case FactKind::EventHandled:
      return {"has handled the event"};
    default:
      break;
  }
  if (Phrase phrase = narrate_transaction(record, names); !phrase.text.empty()) return phrase;
  if (Phrase phrase = narrate_participant(record, names); !phrase.text.empty()) return phrase;
  return {fmt::format("{} {}", names.word(record.what), value)};
}

std::string fault_of(const TraceRecord& record, const std::vector<std::string>& faults) {
  const auto number = static_cast<std::uint64_t>(record.value);
  return number < faults.size() ? faults[number] : fmt::format("number {}", record.value);
}

Phrase narrate_message(const TraceRecord& record, const RunNames& names) {
  const std::string what = message_text(record, names);
  const std::string peer = names.node(record.peer);
  switch (record.kind) {
    case EventKind::Sent:
      return {arrow_text(what, true, peer)};
    case EventKind::Delivered:
      return {fmt::format("gets {} from {}", what, peer)};
    case EventKind::Lost:
      return {fmt::format("{} ({})", arrow_text(what, false, peer),
                          text(static_cast<LossReason>(record.value))),
              Tone::Bad};
    case EventKind::Duplicated:
      return {fmt::format("{} twice", arrow_text(what, true, peer)), Tone::Warning};
    default:
      return {fmt::format("{} refused by {}", what, peer), Tone::Bad};
  }
}

}  // namespace

bool Recollection::is_recalled(const TraceRecord& record) {
  constexpr Time kNever{-1};
  if (record.kind != EventKind::Restarted && record.kind != EventKind::Announced) return false;
  if (record.node >= restarted_.size()) restarted_.resize(record.node + 1, kNever);
  Time& restarted = restarted_[record.node];
  if (record.kind == EventKind::Restarted) {
    restarted = record.value == 0 ? kNever : record.time;
    return false;
  }
  switch (static_cast<FactKind>(record.what.id)) {
    case FactKind::Recovered:
      restarted = kNever;
      return false;
    case FactKind::Voted:
    case FactKind::Finished:
    case FactKind::Applied:
    case FactKind::Reserved:
    case FactKind::Confirmed:
    case FactKind::Cancelled:
    case FactKind::Compensated:
    case FactKind::EventCommitted:
    case FactKind::EventHandled:
      return record.time == restarted;
    default:
      return false;
  }
}

bool is_workload_clock(const TraceRecord& record, const RunResult& result) {
  return record.kind == EventKind::TimerFired && record.node == result.scenario->client &&
         (record.transaction == 0 || record.what == word("Poll"));
}

std::string message_text(const TraceRecord& record, const RunNames& names) {
  std::string what = names.word(record.what);
  const auto reply = static_cast<Reply>(record.value);
  const bool says_more = reply == Reply::Accepted || reply == Reply::InProgress;
  if (record.what != word("Reply") || !says_more) return what;
  return fmt::format("{} ({})", what, text(reply));
}

std::string arrow_text(const std::string& message, bool arrives, const std::string& receivers) {
  return fmt::format("──{}──{} {}", message, arrives ? "▶" : "✗", receivers);
}

Phrase narrate(const TraceRecord& record, const RunNames& names,
               const std::vector<std::string>& faults) {
  const std::string what = names.word(record.what);
  switch (record.kind) {
    case EventKind::Sent:
    case EventKind::Delivered:
    case EventKind::Lost:
    case EventKind::Duplicated:
    case EventKind::Refused:
      return narrate_message(record, names);
    case EventKind::TimerSet:
      return {fmt::format("sets timer {} to {}", what, duration_text({record.value})), Tone::Faint};
    case EventKind::TimerFired:
      return {fmt::format("timer {} runs out", what), Tone::Warning};
    case EventKind::TimerCancelled:
      return {fmt::format("stops timer {}", what), Tone::Faint};
    case EventKind::Appended:
      return {fmt::format("writes {} to its log", what)};
    case EventKind::Forced:
      return {fmt::format("forces {} to its log", what), Tone::Strong};
    case EventKind::Durable:
      return {fmt::format("{} is durable", what)};
    case EventKind::Announced:
      return narrate_fact(record, names);
    case EventKind::Noted:
      return {record.value == 0 ? what : fmt::format("{} {}", what, record.value), Tone::Faint};
    case EventKind::Crashed:
      return {record.value < 0 ? "CRASHES and never comes back"
                               : "CRASHES for " + duration_text({record.value}),
              Tone::Bad};
    case EventKind::Restarted:
      return {record.value == 0 ? "starts" : "RESTARTS", Tone::Good};
    case EventKind::Paused:
      return {"PAUSES for " + duration_text({record.value}), Tone::Bad};
    case EventKind::Resumed:
      return {"RESUMES", Tone::Good};
    case EventKind::FaultBegan:
      return {"fault: " + fault_of(record, faults), Tone::Bad};
    case EventKind::FaultEnded:
      return {"fault over: " + fault_of(record, faults), Tone::Good};
    case EventKind::Checkpointed:
      return {fmt::format("replaces its log by a checkpoint of {} records", record.value),
              Tone::Faint};
  }
  return {"?"};
}

TraceIndex::TraceIndex(const Trace& trace)
    : trace_(&trace), last_(trace.size()), before_(trace.size()) {
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const EventKind kind = trace[i].kind;
    if (kind != EventKind::Delivered && kind != EventKind::Lost && kind != EventKind::Duplicated &&
        kind != EventKind::Refused && kind != EventKind::Durable) {
      continue;
    }
    const std::size_t cause = place(trace[i].cause);
    if (cause == trace.size()) continue;
    before_[i] = last_[cause];
    last_[cause] = static_cast<std::uint32_t>(i + 1);
  }
}

std::size_t TraceIndex::place(std::uint64_t sequence) const {
  if (trace_->empty() || sequence < trace_->front().sequence) return trace_->size();
  const std::uint64_t place = sequence - trace_->front().sequence;
  return place < trace_->size() ? static_cast<std::size_t>(place) : trace_->size();
}

const TraceRecord* TraceIndex::find(std::uint64_t sequence) const {
  const std::size_t found = place(sequence);
  return found == trace_->size() ? nullptr : &(*trace_)[found];
}

std::vector<const TraceRecord*> TraceIndex::fate(const TraceRecord& record) const {
  std::vector<const TraceRecord*> records;
  const std::size_t at = place(record.sequence);
  if (at == trace_->size()) return records;
  for (std::uint32_t i = last_[at]; i != 0; i = before_[i - 1])
    records.push_back(&(*trace_)[i - 1]);
  std::reverse(records.begin(), records.end());
  return records;
}

}  // namespace txsim
