#include "protocols/saga_orchestration/orchestrator.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim::orchestration {
void Orchestrator::enter(Saga& saga, State state) {
  switch (state) {
    case State::Running:
      TXSIM_ASSERT(false, "RUNNING is where a saga begins");
      break;
    case State::Compensating:
      TXSIM_ASSERT(saga.state == State::Running, "only what is RUNNING turns back");
      break;
    case State::Releasing:
      TXSIM_ASSERT(saga.state == State::Running, "only what is RUNNING becomes done");
      break;
  }
  saga.state = state;
}

void Orchestrator::log(const Home& home, Word type, TransactionId id, const Saga& saga,
                       std::uint16_t step) const {
  if (!home.settings.progress_log) return;
  LogRecord record;
  record.type = type;
  record.kind = saga.kind;
  record.step = step;
  record.transaction = id;
  if (type == kSagaBegun) record.value = saga.begun.ns;
  const std::uint64_t steps = type == kSagaCompensating ? saga.asked : saga.done;
  record.body.put(SagaNote{saga.number, steps, saga.registered});
  home.context.append(record);
}

std::uint64_t Orchestrator::held_elsewhere(const Home& home, std::uint16_t kind) {
  const TransactionKind& of = home.kind(kind);
  std::uint64_t held = 0;
  for (std::uint64_t left = of.all_steps() & ~of.steps_of(home.self()); left != 0;
       left &= left - 1) {
    if (home.actions.holds(kind, lowest(left))) held |= bit(lowest(left));
  }
  return held;
}

Outcome Orchestrator::on(const Home& home, const Message& message) {
  // A participant that has seen later numbers says so: our clock went back over a restart.
  begun_.learn(message.body.get<Mark>().oldest);
  switch (message.type.id) {
    case kActionDone.id:
      return on_done(home, message);
    case kActionRefused.id:
      return on_refused(home, message);
    case kCompensated.id:
      on_settled(home, message, State::Compensating);
      return Outcome::Unknown;
    case kCompensationRefused.id:
      on_compensation_refused(home, message);
      return Outcome::Unknown;
    case kReleased.id:
      on_settled(home, message, State::Releasing);
      return Outcome::Unknown;
    default:
      TXSIM_ASSERT(false, "a message that no participant sends to its orchestrator");
  }
  return Outcome::Unknown;
}

// ---- Forward

Outcome Orchestrator::begin(const Home& home, TransactionId id, std::uint16_t kind) {
  if (sagas_.contains(id)) return Outcome::Unknown;
  Saga& saga = sagas_[id];
  saga.kind = kind;
  saga.begun = home.context.now();
  saga.number = begun_.begin(id, saga.begun);
  if (home.settings.deadline) {
    saga.deadline = home.context.set_timer(kDeadline, *home.settings.deadline, id);
  }
  home.enter_phase(id, Phase::Begun, kind);
  home.enter_phase(id, Phase::Working, kind);
  log(home, kSagaBegun, id, saga);
  return work(home, id, saga);
}

// Does the steps that are left, until one has to be waited for.
Outcome Orchestrator::work(const Home& home, TransactionId id, Saga& saga) {
  const TransactionKind& kind = home.kind(saga.kind);
  for (;;) {
    const std::uint64_t left = kind.all_steps() & ~saga.done;
    if (left == 0) return all_done(home, id, saga);
    const std::uint16_t step = lowest(left);
    if ((saga.refused & bit(step)) != 0) return Outcome::Unknown;  // who wrote so was to turn back
    if (kind.steps[step].service != home.self()) {
      home.actions.flush(home.context, id);
      call(home, id, saga, together(home, saga, step) & left);
      return Outcome::Unknown;
    }
    const StepPlace place{id, saga.kind, step, saga.number};
    if (!home.actions.act(home.context, home.store, place)) {
      if (!kind.is_retriable(step)) return turn_back(home, id, saga);
      home.actions.flush(home.context, id);
      return missed(home, id, saga);
    }
    saga.done |= bit(step);
    saga.asked |= bit(step);
    // A change is remembered where it was made. That something was read, only this record says, and
    // it is durable before what comes next is commanded.
    if (kind.steps[step].is_read_only()) log(home, kStepDone, id, saga, step);
  }
}

// The answers are written down one by one, so that the log says how far the saga has come.
Outcome Orchestrator::on_done(const Home& home, const Message& message) {
  Saga* saga = sagas_.find(message.transaction);
  if (saga == nullptr || saga->state != State::Running ||
      (saga->awaiting & bit(message.step)) == 0) {
    return Outcome::Unknown;  // a duplicate, or too late
  }
  saga->awaiting &= ~bit(message.step);
  saga->done |= bit(message.step);
  log(home, kStepDone, message.transaction, *saga, message.step);
  if (is_past_pivot(home, *saga)) home.context.cancel_timer(saga->deadline);
  if (saga->awaiting != 0) {
    home.actions.flush(home.context, message.transaction);
    return Outcome::Unknown;
  }
  home.context.cancel_timer(saga->timer);
  return work(home, message.transaction, *saga);
}

Outcome Orchestrator::on_refused(const Home& home, const Message& message) {
  Saga* saga = sagas_.find(message.transaction);
  if (saga == nullptr || saga->state != State::Running ||
      (saga->awaiting & bit(message.step)) == 0) {
    return Outcome::Unknown;
  }
  if (home.kind(saga->kind).is_retriable(message.step)) {  // as if it had not been reached
    return failed_for_certain(home, message.transaction, *saga, message.step);
  }
  saga->asked &= ~bit(message.step);
  if (!home.settings.refusal_decides) {
    log(home, kStepRefused, message.transaction, *saga, message.step);
    home.context.force(message.transaction);
  }
  return turn_back(home, message.transaction, *saga);
}

Outcome Orchestrator::all_done(const Home& home, TransactionId id, Saga& saga) {
  const std::uint16_t kind = saga.kind;
  home.context.cancel_timer(saga.deadline);
  home.enter_phase(id, Phase::Deciding, kind);
  enter(saga, State::Releasing);
  saga.asked = held_elsewhere(home, kind);
  for (std::uint64_t own = home.kind(kind).steps_of(home.self()); own != 0; own &= own - 1) {
    if (!home.actions.holds(kind, lowest(own))) continue;
    home.actions.release(home.context, {id, kind, lowest(own), saga.number});
  }
  log(home, kSagaDone, id, saga);
  home.actions.flush(home.context, id);
  home.announce(FactKind::Decided, id, Outcome::Committed, kind);
  home.enter_phase(id, Phase::Finishing, kind);
  next(home, id, saga);
  return Outcome::Committed;
}

// ---- Backward

Outcome Orchestrator::turn_back(const Home& home, TransactionId id, Saga& saga) {
  TXSIM_ASSERT(!is_past_pivot(home, saga), "behind its pivot a saga only goes forward");
  const std::uint16_t kind = saga.kind;
  home.context.cancel_timer(saga.timer);
  home.context.cancel_timer(saga.deadline);
  enter(saga, State::Compensating);
  const std::uint64_t reached = home.settings.compensate_unknown ? saga.asked : saga.done;
  saga.asked = reached & home.kind(kind).writes();
  saga.awaiting = 0;
  saga.waits = false;
  log(home, kSagaCompensating, id, saga);
  home.actions.flush(home.context, id);
  home.announce(FactKind::Decided, id, Outcome::Aborted, kind);
  home.enter_phase(id, Phase::Undoing, kind);
  next(home, id, saga);
  return Outcome::Aborted;
}

// The steps whose turn it is to be compensated, or released; none: the scheduler's. What is
// registered holds up those before it, or the order would be lost.
std::uint64_t Orchestrator::due(const Home& home, const Saga& saga) {
  const std::uint64_t left = saga.asked & ~saga.settled;
  if (saga.state == State::Releasing) return left;
  const std::uint64_t open = home.settings.registry_blocks ? left : left & ~saga.resting;
  if (open == 0) return 0;
  const std::uint16_t step = home.settings.reverse_order ? highest(open) : lowest(open);
  return together(home, saga, step) & left & ~saga.resting;
}

// Compensates, or releases, what comes next, until an answer or the scheduler has to be waited for.
void Orchestrator::next(const Home& home, TransactionId id, Saga& saga) {
  const std::uint64_t own = home.kind(saga.kind).steps_of(home.self());
  std::uint64_t steps = due(home, saga);
  if ((steps & own) != 0) {
    for (; (steps & own) != 0; steps = due(home, saga)) {
      compensate_own(home, id, saga, lowest(steps));  // stands by itself
    }
    home.actions.flush(home.context, id);
  }
  if (steps != 0) {
    call(home, id, saga, steps);
  } else if ((saga.asked & ~saga.settled) != 0) {
    rest(home, id, saga);
  } else {
    ended(home, id, saga);
  }
}

void Orchestrator::compensate_own(const Home& home, TransactionId id, Saga& saga,
                                  std::uint16_t step) {
  const StepPlace place{id, saga.kind, step, saga.number};
  if (home.actions.compensate(home.context, home.store, place)) {
    saga.settled |= bit(step);
    saga.rests = 0;
  } else {
    compensation_failed(home, id, saga, bit(step));
  }
}

// They go into the registry, where the scheduler finds them; without one they are lost.
void Orchestrator::compensation_failed(const Home& home, TransactionId id, Saga& saga,
                                       std::uint64_t steps) {
  if (!home.settings.registry) {
    saga.settled |= steps;
    return;
  }
  const bool is_new = (steps & ~saga.registered) != 0;
  saga.registered |= steps;
  saga.resting |= steps;
  if (is_new) log(home, kCompensationPending, id, saga, lowest(steps));
}

// A step elsewhere is compensated, or released.
void Orchestrator::on_settled(const Home& home, const Message& message, State state) {
  Saga* saga = sagas_.find(message.transaction);
  if (saga == nullptr || saga->state != state || (saga->asked & bit(message.step)) == 0) return;
  saga->settled |= bit(message.step);
  saga->rests = 0;
  if ((saga->awaiting & bit(message.step)) == 0) return;  // a duplicate, or the scheduler goes on
  saga->awaiting &= ~bit(message.step);
  if (saga->awaiting != 0) return;
  home.context.cancel_timer(saga->timer);
  next(home, message.transaction, *saga);
}

void Orchestrator::on_compensation_refused(const Home& home, const Message& message) {
  Saga* saga = sagas_.find(message.transaction);
  if (saga == nullptr || saga->state != State::Compensating ||
      (saga->awaiting & bit(message.step)) == 0) {
    return;
  }
  saga->awaiting &= ~bit(message.step);
  compensation_failed(home, message.transaction, *saga, bit(message.step));
  home.actions.flush(home.context, message.transaction);
  if (saga->awaiting != 0) return;
  home.context.cancel_timer(saga->timer);
  next(home, message.transaction, *saga);
}

// Nothing is left to be done. A saga that had only to be written down as done needs no other word.
void Orchestrator::ended(const Home& home, TransactionId id, Saga& saga) {
  const std::uint16_t kind = saga.kind;
  if (saga.state == State::Compensating || saga.asked != 0) log(home, kSagaEnded, id, saga);
  home.enter_phase(id, Phase::Ended, kind);
  sagas_.erase(id);
  begun_.forget(
      [&](TransactionId known) { return sagas_.contains(known) || home.context.waits(known); });
  home.actions.learn_oldest(home.self(), begun_.oldest());
}

// ---- Failures: commands that are not answered, the deadline, the compensation registry and its
// scheduler

namespace {

constexpr std::uint16_t kMostAttempts = 1000;  // counted; the schema allows no more retries
constexpr std::uint16_t kMostRests = 6;        // that double the wait: 64 rounds at most

}  // namespace

Outcome Orchestrator::on_timer(const Home& home, const Timer& timer) {
  Saga* saga = sagas_.find(timer.transaction);
  TXSIM_ASSERT(saga != nullptr, "a forgotten saga has no timer");
  if (timer.what == kDeadline) {
    saga->deadline = {};
    return deadline_passed(home, timer.transaction, *saga);
  }
  saga->timer = {};
  switch (timer.what.id) {
    case kStepTimeout.id:
      return missed(home, timer.transaction, *saga);
    case kStepBackOff.id:
      return ask_again(home, timer.transaction, *saga);
    case kRegistryDue.id:
      return run_scheduled(home, timer.transaction, *saga);
    default:
      TXSIM_ASSERT(false, "a timer that the orchestrator never sets");
  }
  return Outcome::Unknown;
}

// ---- Asking, and asking again

void Orchestrator::call(const Home& home, TransactionId id, Saga& saga, std::uint64_t steps) {
  saga.awaiting = steps;
  saga.unreachable = 0;
  saga.attempts = 0;
  saga.backing_off = false;
  // Found in its log: they may have been asked for before.
  const std::uint64_t again = saga.state == State::Running ? saga.asked & steps : 0;
  if (saga.state == State::Running) saga.asked |= steps;
  for (std::uint64_t left = steps; left != 0; left &= left - 1) {
    send(home, id, saga, lowest(left), (again & bit(lowest(left))) != 0);
  }
  saga.timer = home.context.set_timer(kStepTimeout, home.settings.step_timeout, id);
}

Word Orchestrator::command(const Saga& saga) {
  switch (saga.state) {
    case State::Running:
      return kAction;
    case State::Compensating:
      return kCompensate;
    case State::Releasing:
      return kRelease;
  }
  TXSIM_ASSERT(false, "no such state");
}

void Orchestrator::send(const Home& home, TransactionId id, const Saga& saga, std::uint16_t step,
                        bool again) const {
  const NodeId to = home.kind(saga.kind).steps[step].service;
  home.send(to, command(saga), {id, saga.kind, step, saga.number}, begun_.mark(saga.number));
  if (again) home.announce(FactKind::Resent, id, 0, 0, to);
}

// The connection was refused: no answer to this try will come.
Outcome Orchestrator::on_unreachable(const Home& home, const Message& message) {
  Saga* saga = sagas_.find(message.transaction);
  if (saga == nullptr || message.type != command(*saga) ||
      (saga->awaiting & bit(message.step)) == 0) {
    return Outcome::Unknown;
  }
  return failed_for_certain(home, message.transaction, *saga, message.step);
}

// The next try need not wait for an answer, once nobody's is to come.
Outcome Orchestrator::failed_for_certain(const Home& home, TransactionId id, Saga& saga,
                                         std::uint16_t step) {
  if (!saga.timer.is_set() || saga.backing_off) return Outcome::Unknown;  // of an earlier try
  saga.unreachable |= bit(step);
  if ((saga.awaiting & ~saga.unreachable) != 0) return Outcome::Unknown;
  home.context.cancel_timer(saga.timer);
  return missed(home, id, saga);
}

// Not done, or perhaps done: asked again after a while. Behind the pivot until it succeeds.
Outcome Orchestrator::missed(const Home& home, TransactionId id, Saga& saga) {
  const SagaOrchestrationSettings& settings = home.settings;
  const bool persists = saga.state == State::Running && is_past_pivot(home, saga);
  if (!persists && saga.attempts >= settings.retries) return given_up(home, id, saga);
  const int doublings = settings.back_off_doubles ? std::min<int>(saga.attempts, 10) : 0;
  Duration wait{settings.back_off.ns * (std::int64_t{1} << doublings)};
  if (persists) wait = std::min(wait, std::max(settings.back_off, settings.registry_every));
  if (saga.attempts < kMostAttempts) ++saga.attempts;
  saga.backing_off = true;
  saga.timer = home.context.set_timer(kStepBackOff, wait, id);
  return Outcome::Unknown;
}

Outcome Orchestrator::ask_again(const Home& home, TransactionId id, Saga& saga) {
  saga.backing_off = false;
  if (saga.awaiting == 0) return work(home, id, saga);  // a step of its own, behind the pivot
  saga.unreachable = 0;
  for (std::uint64_t left = saga.awaiting; left != 0; left &= left - 1) {
    send(home, id, saga, lowest(left), true);
  }
  saga.timer = home.context.set_timer(kStepTimeout, home.settings.step_timeout, id);
  return Outcome::Unknown;
}

// All tries were in vain. A step that could not be reached has failed, and the saga turns back; one
// that timed out is unknown, not failed: its answer may still come, and the deadline ends the wait.
Outcome Orchestrator::given_up(const Home& home, TransactionId id, Saga& saga) {
  switch (saga.state) {
    case State::Running:
      if (saga.unreachable != 0) return turn_back(home, id, saga);
      break;
    case State::Compensating:
      compensation_failed(home, id, saga, saga.awaiting);
      home.actions.flush(home.context, id);
      saga.awaiting = 0;
      next(home, id, saga);
      break;
    case State::Releasing:
      saga.awaiting = 0;
      rest(home, id, saga);
      break;
  }
  return Outcome::Unknown;
}

Outcome Orchestrator::deadline_passed(const Home& home, TransactionId id, Saga& saga) {
  TXSIM_ASSERT(saga.state == State::Running, "a deadline of a saga that has turned or is done");
  if (is_past_pivot(home, saga)) return Outcome::Unknown;
  return turn_back(home, id, saga);
}

// ---- The scheduler: takes up what is registered, and what a crash interrupted.

// What could not be done is left to it.
void Orchestrator::rest(const Home& home, TransactionId id, Saga& saga) {
  const SagaOrchestrationSettings& settings = home.settings;
  saga.rounds = static_cast<std::uint16_t>(1U << saga.rests);
  const bool backs_off = settings.registry_batch > 0 && settings.registry_back_off;
  if (backs_off && saga.rests < kMostRests) ++saga.rests;
  wait_for_scheduler(home, id, saga, settings.registry_every);
}

void Orchestrator::wait_for_scheduler(const Home& home, TransactionId id, Saga& saga,
                                      Duration wait) {
  if (home.settings.registry_batch == 0) {
    saga.timer = home.context.set_timer(kRegistryDue, wait, id);
    return;
  }
  saga.waits = true;
  if (!round_.is_set()) round_ = home.context.set_timer(kRegistryDue, wait, 0);
}

// One round less to wait for each; of those that are due the oldest, so many.
std::vector<BegunTransactions::Begun> Orchestrator::take_due(std::uint32_t most) {
  std::vector<BegunTransactions::Begun> due;
  sagas_.for_each_sorted([&](TransactionId id, Saga& saga) {
    if (!saga.waits) return;
    if (saga.rounds > 0) --saga.rounds;
    if (saga.rounds == 0) due.push_back({saga.number, id});
  });
  std::sort(due.begin(), due.end(), [](const auto& a, const auto& b) {
    return a.number != b.number ? a.number < b.number : a.id < b.id;
  });
  if (due.size() > most) due.resize(most);
  return due;
}

std::vector<Orchestrator::Resumed> Orchestrator::run_round(const Home& home) {
  round_ = {};
  std::vector<Resumed> decided;
  for (const BegunTransactions::Begun& next : take_due(home.settings.registry_batch)) {
    Saga& saga = *sagas_.find(next.id);
    const std::uint16_t kind = saga.kind;
    saga.waits = false;
    const Outcome outcome = run_scheduled(home, next.id, saga);
    if (outcome != Outcome::Unknown) decided.push_back({next.id, kind, outcome});
  }
  bool is_awaited = false;
  sagas_.for_each([&](TransactionId, const Saga& saga) { is_awaited = is_awaited || saga.waits; });
  if (is_awaited && !round_.is_set()) {
    round_ = home.context.set_timer(kRegistryDue, home.settings.registry_every, 0);
  }
  return decided;
}

Outcome Orchestrator::run_scheduled(const Home& home, TransactionId id, Saga& saga) {
  if (saga.state == State::Running) {
    const bool forward =
        home.settings.recovery == SagaRecovery::Forward || is_past_pivot(home, saga);
    return forward ? work(home, id, saga) : turn_back(home, id, saga);
  }
  saga.resting = 0;
  next(home, id, saga);
  return Outcome::Unknown;
}

// ---- Recovery and checkpoints. Nothing is forced while a node recovers, so that all it announces
// about what it found comes in the instant of its restart:
// what there is to do is left to the scheduler.

void Orchestrator::read(const Home& home, const LogRecord& record) {
  const auto note = record.body.get<SagaNote>();
  const TransactionId id = record.transaction;
  begun_.learn(note.number);
  if (record.type == kSagaEnded) {
    sagas_.erase(id);
    return;
  }
  Saga& saga = sagas_[id];
  saga.number = note.number;
  saga.kind = record.kind;
  switch (record.type.id) {
    case kSagaBegun.id:
      saga.begun = Time{record.value};
      saga.done = note.steps;
      saga.refused = note.registered;
      break;
    case kStepRefused.id:
      saga.refused |= bit(record.step);
      break;
    case kStepDone.id:
      saga.done |= note.steps;
      break;
    case kSagaCompensating.id:
      saga.state = State::Compensating;
      saga.asked = note.steps;
      saga.registered = note.registered;
      ended_.add(id, note.number, record.kind, Outcome::Aborted);
      break;
    case kCompensationPending.id:
      saga.registered = note.registered;
      break;
    case kSagaDone.id:
      saga.state = State::Releasing;
      saga.asked = held_elsewhere(home, record.kind);
      ended_.add(id, note.number, record.kind, Outcome::Committed);
      if (saga.asked == 0) sagas_.erase(id);
      break;
    default:
      TXSIM_ASSERT(false, "a record that no orchestrator writes");
  }
}

// Gives the sagas that it carries on, and those that have ended, with their outcome.
std::vector<Orchestrator::Resumed> Orchestrator::resume(const Home& home) {
  std::vector<Resumed> resumed;
  for (const auto& ended : ended_.take(sagas_)) {
    const bool is_carried_on = ended.standing == EndedTransactions::Standing::CarriedOn;
    resumed.push_back({ended.id, ended.kind, ended.outcome, is_carried_on});
    if (ended.standing == EndedTransactions::Standing::Superseded) continue;
    if (is_carried_on) {
      const bool aborted = ended.outcome == Outcome::Aborted;
      home.enter_phase(ended.id, aborted ? Phase::Undoing : Phase::Finishing, ended.kind);
    }
    home.announce(FactKind::Decided, ended.id, ended.outcome, ended.kind);
    if (!is_carried_on) home.enter_phase(ended.id, Phase::Ended, ended.kind);
  }
  std::vector<BegunTransactions::Begun> left;
  sagas_.for_each_sorted([&](TransactionId id, const Saga& saga) {
    left.push_back({saga.number, id});
  });
  begun_.resume(left);
  for (const BegunTransactions::Begun& begun : left) {
    Saga& saga = *sagas_.find(begun.id);
    if (saga.state == State::Running) {
      resume_running(home, begun.id, saga);
      resumed.push_back({begun.id, saga.kind});
    }
    wait_for_scheduler(home, begun.id, saga, Duration{0});
  }
  return resumed;
}

// What it changed itself the memory of its actions says, all else the log. Of the steps that come
// next none or all may have been commanded; nothing behind these has been.
void Orchestrator::resume_running(const Home& home, TransactionId id, Saga& saga) {
  const TransactionKind& kind = home.kind(saga.kind);
  home.enter_phase(id, Phase::Working, saga.kind);
  saga.done |= home.actions.in_effect(id);
  saga.asked = saga.done;
  const std::uint64_t left = kind.all_steps() & ~saga.done;
  if (left != 0) saga.asked |= together(home, saga, lowest(left)) & ~kind.steps_of(home.self());
  if (!home.settings.deadline || is_past_pivot(home, saga)) return;
  const Duration passed = home.context.now() - saga.begun;
  const Duration rest =
      std::clamp(*home.settings.deadline - passed, Duration{0}, *home.settings.deadline);
  saga.deadline = home.context.set_timer(kDeadline, rest, id);
}

void Orchestrator::write_checkpoint(std::vector<LogRecord>& log) const {
  sagas_.for_each_sorted([&](TransactionId id, const Saga& saga) {
    LogRecord record;
    record.kind = saga.kind;
    record.transaction = id;
    std::uint64_t steps = saga.done;
    std::uint64_t registered = saga.registered;
    switch (saga.state) {
      case State::Running:
        registered = saga.refused;
        record.type = kSagaBegun;
        record.value = saga.begun.ns;
        break;
      case State::Compensating:
        record.type = kSagaCompensating;
        steps = saga.asked;
        break;
      case State::Releasing:
        record.type = kSagaDone;
        break;
    }
    record.body.put(SagaNote{saga.number, steps, registered});
    log.push_back(record);
  });
}

}  // namespace txsim::orchestration
