#include "protocols/saga_orchestration_orchestrator.h"

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

}  // namespace txsim::orchestration
