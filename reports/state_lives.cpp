#include "reports/state_lives.h"

#include <fmt/format.h>

#include <algorithm>

namespace txsim {
namespace {

using time_space::Cap;
using time_space::State;
using time_space::Strip;
using time_space::StripKind;

const char* role_of(State state) {
  switch (state) {
    case State::Waiting:
      return "client";
    case State::Begun:
    case State::Working:
    case State::Deciding:
    case State::Finishing:
    case State::Undoing:
      return "coordinator";
    case State::Updated:
    case State::Prepared:
    case State::Reserved:
    case State::Applied:
    case State::Compensated:
      break;
  }
  return "participant";
}

}  // namespace

const std::string& StateLife::before(std::uint64_t event) const {
  static const std::string none;
  const auto next = std::lower_bound(
      moves.begin(), moves.end(), event,
      [](const Move& move, std::uint64_t sequence) { return move.event < sequence; });
  return next == moves.begin() ? none : std::prev(next)->to;
}

StateLives::StateLives(const RunResult& result)
    : result_(result), names_(result), index_(result.trace), strips_(result, no_faults_) {
  for (const TraceRecord& record : result.trace) strips_.read(record);
  if (!result.trace.empty()) strips_.finish(result.trace.back().time);
  for (const Cap& cap : strips_.caps) {
    capped_.insert({cap.node, cap.transaction, cap.event});
    life(cap.node, cap.transaction).moves.push_back({cap.event, text(cap.outcome)});
  }
  for (const Strip& strip : strips_.strips) {
    if (strip.kind == StripKind::State) began_.insert(key(strip, strip.first_event));
  }
  for (const Strip& strip : strips_.strips) {
    if (strip.kind == StripKind::State) read(strip);
  }
  for (auto& [place, life] : lives_) {
    std::sort(life.moves.begin(), life.moves.end(),
              [](const auto& a, const auto& b) { return a.event < b.event; });
  }
}

void StateLives::read(const Strip& strip) {
  StateLife& life = this->life(strip.node, strip.transaction);
  life.role = role_of(strip.state);
  life.moves.push_back({strip.first_event, text(strip.state)});
  const Key end = key(strip, strip.end_event);
  if (began_.contains(end) || capped_.contains(end)) return;
  const std::string left = left_for(index_.find(strip.end_event), strip);
  if (!left.empty()) life.moves.push_back({strip.end_event, left});
}

// The last state of a life, if a state ends and no other follows; empty at the end of the run.
std::string StateLives::left_for(const TraceRecord* record, const Strip& strip) {
  if (record == nullptr) return "";
  if (record->kind == EventKind::Crashed) return kStateDown;
  if (record->kind != EventKind::Announced) return "";
  switch (static_cast<FactKind>(record->what.id)) {
    case FactKind::Told:
      return fmt::format("told {}", text(static_cast<Reply>(record->value)));
    case FactKind::GaveUp:
      return "gave up";
    case FactKind::Undone:
      return "undone";
    case FactKind::Cancelled:
      return "cancelled";
    default:
      return strip.state == State::Waiting ? "told" : "";
  }
}

std::string StateLives::cause_of(std::uint64_t event) const {
  const TraceRecord* record = index_.find(event);
  if (record == nullptr) return "";
  if (record->kind == EventKind::Crashed) return "crash";
  std::string forced;
  record = index_.find(record->cause);
  while (record != nullptr && record->kind == EventKind::Forced) {
    if (!forced.empty()) forced.insert(0, ", ");
    forced.insert(0, names_.word(record->what));
    record = index_.find(record->cause);
  }
  std::string cause = record == nullptr ? "" : came(*record);
  if (!forced.empty()) cause += (cause.empty() ? "" : "; ") + ("forces " + forced);
  return cause;
}

std::string StateLives::came(const TraceRecord& record) const {
  switch (record.kind) {
    case EventKind::Delivered:
      return message_text(record, names_);
    case EventKind::Refused:
      return names_.word(record.what) + " refused";
    case EventKind::TimerFired:
      if (is_workload_clock(record, result_)) return "an order is due";
      return names_.word(record.what) + " runs out";
    case EventKind::Restarted:
      return record.value == 0 ? "an order is due" : "restart";
    default:
      return "";
  }
}

}  // namespace txsim
