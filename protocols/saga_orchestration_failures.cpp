// The orchestrator of a saga when not all goes well: commands that are not answered, the deadline,
// the compensation registry and its scheduler.
#include <algorithm>

#include "protocols/saga_orchestration_orchestrator.h"
#include "sim/assert.h"

namespace txsim::orchestration {
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

}  // namespace txsim::orchestration
