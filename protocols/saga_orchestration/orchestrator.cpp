#include "protocols/saga_orchestration/orchestrator.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim::orchestration {
void Orchestrator::enter(const Here& here, State state) {
  switch (state) {
    case State::Running:
      TXSIM_ASSERT(false, "RUNNING is where a saga begins");
      break;
    case State::Compensating:
      TXSIM_ASSERT(here->state == State::Running, "only what is RUNNING turns back");
      break;
    case State::Releasing:
      TXSIM_ASSERT(here->state == State::Running, "only what is RUNNING becomes done");
      break;
  }
  here->state = state;
}

void Orchestrator::log(const Here& here, Word type, std::uint16_t step) {
  if (!here.settings.progress_log) return;
  const std::uint64_t steps = type == kSagaCompensating ? here->asked : here->done;
  LogRecord record = here.record(type, SagaNote{here->number, steps, here->registered});
  record.step = step;
  if (type == kSagaBegun) record.value = here->begun.ns;
  here.context.append(record);
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
  // A participant has seen later numbers: our clock went back across a restart.
  begun_.learn(message.body.get<Mark>().oldest);
  const Here here = at(home, message.transaction, message.transaction_type);
  switch (message.type.id) {
    case kActionDone.id:
      return on_done(here, message);
    case kActionRefused.id:
      return on_action_refused(here, message);
    case kCompensated.id:
      on_settled(here, message, State::Compensating);
      return Outcome::Unknown;
    case kCompensationRefused.id:
      on_compensation_refused(here, message);
      return Outcome::Unknown;
    case kReleased.id:
      on_settled(here, message, State::Releasing);
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
  saga.begun =
      home.context.begin_period(kDeadline, id, home.settings.deadline.value_or(Duration{0}));
  saga.number = begun_.begin(id, home.context.ascending());
  const Here here = at(home, id);
  if (here.settings.deadline) {
    here->deadline = here.set_timer(kDeadline, *here.settings.deadline);
  }
  here.enter_phase(Phase::Begun);
  here.enter_phase(Phase::Working);
  log(here, kSagaBegun);
  return work(here);
}

// Does the remaining steps, until one needs a wait.
Outcome Orchestrator::work(const Here& here) {
  const TransactionKind& kind = here.kind();
  for (;;) {
    const std::uint64_t left = kind.all_steps() & ~here->done;
    if (left == 0) return all_done(here);
    const std::uint16_t step = lowest(left);
    if ((here->refused & bit(step)) != 0) return Outcome::Unknown;  // it was about to turn back
    if (kind.steps[step].service != here.self()) {
      here.actions.flush(here.context, here.id);
      call(here, together(here, step) & left);
      return Outcome::Unknown;
    }
    if (!here.actions.act(here.context, here.store, here.place(step))) {
      if (!kind.is_retriable(step)) return turn_back(here);
      here.actions.flush(here.context, here.id);
      return missed(here);
    }
    here->done |= bit(step);
    here->asked |= bit(step);
    // A change is remembered where it was made. Only this record shows a read, and it is durable
    // before the next command.
    if (kind.steps[step].is_read_only()) log(here, kStepDone, step);
  }
}

// The answers are logged one by one, so that the log shows how far the saga has come.
Outcome Orchestrator::on_done(const Here& here, const Message& message) {
  if (!here.is_known() || here->state != State::Running ||
      (here->awaiting & bit(message.step)) == 0) {
    return Outcome::Unknown;  // a duplicate, or too late
  }
  here->awaiting &= ~bit(message.step);
  here->done |= bit(message.step);
  log(here, kStepDone, message.step);
  if (is_past_pivot(here)) here.cancel_timer(here->deadline);
  if (here->awaiting != 0) {
    here.actions.flush(here.context, here.id);
    return Outcome::Unknown;
  }
  here.cancel_timer(here->timer);
  return work(here);
}

Outcome Orchestrator::on_action_refused(const Here& here, const Message& message) {
  if (!here.is_known() || here->state != State::Running ||
      (here->awaiting & bit(message.step)) == 0) {
    return Outcome::Unknown;
  }
  if (here.kind().is_retriable(message.step)) {  // as if it were unreachable
    return failed_for_certain(here, message.step);
  }
  here->asked &= ~bit(message.step);
  if (!here.settings.refusal_decides) {
    log(here, kStepRefused, message.step);
    here.force();
  }
  return turn_back(here);
}

Outcome Orchestrator::all_done(const Here& here) {
  here.cancel_timer(here->deadline);
  here.enter_phase(Phase::Deciding);
  enter(here, State::Releasing);
  here->asked = held_elsewhere(here, here.kind_index);
  for (std::uint64_t own = here.own_steps(); own != 0; own &= own - 1) {
    if (!here.actions.holds(here.kind_index, lowest(own))) continue;
    here.actions.release(here.context, here.place(lowest(own)));
  }
  log(here, kSagaDone);
  here.actions.flush(here.context, here.id);
  here.announce(FactKind::Decided, Outcome::Committed);
  here.enter_phase(Phase::Finishing);
  next(here);
  return Outcome::Committed;
}

// ---- Backward

Outcome Orchestrator::turn_back(const Here& here) {
  TXSIM_ASSERT(!is_past_pivot(here), "behind its pivot a saga only goes forward");
  here.cancel_timer(here->timer);
  here.cancel_timer(here->deadline);
  enter(here, State::Compensating);
  const std::uint64_t reached = here.settings.compensate_unknown ? here->asked : here->done;
  here->asked = reached & here.kind().writes();
  here->awaiting = 0;
  here->waits = false;
  log(here, kSagaCompensating);
  here.actions.flush(here.context, here.id);
  here.announce(FactKind::Decided, Outcome::Aborted);
  here.enter_phase(Phase::Undoing);
  next(here);
  return Outcome::Aborted;
}

// The steps to be compensated, or released, next; none: the scheduler's turn. Registered
// compensations hold up earlier steps, otherwise the order would be lost.
std::uint64_t Orchestrator::due(const Here& here) {
  const std::uint64_t left = here->asked & ~here->settled;
  if (here->state == State::Releasing) return left;
  const std::uint64_t open = here.settings.registry_blocks ? left : left & ~here->resting;
  if (open == 0) return 0;
  const std::uint16_t step = here.settings.reverse_order ? highest(open) : lowest(open);
  return together(here, step) & left & ~here->resting;
}

// Compensates, or releases, the next steps, until an answer or the scheduler has to be awaited.
void Orchestrator::next(const Here& here) {
  const std::uint64_t own = here.own_steps();
  std::uint64_t steps = due(here);
  if ((steps & own) != 0) {
    for (; (steps & own) != 0; steps = due(here)) {
      compensate_own(here, lowest(steps));  // its own step stands alone
    }
    here.actions.flush(here.context, here.id);
  }
  if (steps != 0) {
    call(here, steps);
  } else if ((here->asked & ~here->settled) != 0) {
    rest(here);
  } else {
    ended(here);
  }
}

void Orchestrator::compensate_own(const Here& here, std::uint16_t step) {
  if (here.actions.compensate(here.context, here.store, here.place(step))) {
    here->settled |= bit(step);
    here->rests = 0;
  } else {
    compensation_failed(here, bit(step));
  }
}

// They go into the registry, where the scheduler finds them; without a registry they are lost.
void Orchestrator::compensation_failed(const Here& here, std::uint64_t steps) {
  if (!here.settings.registry) {
    here->settled |= steps;
    return;
  }
  const bool is_new = (steps & ~here->registered) != 0;
  here->registered |= steps;
  here->resting |= steps;
  if (is_new) log(here, kCompensationPending, lowest(steps));
}

// A step elsewhere is compensated, or released.
void Orchestrator::on_settled(const Here& here, const Message& message, State state) {
  if (!here.is_known() || here->state != state || (here->asked & bit(message.step)) == 0) return;
  here->settled |= bit(message.step);
  here->rests = 0;
  if ((here->awaiting & bit(message.step)) == 0) return;  // a duplicate, or the scheduler continues
  here->awaiting &= ~bit(message.step);
  if (here->awaiting != 0) return;
  here.cancel_timer(here->timer);
  next(here);
}

void Orchestrator::on_compensation_refused(const Here& here, const Message& message) {
  if (!here.is_known() || here->state != State::Compensating ||
      (here->awaiting & bit(message.step)) == 0) {
    return;
  }
  here->awaiting &= ~bit(message.step);
  compensation_failed(here, bit(message.step));
  here.actions.flush(here.context, here.id);
  if (here->awaiting != 0) return;
  here.cancel_timer(here->timer);
  next(here);
}

// No work is left. A saga that only had to be logged as done needs no further record.
void Orchestrator::ended(const Here& here) {
  if (here->state == State::Compensating || here->asked != 0) log(here, kSagaEnded);
  here.enter_phase(Phase::Ended);
  sagas_.erase(here.id);
  begun_.forget(
      [&](TransactionId known) { return sagas_.contains(known) || here.context.waits(known); });
  here.actions.learn_oldest(here.self(), begun_.oldest());
}

// ---- Failures: commands that are not answered, the deadline, the compensation registry and its
// scheduler

namespace {

constexpr std::uint16_t kMostDoublings = 10;  // of the wait between two attempts
constexpr std::uint16_t kMostRests = 6;       // how often the wait doubles: 64 rounds at most

}  // namespace

Outcome Orchestrator::on_timer(const Home& home, const Timer& timer) {
  const Here here = at(home, timer.transaction);
  TXSIM_ASSERT(here.is_known(), "a forgotten saga has no timer");
  if (timer.what == kDeadline) {
    here->deadline = {};
    return deadline_passed(here);
  }
  here->timer = {};
  switch (timer.what.id) {
    case kStepTimeout.id:
      return missed(here);
    case kStepBackOff.id:
      return ask_again(here);
    case kRegistryDue.id:
      return run_scheduled(here);
    default:
      TXSIM_ASSERT(false, "a timer that the orchestrator never sets");
  }
  return Outcome::Unknown;
}

// ---- Commands and retries

void Orchestrator::call(const Here& here, std::uint64_t steps) {
  here->awaiting = steps;
  here->unreachable = 0;
  here->attempts = 0;
  here->backing_off = false;
  // Found in its log: the steps may already have been commanded.
  const std::uint64_t again = here->state == State::Running ? here->asked & steps : 0;
  if (here->state == State::Running) here->asked |= steps;
  for (std::uint64_t left = steps; left != 0; left &= left - 1) {
    ask(here, lowest(left), (again & bit(lowest(left))) != 0);
  }
  here->timer = here.set_timer(kStepTimeout, here.settings.step_timeout);
}

Word Orchestrator::command(const Here& here) {
  switch (here->state) {
    case State::Running:
      return kAction;
    case State::Compensating:
      return kCompensate;
    case State::Releasing:
      return kRelease;
  }
  TXSIM_ASSERT(false, "no such state");
}

void Orchestrator::ask(const Here& here, std::uint16_t step, bool again) {
  const NodeId to = here.kind().steps[step].service;
  here.send(to, command(here), {.step = step});
  if (again) here.announce_resent(to);
}

// The connection was refused: this attempt will get no answer.
Outcome Orchestrator::on_refused(const Home& home, const Message& message) {
  const Here here = at(home, message.transaction, message.transaction_type);
  if (!here.is_known() || message.type != command(here) ||
      (here->awaiting & bit(message.step)) == 0) {
    return Outcome::Unknown;
  }
  return failed_for_certain(here, message.step);
}

// The next attempt need not wait once no answer can arrive.
Outcome Orchestrator::failed_for_certain(const Here& here, std::uint16_t step) {
  if (!here->timer.is_set() || here->backing_off) return Outcome::Unknown;  // of an earlier try
  here->unreachable |= bit(step);
  if ((here->awaiting & ~here->unreachable) != 0) return Outcome::Unknown;
  here.cancel_timer(here->timer);
  return missed(here);
}

// Not done, or perhaps done: retried after a while. Behind the pivot until it succeeds.
Outcome Orchestrator::missed(const Here& here) {
  const SagaOrchestrationSettings& settings = here.settings;
  const bool persists = here->state == State::Running && is_past_pivot(here);
  if (!persists && here->attempts >= settings.retries) return given_up(here);
  const int doublings = settings.back_off_doubles ? std::min(here->attempts, kMostDoublings) : 0;
  Duration wait{settings.back_off.ns * (std::int64_t{1} << doublings)};
  bool grows = settings.back_off_doubles && doublings < kMostDoublings;
  if (persists) {
    const Duration longest = std::max(settings.back_off, settings.registry_every);
    grows = grows && wait < longest;
    wait = std::min(wait, longest);
  }
  // Attempts that nothing depends on are not counted: repeated states are equal.
  if (!persists || grows) ++here->attempts;
  here->backing_off = true;
  here->timer = here.set_timer(kStepBackOff, wait);
  return Outcome::Unknown;
}

Outcome Orchestrator::ask_again(const Here& here) {
  here->backing_off = false;
  if (here->awaiting == 0) return work(here);  // a step of its own, behind the pivot
  here->unreachable = 0;
  for (std::uint64_t left = here->awaiting; left != 0; left &= left - 1) {
    ask(here, lowest(left), true);
  }
  here->timer = here.set_timer(kStepTimeout, here.settings.step_timeout);
  return Outcome::Unknown;
}

// All attempts have failed. A step that was unreachable has failed, and the saga turns back. A step
// that timed out is unknown, not failed: its answer may still come, and the deadline ends the wait.
Outcome Orchestrator::given_up(const Here& here) {
  switch (here->state) {
    case State::Running:
      if (here->unreachable != 0) return turn_back(here);
      break;
    case State::Compensating:
      compensation_failed(here, here->awaiting);
      here.actions.flush(here.context, here.id);
      here->awaiting = 0;
      next(here);
      break;
    case State::Releasing:
      here->awaiting = 0;
      rest(here);
      break;
  }
  return Outcome::Unknown;
}

Outcome Orchestrator::deadline_passed(const Here& here) {
  TXSIM_ASSERT(here->state == State::Running, "a deadline of a saga that has turned or is done");
  if (is_past_pivot(here)) return Outcome::Unknown;
  return turn_back(here);
}

// ---- The scheduler: retries registered compensations, and what a crash interrupted.

// Leaves what could not be done to the scheduler.
void Orchestrator::rest(const Here& here) {
  const SagaOrchestrationSettings& settings = here.settings;
  here->rounds = static_cast<std::uint16_t>(1U << here->rests);
  const bool backs_off = settings.registry_batch > 0 && settings.registry_back_off;
  if (backs_off && here->rests < kMostRests) ++here->rests;
  wait_for_scheduler(here, settings.registry_every);
}

void Orchestrator::wait_for_scheduler(const Here& here, Duration wait) {
  if (here.settings.registry_batch == 0) {
    here->timer = here.set_timer(kRegistryDue, wait);
    return;
  }
  here->waits = true;
  if (!round_.is_set()) round_ = here.context.set_timer(kRegistryDue, wait, 0);
}

// One round less to wait for each; takes the oldest of those that are due, up to the batch size.
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

std::vector<Resumed> Orchestrator::run_round(const Home& home) {
  round_ = {};
  std::vector<Resumed> decided;
  for (const BegunTransactions::Begun& next : take_due(home.settings.registry_batch)) {
    const Here here = at(home, next.id);
    here->waits = false;
    const Outcome outcome = run_scheduled(here);
    if (outcome != Outcome::Unknown) decided.push_back({here.id, here.kind_index, outcome});
  }
  bool is_awaited = false;
  sagas_.for_each([&](TransactionId, const Saga& saga) { is_awaited = is_awaited || saga.waits; });
  if (is_awaited && !round_.is_set()) {
    round_ = home.context.set_timer(kRegistryDue, home.settings.registry_every, 0);
  }
  return decided;
}

Outcome Orchestrator::run_scheduled(const Here& here) {
  if (here->state == State::Running) {
    const bool forward = here.settings.recovery == SagaRecovery::Forward || is_past_pivot(here);
    return forward ? work(here) : turn_back(here);
  }
  here->resting = 0;
  next(here);
  return Outcome::Unknown;
}

// ---- Recovery and checkpoints. Nothing is forced while a node recovers, so that all its
// announcements about what it found come in the instant of its restart: the remaining work is left
// to the scheduler.

bool Orchestrator::read(const Home& home, const LogRecord& record) {
  switch (record.type.id) {
    case kSagaBegun.id:
    case kStepDone.id:
    case kStepRefused.id:
    case kSagaDone.id:
    case kSagaCompensating.id:
    case kCompensationPending.id:
    case kSagaEnded.id:
      break;
    default:
      return false;
  }
  const auto note = record.body.get<SagaNote>();
  const TransactionId id = record.transaction;
  begun_.learn(note.number);
  if (record.type == kSagaEnded) {
    sagas_.erase(id);
    return true;
  }
  Saga& saga = sagas_[id];
  saga.number = note.number;
  saga.kind = record.transaction_type;
  switch (record.type.id) {
    case kSagaBegun.id:
      saga.begun = Period{record.value};
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
      ended_.add(id, note.number, record.transaction_type, Outcome::Aborted);
      break;
    case kCompensationPending.id:
      saga.registered = note.registered;
      break;
    case kSagaDone.id:
      saga.state = State::Releasing;
      saga.asked = held_elsewhere(home, record.transaction_type);
      ended_.add(id, note.number, record.transaction_type, Outcome::Committed);
      if (saga.asked == 0) sagas_.erase(id);
      break;
    default:
      TXSIM_ASSERT(false, "a record that no orchestrator writes");
  }
  return true;
}

Outcome Orchestrator::outcome_in(const LogRecord& record) {
  if (record.type == kSagaDone) return Outcome::Committed;
  return record.type == kSagaCompensating ? Outcome::Aborted : Outcome::Unknown;
}

// Returns the sagas that it resumes, and those that have ended with their outcome.
std::vector<Resumed> Orchestrator::resume(const Home& home) {
  std::vector<Resumed> resumed;
  for (const auto& ended : ended_.take(sagas_)) {
    const bool is_carried_on = ended.standing == EndedTransactions::Standing::CarriedOn;
    if (is_carried_on) resumed.push_back({ended.id, ended.kind, ended.outcome});
    if (ended.standing == EndedTransactions::Standing::Superseded) continue;
    const Here here{home, ended.id, ended.kind};
    if (is_carried_on) {
      here.enter_phase(ended.outcome == Outcome::Aborted ? Phase::Undoing : Phase::Finishing);
    }
    here.announce(FactKind::Decided, ended.outcome);
    if (!is_carried_on) here.enter_phase(Phase::Ended);
  }
  std::vector<BegunTransactions::Begun> left;
  sagas_.for_each_sorted([&](TransactionId id, const Saga& saga) {
    left.push_back({saga.number, id});
  });
  begun_.resume(left);
  for (const BegunTransactions::Begun& begun : left) {
    const Here here = at(home, begun.id);
    if (here->state == State::Running) {
      resume_running(here);
      resumed.push_back({here.id, here.kind_index});
    }
    wait_for_scheduler(here, Duration{0});
  }
  return resumed;
}

// The memory of its actions shows its own changes, the log everything else. The next steps may have
// been commanded, all or none; no step behind them has been.
void Orchestrator::resume_running(const Here& here) {
  const TransactionKind& kind = here.kind();
  here.enter_phase(Phase::Working);
  here->done |= here.actions.in_effect(here.id);
  here->asked = here->done;
  const std::uint64_t left = kind.all_steps() & ~here->done;
  if (left != 0) here->asked |= together(here, lowest(left)) & ~here.own_steps();
  if (!here.settings.deadline || is_past_pivot(here)) return;
  here->deadline =
      here.context.set_timer_at_end(kDeadline, here->begun, *here.settings.deadline, here.id);
}

void Orchestrator::write_checkpoint(std::vector<LogRecord>& log) const {
  sagas_.for_each_sorted([&](TransactionId id, const Saga& saga) {
    Word type{};
    std::int64_t value = 0;
    std::uint64_t steps = saga.done;
    std::uint64_t registered = saga.registered;
    switch (saga.state) {
      case State::Running:
        registered = saga.refused;
        type = kSagaBegun;
        value = saga.begun.ns;
        break;
      case State::Compensating:
        type = kSagaCompensating;
        steps = saga.asked;
        break;
      case State::Releasing:
        type = kSagaDone;
        break;
    }
    log.push_back(record_of(type, id, saga.kind, SagaNote{saga.number, steps, registered}));
    log.back().value = value;
  });
}

}  // namespace txsim::orchestration
