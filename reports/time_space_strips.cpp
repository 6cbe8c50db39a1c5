#include "reports/time_space_strips.h"

#include <fmt/format.h>

#include <cstdlib>

namespace txsim::time_space {
namespace {

bool is_amount(const Step& step) {
  return step.action == Action::Take || step.action == Action::Give;
}

}  // namespace

const char* text(State state) {
  switch (state) {
    case State::Waiting:
      return "waiting";
    case State::Begun:
      return "begun";
    case State::Working:
      return "working";
    case State::Deciding:
      return "deciding";
    case State::Finishing:
      return "finishing";
    case State::Undoing:
      return "undoing";
    case State::Updated:
      return "updated";
    case State::Prepared:
      return "prepared";
    case State::Reserved:
      return "reserved";
    case State::Applied:
      return "applied";
    case State::Compensated:
      return "compensated";
  }
  return "?";
}

StripReader::StripReader(const RunResult& result, const std::vector<std::string>& faults)
    : names_(result), faults_(faults), several_(result.verdicts.counters.submitted != 1) {}

std::string StripReader::named(TransactionId transaction, std::string text) const {
  if (!several_ || transaction == 0) return text;
  return transaction_text(transaction) + " " + text;
}

void StripReader::open(const TraceRecord& record, StripKind kind, std::int64_t what,
                       std::string text) {
  Strip strip{.kind = kind,
              .node = kind == StripKind::Fault ? kNoNode : record.node,
              .transaction = record.transaction,
              .from = record.time,
              .to = record.time,
              .text = named(record.transaction, std::move(text)),
              .first_event = record.sequence};
  const Key key{strip.node, strip.transaction, kind, what};
  const auto [place, is_new] = open_.try_emplace(key, Open{std::move(strip), record.time});
  if (!is_new) place->second.said_last = record.time;
}

void StripReader::keep(Open& open, Time at) {
  open.strip.to = at;
  open.strip.end_event = event_;
  strips.push_back(std::move(open.strip));
}

void StripReader::close(NodeId node, TransactionId transaction, StripKind kind, std::int64_t what,
                        Time at) {
  const auto found = open_.find(Key{node, transaction, kind, what});
  if (found == open_.end()) return;
  keep(found->second, at);
  open_.erase(found);
}

void StripReader::close_all(NodeId node, TransactionId transaction, StripKind kind, Time at) {
  auto place = open_.lower_bound(Key{node, transaction, kind, INT64_MIN});
  while (place != open_.end() && std::get<0>(place->first) == node &&
         std::get<1>(place->first) == transaction && std::get<2>(place->first) == kind) {
    keep(place->second, at);
    place = open_.erase(place);
  }
}

void StripReader::enter(const TraceRecord& record, State state) {
  const Key key{record.node, record.transaction, StripKind::State, 0};
  const auto found = open_.find(key);
  if (found != open_.end() && found->second.strip.state == state) return;
  close(record.node, record.transaction, StripKind::State, 0, record.time);
  open(record, StripKind::State, 0, text(state));
  open_.at(key).strip.state = state;
}

// An end that is announced again after a restart is ignored.
void StripReader::end_part(const TraceRecord& record, Outcome outcome) {
  Part& part = parts_[{record.node, record.transaction}];
  const bool is_open = open_.contains(Key{record.node, record.transaction, StripKind::State, 0});
  for (const StripKind kind : {StripKind::State, StripKind::InDoubt, StripKind::Reservation}) {
    close_all(record.node, record.transaction, kind, record.time);
  }
  if (part.has_ended && part.ended == outcome && !is_open) return;
  part.has_ended = true;
  part.ended = outcome;
  caps.push_back({record.node, record.transaction, record.time, outcome, record.sequence});
}

void StripReader::read(const TraceRecord& record) {
  is_recalled_ = recollection_.is_recalled(record);
  event_ = record.sequence;
  if (record.transaction != 0) last_[record.transaction] = record.time;
  switch (record.kind) {
    case EventKind::Announced:
      return read_fact(record);
    case EventKind::Crashed:
      return crashed(record);
    case EventKind::Restarted:
      return close(record.node, 0, StripKind::Down, 0, record.time);
    case EventKind::Paused:
      return open(record, StripKind::Paused, 0, "pause");
    case EventKind::Resumed:
      return close(record.node, 0, StripKind::Paused, 0, record.time);
    case EventKind::FaultBegan: {
      const auto number = static_cast<std::uint64_t>(record.value);
      const bool is_known = number < faults_.size();
      return open(record, StripKind::Fault, record.value, is_known ? faults_[number] : "fault");
    }
    case EventKind::FaultEnded:
      return close(kNoNode, 0, StripKind::Fault, record.value, record.time);
    default:
      return;
  }
}

void StripReader::read_fact(const TraceRecord& record) {
  switch (static_cast<FactKind>(record.what.id)) {
    case FactKind::Submitted:
      return enter(record, State::Waiting);
    case FactKind::Told:
    case FactKind::GaveUp:
      return close(record.node, record.transaction, StripKind::State, 0, record.time);
    case FactKind::PhaseEntered:
      return read_phase(record);
    case FactKind::Decided:
      parts_[{record.node, record.transaction}].decided = static_cast<Outcome>(record.value);
      return;
    case FactKind::Voted:
      if (static_cast<Vote>(record.value) != Vote::Yes) return;
      if (!parts_[{record.node, record.transaction}].coordinates) enter(record, State::Prepared);
      return open(record, StripKind::InDoubt, 0, "in doubt");
    case FactKind::DoubtEnded:
      return close(record.node, record.transaction, StripKind::InDoubt, 0, record.time);
    case FactKind::Finished:
      if (parts_[{record.node, record.transaction}].coordinates) return;
      return end_part(record, static_cast<Outcome>(record.value));
    case FactKind::Recovered:
      return recovered(record);
    default:
      read_lock(record);
      read_step(record);
  }
}

void StripReader::read_phase(const TraceRecord& record) {
  Part& part = parts_[{record.node, record.transaction}];
  part.coordinates = true;
  switch (static_cast<Phase>(record.value)) {
    case Phase::Begun:
      return enter(record, State::Begun);
    case Phase::Working:
      return enter(record, State::Working);
    case Phase::Deciding:
      return enter(record, State::Deciding);
    case Phase::Finishing:
      return enter(record, State::Finishing);
    case Phase::Undoing:
      return enter(record, State::Undoing);
    case Phase::Ended:
      return end_part(record, part.decided);
  }
}

void StripReader::read_lock(const TraceRecord& record) {
  const NodeId node = record.node;
  const TransactionId transaction = record.transaction;
  switch (static_cast<FactKind>(record.what.id)) {
    case FactKind::LockWaited:
      return open(record, StripKind::LockWait, record.step,
                  "waits for " + names_.resource(record.value));
    case FactKind::LockGranted:
    case FactKind::LockTimedOut:
      return close(node, transaction, StripKind::LockWait, record.step, record.time);
    case FactKind::LockTaken:
      close(node, transaction, StripKind::LockWait, record.step, record.time);
      return open(record, StripKind::Lock, record.step, "locks " + names_.resource(record.value));
    case FactKind::LockReleased:
      return close(node, transaction, StripKind::Lock, record.step, record.time);
    case FactKind::OrderLocked:
      return open(record, StripKind::OrderLock, record.value,
                  fmt::format("holds order {}", record.value));
    case FactKind::OrderUnlocked:
      return close(node, transaction, StripKind::OrderLock, record.value, record.time);
    default:
      return;
  }
}

void StripReader::read_step(const TraceRecord& record) {
  const Part& part = parts_[{record.node, record.transaction}];
  const auto fact = static_cast<FactKind>(record.what.id);
  const bool is_over = fact == FactKind::Confirmed || fact == FactKind::Cancelled;
  if (fact == FactKind::Reserved) {
    const Step* step = names_.step(kind_of(record.extra), record.step);
    if (step != nullptr && is_amount(*step)) {
      open(record, StripKind::Reservation, record.step,
           fmt::format("{} {} reserved", std::abs(record.value), names_.resource(step->resource)));
    }
  }
  if (is_over) {
    close(record.node, record.transaction, StripKind::Reservation, record.step, record.time);
  }
  if (part.coordinates || (is_recalled_ && part.has_ended)) return;
  switch (fact) {
    case FactKind::Updated:
      return enter(record, State::Updated);
    case FactKind::Reserved:
      return enter(record, State::Reserved);
    case FactKind::Applied:
    case FactKind::Confirmed:
      if (!part.has_ended) enter(record, State::Applied);  // it recalls this state after its end
      return;
    case FactKind::Compensated:
      return enter(record, State::Compensated);
    case FactKind::Undone:
    case FactKind::Cancelled:
      return close(record.node, record.transaction, StripKind::State, 0, record.time);
    default:
      return;
  }
}

// What the node does not announce again at the instant of its recovery is gone.
void StripReader::recovered(const TraceRecord& record) {
  for (auto place = open_.lower_bound(Key{record.node, 0, StripKind::State, INT64_MIN});
       place != open_.end() && std::get<0>(place->first) == record.node;) {
    const StripKind kind = std::get<2>(place->first);
    const bool is_durable = kind == StripKind::Reservation || kind == StripKind::InDoubt;
    if (is_durable && place->second.said_last != record.time) {
      keep(place->second, record.time);
      place = open_.erase(place);
    } else {
      ++place;
    }
  }
}

// Reservations, prepared parts and the locks of a lock service are durable.
void StripReader::crashed(const TraceRecord& record) {
  for (auto place = open_.lower_bound(Key{record.node, 0, StripKind::State, INT64_MIN});
       place != open_.end() && std::get<0>(place->first) == record.node;) {
    const StripKind kind = std::get<2>(place->first);
    if (kind == StripKind::Reservation || kind == StripKind::InDoubt ||
        kind == StripKind::OrderLock) {
      ++place;
    } else {
      keep(place->second, record.time);
      place = open_.erase(place);
    }
  }
  open(record, StripKind::Down, 0, "down");
}

void StripReader::finish(Time end) {
  event_ = ~std::uint64_t{0};
  for (auto& [key, open] : open_) {
    const bool is_left_behind =
        open.strip.kind == StripKind::State &&
        (open.strip.state == State::Applied || open.strip.state == State::Compensated);
    open.strip.goes_on = !is_left_behind;
    keep(open, is_left_behind ? last_[std::get<1>(key)] : end);
  }
  open_.clear();
}

}  // namespace txsim::time_space
