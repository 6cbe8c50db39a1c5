#include "protocols/saga_choreography/initiator.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim::choreography {
namespace {

// Body of the initiator's records.
struct ProgressNote {
  std::uint64_t number = 0;
  std::uint64_t round = 0;
  Time deadline;
  std::uint16_t leg = 0;
  std::uint8_t state = 0;
  std::uint8_t unused[5] = {};
};

}  // namespace

void Initiator::enter(Progress& progress, State state) {
  const State from = progress.state;
  switch (state) {
    case State::Working:
      TXSIM_ASSERT(from != State::Undoing, "what is being undone is not done");
      break;
    case State::Asked:
      TXSIM_ASSERT(from == State::Working, "ASKED comes after WORKING");
      break;
    case State::Undoing:
      TXSIM_ASSERT(from != State::Undoing, "turns back once");
      break;
  }
  progress.state = state;
}

LogRecord Initiator::record_of(Word type, TransactionId id, const Progress& progress) {
  LogRecord record;
  record.type = type;
  record.kind = progress.kind;
  record.step = progress.leg;
  record.transaction = id;
  record.value = static_cast<std::int64_t>(progress.round);
  record.body.put(ProgressNote{progress.number, progress.round, progress.deadline, progress.leg,
                               static_cast<std::uint8_t>(progress.state)});
  return record;
}

// ---- Forward

void Initiator::begin(const Home& home, TransactionId id, std::uint16_t kind) {
  Progress& progress = sagas_[id];
  progress.kind = kind;
  progress.number = begun_.begin(id, home.context.now());
  progress.deadline = home.context.now() + home.settings.deadline.value_or(Duration{0});
  const Saga saga = saga_of(id, progress);
  const Itinerary& itinerary = home.itinerary(kind);
  home.enter_phase(saga, Phase::Begun);
  home.enter_phase(saga, Phase::Working);
  if (!home.act(saga, itinerary.stop(0))) {  // told at once: nobody else has heard of it
    turn_back(home, saga, progress);
    taken_back(home, saga, 0);
    return;
  }
  if (itinerary.is_last(0)) {
    done(home, saga, 0);
    return;
  }
  log(home, kBegunRecord, id, progress);
  home.publish(kStepDone, EventClass::Done, saga, 0, oldest());
  news_.push_back({saga, News::What::Accepted});
  watch_deadline(home, id, progress);
}

bool Initiator::awaits_done(TransactionId id, std::uint16_t leg) const {
  return is_at(id, leg) && sagas_.find(id)->state != State::Undoing;
}

bool Initiator::is_at(TransactionId id, std::uint16_t leg) const {
  const Progress* progress = sagas_.find(id);
  return progress != nullptr && progress->leg == leg;
}

void Initiator::done(const Home& home, const Saga& saga, std::uint16_t leg) {
  Progress& progress = *sagas_.find(saga.id);
  progress.leg = leg;
  home.context.cancel_timer(progress.timer);
  if (!home.itinerary(saga.kind).is_last(leg)) {
    enter(progress, State::Working);
    log(home, kAdvancedRecord, saga.id, progress);
    watch_deadline(home, saga.id, progress);
    return;
  }
  home.enter_phase(saga, Phase::Deciding);
  log(home, kDoneRecord, saga.id, progress);
  if (!home.plan.kinds[saga.kind].tells.empty()) {
    home.publish(kSagaDone, EventClass::SagaDone, saga, 0, oldest());
  }
  news_.push_back({saga, News::What::Done});
  forget(home, saga.id);
}

void Initiator::forget(const Home& home, TransactionId id) {
  sagas_.erase(id);
  begun_.forget(
      [&](TransactionId other) { return sagas_.contains(other) || home.context.waits(other); });
  home.actions.learn_oldest(home.self(), oldest());
  home.inbox.learn_oldest(home.self(), oldest());
}

// ---- Backward

// From now on it will not be done, whatever is still to come.
void Initiator::turn_back(const Home& home, const Saga& saga, Progress& progress) {
  if (progress.state == State::Undoing) return;
  enter(progress, State::Undoing);
  home.context.cancel_timer(progress.timer);
  log(home, kCancelledRecord, saga.id, progress);
  news_.push_back({saga, News::What::TurnedBack});
}

// Tells those who may have done something behind the initiator's last stop.
void Initiator::cancel(const Home& home, const Saga& saga, Progress& progress) {
  ++progress.round;
  log(home, kCancelledRecord, saga.id, progress);
  if (progress.state == State::Undoing) call_off_own(home, saga, progress.leg);
  const std::uint16_t place = home.itinerary(saga.kind).first(progress.leg);
  home.publish(kSagaCancelled, EventClass::Cancelled, saga, place, oldest(), progress.round);
  home.context.cancel_timer(progress.timer);
  if (!home.settings.cancel_every) return;
  progress.timer = home.context.set_timer(kCancelAgain, *home.settings.cancel_every, saga.id);
}

// That the stops before the initiator's next are done has no effect any more.
void Initiator::call_off_own(const Home& home, const Saga& saga, std::uint16_t leg) {
  const Itinerary& itinerary = home.itinerary(saga.kind);
  while (!itinerary.is_own(static_cast<std::uint16_t>(leg + 1))) ++leg;
  for (std::uint16_t i = itinerary.first(leg); i < itinerary.first(leg + 1); ++i) {
    const std::int64_t event = event_id(saga.id, EventClass::Done, i);
    if (!home.inbox.has_handled(static_cast<std::uint64_t>(event))) {
      void_events_.push_back({saga.id, event});
    }
  }
}

void Initiator::refused(const Home& home, const Saga& saga) {
  Progress& progress = *sagas_.find(saga.id);
  turn_back(home, saga, progress);
  cancel(home, saga, progress);
}

// One of several that were done at once: the others are told.
void Initiator::undone_in_part(const Home& home, const Saga& saga) {
  Progress& progress = *sagas_.find(saga.id);
  if (progress.state == State::Undoing) return;  // they have been
  refused(home, saga);
}

void Initiator::undone_behind(const Home& home, const Saga& saga) {
  turn_back(home, saga, *sagas_.find(saga.id));
}

void Initiator::taken_back(const Home& home, const Saga& saga, std::uint16_t leg) {
  Progress& progress = *sagas_.find(saga.id);
  home.context.cancel_timer(progress.timer);
  if (leg > 0) {
    progress.leg = home.itinerary(saga.kind).own_before(leg);
    cancel(home, saga, progress);
    return;
  }
  log(home, kUndoneRecord, saga.id, progress);
  news_.push_back({saga, News::What::Undone});
  forget(home, saga.id);
}

// ---- The deadline

void Initiator::watch_deadline(const Home& home, TransactionId id, Progress& progress) const {
  if (!home.settings.deadline) return;
  if (home.itinerary(progress.kind).is_past_pivot(progress.leg)) return;
  const Duration left = progress.deadline - home.context.now();
  progress.timer =
      home.context.set_timer(kDeadline, std::clamp(left, Duration{0}, *home.settings.deadline), id);
}

bool Initiator::on_timer(const Home& home, const Timer& timer) {
  if (timer.what != kDeadline && timer.what != kCancelAgain) return false;
  Progress* progress = sagas_.find(timer.transaction);
  TXSIM_ASSERT(progress != nullptr, "a timer of a saga that is over");
  progress->timer = {};
  if (timer.what == kDeadline) {
    on_deadline(home, timer.transaction, *progress);
  } else {
    cancel(home, saga_of(timer.transaction, *progress), *progress);
  }
  return true;
}

// Whether it is past its pivot, only the pivot's service can say.
void Initiator::on_deadline(const Home& home, TransactionId id, Progress& progress) {
  TXSIM_ASSERT(progress.state == State::Working, "the deadline is kept while it works");
  const Saga saga = saga_of(id, progress);
  if (home.itinerary(saga.kind).may_be_past_pivot(progress.leg)) {
    enter(progress, State::Asked);
  } else {
    turn_back(home, saga, progress);
  }
  cancel(home, saga, progress);
}

// ---- Recovery. Nothing is forced while a node recovers, so that all it announces about what it
// found comes in the instant of its restart: what there is to do is left to timers.

bool Initiator::read(const LogRecord& record) {
  switch (record.type.id) {
    case kBegunRecord.id:
    case kAdvancedRecord.id:
    case kCancelledRecord.id:
    case kDoneRecord.id:
    case kUndoneRecord.id:
      break;
    default:
      return false;
  }
  const auto note = record.body.get<ProgressNote>();
  begun_.learn(note.number);
  const Saga saga{record.transaction, record.kind, note.number};
  if (record.type == kDoneRecord || record.type == kUndoneRecord) {
    const bool is_done = record.type == kDoneRecord;
    ended_.add(saga.id, saga.number, saga.kind, is_done ? Outcome::Committed : Outcome::Aborted);
    sagas_.erase(saga.id);
    return true;
  }
  Progress& progress = sagas_[saga.id];
  progress.number = note.number;
  progress.round = note.round;
  progress.deadline = note.deadline;
  progress.kind = record.kind;
  progress.leg = note.leg;
  progress.state = static_cast<State>(note.state);
  return true;
}

// Gives the sagas that have ended, and those that it carries on.
std::vector<Initiator::Resumed> Initiator::resume(const Home& home) {
  begun_.learn(home.actions.oldest(home.self()));
  std::vector<Resumed> resumed;
  for (const auto& ended : ended_.take(sagas_)) {
    const Saga saga{ended.id, ended.kind, ended.number};
    resumed.push_back({saga, ended.outcome, false});
    if (ended.standing == EndedTransactions::Standing::Superseded) continue;
    home.decided(saga, ended.outcome);
    home.enter_phase(saga, Phase::Ended);
  }
  std::vector<BegunTransactions::Begun> left;
  sagas_.for_each_sorted([&](TransactionId id, Progress& progress) {
    left.push_back({progress.number, id});
    const Saga saga = saga_of(id, progress);
    if (progress.state != State::Undoing) {
      home.enter_phase(saga, Phase::Working);
      resumed.push_back({saga});
    } else {
      home.enter_phase(saga, Phase::Undoing);
      home.decided(saga, Outcome::Aborted);
      resumed.push_back({saga, Outcome::Aborted});
    }
    if (progress.state == State::Working) {
      watch_deadline(home, id, progress);
    } else if (home.settings.cancel_every) {
      progress.timer = home.context.set_timer(kCancelAgain, Duration{0}, id);
    }
  });
  begun_.resume(left);
  return resumed;
}

void Initiator::write_checkpoint(std::vector<LogRecord>& log) const {
  sagas_.for_each_sorted([&](TransactionId id, const Progress& progress) {
    log.push_back(record_of(kAdvancedRecord, id, progress));
  });
}

}  // namespace txsim::choreography
