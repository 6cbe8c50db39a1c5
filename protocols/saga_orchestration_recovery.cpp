// Recovery of the orchestrator from its progress log, and its checkpoints.
//
// Nothing is forced while a node recovers, so that all it announces about what it found comes in
// the instant of its restart: what there is to do is left to the scheduler.
#include <algorithm>

#include "protocols/saga_orchestration_orchestrator.h"
#include "sim/assert.h"

namespace txsim::orchestration {

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
      ended_.push_back({id, record.kind, Outcome::Aborted});
      break;
    case kCompensationPending.id:
      saga.registered = note.registered;
      break;
    case kSagaDone.id:
      saga.state = State::Releasing;
      saga.asked = held_elsewhere(home, record.kind);
      ended_.push_back({id, record.kind, Outcome::Committed});
      if (saga.asked == 0) sagas_.erase(id);
      break;
    default:
      TXSIM_ASSERT(false, "a record that no orchestrator writes");
  }
}

// Gives the sagas that it carries on, and those that have ended, with their outcome.
std::vector<Orchestrator::Resumed> Orchestrator::resume(const Home& home) {
  std::vector<Resumed> resumed;
  resumed.swap(ended_);
  for (Resumed& ended : resumed) {
    ended.carried_on = sagas_.contains(ended.id);
    const bool aborted = ended.outcome == Outcome::Aborted;
    if (ended.carried_on) {
      home.enter_phase(ended.id, aborted ? Phase::Undoing : Phase::Finishing, ended.kind);
    }
    home.announce(FactKind::Decided, ended.id, ended.outcome, ended.kind);
    if (!ended.carried_on) home.enter_phase(ended.id, Phase::Ended, ended.kind);
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
