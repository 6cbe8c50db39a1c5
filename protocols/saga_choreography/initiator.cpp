#include "protocols/saga_choreography/initiator.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim::choreography {
namespace {

// Body of the initiator's records.
struct ProgressNote {
  std::uint64_t number = 0;
  std::uint64_t round = 0;
  Period deadline;
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
  LogRecord record =
      txsim::record_of(type, id, progress.kind,
                       ProgressNote{progress.number, progress.round, progress.deadline,
                                    progress.leg, static_cast<std::uint8_t>(progress.state)});
  record.step = progress.leg;
  record.value = static_cast<std::int64_t>(progress.round);
  return record;
}

// ---- Forward

void Initiator::begin(const Home& home, TransactionId id, std::uint16_t kind) {
  Progress& progress = sagas_[id];
  progress.kind = kind;
  progress.number = begun_.begin(id, home.context.ascending());
  progress.deadline =
      home.context.begin_period(kDeadline, id, home.settings.deadline.value_or(Duration{0}));
  const Here here = at(home, saga_of(id, progress));
  const Itinerary& itinerary = here.itinerary();
  here.enter_phase(Phase::Begun);
  here.enter_phase(Phase::Working);
  if (!here.act(itinerary.stop(0))) {  // answered at once: no other service knows of it
    turn_back(here, progress);
    taken_back(here, 0);
    return;
  }
  if (itinerary.is_last(0)) {
    done(here, 0);
    return;
  }
  log(here, kBegunRecord, progress);
  here.publish(kStepDone, EventClass::Done, 0, oldest());
  news_.push_back({here.saga(), News::What::Accepted});
  watch_deadline(here, progress);
}

bool Initiator::awaits_done(TransactionId id, std::uint16_t leg) const {
  return is_at(id, leg) && sagas_.find(id)->state != State::Undoing;
}

bool Initiator::is_at(TransactionId id, std::uint16_t leg) const {
  const Progress* progress = sagas_.find(id);
  return progress != nullptr && progress->leg == leg;
}

void Initiator::done(const Here& here, std::uint16_t leg) {
  Progress& progress = *sagas_.find(here.id);
  progress.leg = leg;
  here.cancel_timer(progress.timer);
  if (!here.itinerary().is_last(leg)) {
    enter(progress, State::Working);
    log(here, kAdvancedRecord, progress);
    watch_deadline(here, progress);
    return;
  }
  here.enter_phase(Phase::Deciding);
  log(here, kDoneRecord, progress);
  if (!here.kind().tells.empty()) {
    here.publish(kSagaDone, EventClass::SagaDone, 0, oldest());
  }
  news_.push_back({here.saga(), News::What::Done});
  forget(here);
}

void Initiator::forget(const Here& here) {
  sagas_.erase(here.id);
  begun_.forget(
      [&](TransactionId other) { return sagas_.contains(other) || here.context.waits(other); });
  here.actions.learn_oldest(here.self(), oldest());
  here.inbox.learn_oldest(here.self(), oldest());
}

// ---- Backward

// From now on it will not be done, whatever arrives later.
void Initiator::turn_back(const Here& here, Progress& progress) {
  if (progress.state == State::Undoing) return;
  enter(progress, State::Undoing);
  here.cancel_timer(progress.timer);
  log(here, kCancelledRecord, progress);
  news_.push_back({here.saga(), News::What::TurnedBack});
}

// Notifies those that may have done something behind the initiator's last stop.
void Initiator::cancel(const Here& here, Progress& progress) {
  ++progress.round;
  log(here, kCancelledRecord, progress);
  if (progress.state == State::Undoing) call_off_own(here, progress.leg);
  const std::uint16_t place = here.itinerary().first(progress.leg);
  here.publish(kSagaCancelled, EventClass::Cancelled, place, oldest(), progress.round);
  here.cancel_timer(progress.timer);
  if (!here.settings.cancel_every) return;
  progress.timer = here.set_timer(kCancelAgain, *here.settings.cancel_every);
}

// From now on a completion of the stops before the initiator's next has no effect.
void Initiator::call_off_own(const Here& here, std::uint16_t leg) {
  const Itinerary& itinerary = here.itinerary();
  while (!itinerary.is_own(static_cast<std::uint16_t>(leg + 1))) ++leg;
  for (std::uint16_t i = itinerary.first(leg); i < itinerary.first(leg + 1); ++i) {
    const std::int64_t event = event_id(here.id, EventClass::Done, i);
    if (!here.inbox.has_handled(static_cast<std::uint64_t>(event))) {
      void_events_.push_back({here.id, event});
    }
  }
}

void Initiator::refused(const Here& here) {
  Progress& progress = *sagas_.find(here.id);
  turn_back(here, progress);
  cancel(here, progress);
}

// One of several that were done at once: the others are notified.
void Initiator::undone_in_part(const Here& here) {
  Progress& progress = *sagas_.find(here.id);
  if (progress.state == State::Undoing) return;  // they have been notified
  refused(here);
}

void Initiator::undone_behind(const Here& here) { turn_back(here, *sagas_.find(here.id)); }

void Initiator::taken_back(const Here& here, std::uint16_t leg) {
  Progress& progress = *sagas_.find(here.id);
  here.cancel_timer(progress.timer);
  if (leg > 0) {
    progress.leg = here.itinerary().own_before(leg);
    cancel(here, progress);
    return;
  }
  log(here, kUndoneRecord, progress);
  news_.push_back({here.saga(), News::What::Undone});
  forget(here);
}

// ---- The deadline

void Initiator::watch_deadline(const Here& here, Progress& progress) const {
  if (!here.settings.deadline) return;
  if (here.itinerary().is_past_pivot(progress.leg)) return;
  progress.timer =
      here.context.set_timer_at_end(kDeadline, progress.deadline, *here.settings.deadline, here.id);
}

bool Initiator::on_timer(const Home& home, const Timer& timer) {
  if (timer.what != kDeadline && timer.what != kCancelAgain) return false;
  Progress* progress = sagas_.find(timer.transaction);
  TXSIM_ASSERT(progress != nullptr, "a timer of a saga that is over");
  progress->timer = {};
  const Here here = at(home, saga_of(timer.transaction, *progress));
  if (timer.what == kDeadline) {
    on_deadline(here, *progress);
  } else {
    cancel(here, *progress);
  }
  return true;
}

// Only the pivot's service knows whether the saga is past its pivot.
void Initiator::on_deadline(const Here& here, Progress& progress) {
  TXSIM_ASSERT(progress.state == State::Working, "the deadline is kept while it works");
  if (here.itinerary().may_be_past_pivot(progress.leg)) {
    enter(progress, State::Asked);
  } else {
    turn_back(here, progress);
  }
  cancel(here, progress);
}

// ---- Recovery. Nothing is forced while a node recovers, so that all its announcements about what
// it found come in the instant of its restart: the remaining work is left to timers.

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
  const Saga saga{record.transaction, record.transaction_type, note.number};
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
  progress.kind = record.transaction_type;
  progress.leg = note.leg;
  progress.state = static_cast<State>(note.state);
  return true;
}

// Returns the sagas that have ended, and those that it resumes.
std::vector<Initiator::Resumed> Initiator::resume(const Home& home) {
  begun_.learn(home.actions.oldest(home.self()));
  std::vector<Resumed> resumed;
  for (const auto& ended : ended_.take(sagas_)) {
    const Saga saga{ended.id, ended.kind, ended.number};
    resumed.push_back({saga, ended.outcome, false});
    if (ended.standing == EndedTransactions::Standing::Superseded) continue;
    const Here here = at(home, saga);
    here.announce(FactKind::Decided, ended.outcome);
    here.enter_phase(Phase::Ended);
  }
  std::vector<BegunTransactions::Begun> left;
  sagas_.for_each_sorted([&](TransactionId id, Progress& progress) {
    left.push_back({progress.number, id});
    const Here here = at(home, saga_of(id, progress));
    if (progress.state != State::Undoing) {
      here.enter_phase(Phase::Working);
      resumed.push_back({here.saga()});
    } else {
      here.enter_phase(Phase::Undoing);
      here.announce(FactKind::Decided, Outcome::Aborted);
      resumed.push_back({here.saga(), Outcome::Aborted});
    }
    if (progress.state == State::Working) {
      watch_deadline(here, progress);
    } else if (home.settings.cancel_every) {
      progress.timer = here.set_timer(kCancelAgain, Duration{0});
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
