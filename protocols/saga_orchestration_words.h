// What both roles of an orchestrated saga share: settings, the words of their messages, records and
// timers, and what these carry. The protocol itself is told in saga_orchestration.h.
#pragma once

#include <bit>
#include <cstdint>

#include "protocols/actions.h"
#include "protocols/begun_transactions.h"
#include "protocols/store.h"
#include "protocols/transaction.h"
#include "sim/node.h"

namespace txsim {

enum class SagaRecovery : std::uint8_t { Backward, Forward };

struct SagaOrchestrationSettings {
  bool parallel = false;                      // all steps of a group at once instead of in turn
  Duration step_timeout = milliseconds(500);  // wait for an answer, then ask again
  std::uint32_t retries = 3;                  // of each command
  Duration back_off = milliseconds(100);      // before the first retry
  bool back_off_doubles = true;               // with each retry; off: it stays the same
  SagaRecovery recovery = SagaRecovery::Backward;  // of a saga that a crash interrupted
  Duration registry_every = seconds(1);  // the scheduler tries again what is registered, or behind
                                         // the pivot, or not released
  // Switches; the safe setting is on (or a duration).
  Duration deadline = seconds(5);  // the saga turns back after this; 0: never
  bool progress_log = true;        // off: nothing is written, a crash forgets every saga
  bool compensate_unknown = true;  // off: only what was acknowledged is compensated
  bool reverse_order = true;       // off: compensations run in the order of the steps
  bool registry = true;            // off: a compensation that failed is lost
  bool registry_blocks = true;     // off: earlier compensations overtake what is registered
  ActionSettings actions{.idempotence = true, .semantic_lock = true};
};

namespace orchestration {

// Orchestrator to participant
inline constexpr Word kAction = word("Action");
inline constexpr Word kCompensate = word("Compensate");
inline constexpr Word kRelease = word("Release");
// Participant to orchestrator
inline constexpr Word kActionDone = word("ActionDone");
inline constexpr Word kActionRefused = word("ActionRefused");
inline constexpr Word kCompensated = word("Compensated");
inline constexpr Word kCompensationRefused = word("CompensationRefused");
inline constexpr Word kReleased = word("Released");

// The orchestrator's progress log
inline constexpr Word kSagaBegun = word("saga-begun");
inline constexpr Word kStepDone = word("step-done");
inline constexpr Word kSagaDone = word("saga-done");
inline constexpr Word kSagaCompensating = word("saga-compensating");
inline constexpr Word kCompensationPending = word("compensation-pending");
inline constexpr Word kSagaEnded = word("saga-ended");

// Timers of the orchestrator
inline constexpr Word kStepTimeout = word("step-timeout");
inline constexpr Word kStepBackOff = word("step-back-off");
inline constexpr Word kDeadline = word("deadline");
inline constexpr Word kRegistryDue = word("registry-due");

// Body of the orchestrator's records.
struct SagaNote {
  std::uint64_t number = 0;
  std::uint64_t steps = 0;  // that are done; of saga-compensating: that are to be compensated
  std::uint64_t registered = 0;
};

// Sets of steps are bit masks.
constexpr std::uint64_t bit(std::size_t step) { return std::uint64_t{1} << step; }
constexpr std::uint16_t lowest(std::uint64_t set) {
  return static_cast<std::uint16_t>(std::countr_zero(set));
}
constexpr std::uint16_t highest(std::uint64_t set) {
  return static_cast<std::uint16_t>(63 - std::countl_zero(set));
}

// What a role may use of its service while it handles one event.
struct Home {
  Context& context;
  Store& store;
  Actions& actions;
  const Plan& plan;
  const SagaOrchestrationSettings& settings;

  NodeId self() const { return context.self(); }
  const TransactionKind& kind(std::uint16_t index) const { return plan.kinds[index]; }
  void announce(FactKind what, TransactionId transaction, std::int64_t value, std::int64_t extra,
                NodeId peer = kNoNode) const {
    context.announce({fact_word(what), peer, 0, transaction, value, extra});
  }
  void decided(TransactionId transaction, Outcome outcome, std::uint16_t kind) const {
    announce(FactKind::Decided, transaction, static_cast<std::int64_t>(outcome), kind);
  }
  void enter_phase(TransactionId transaction, Phase phase, std::uint16_t kind) const {
    announce(FactKind::PhaseEntered, transaction, static_cast<std::int64_t>(phase), kind);
  }
  void send(NodeId to, Word type, const StepPlace& place, const Mark& mark) const {
    Message message;
    message.to = to;
    message.type = type;
    message.kind = place.kind;
    message.step = place.step;
    message.transaction = place.transaction;
    message.body.put(mark);
    context.send(message);
  }
};

}  // namespace orchestration
}  // namespace txsim
