// What both roles of an orchestrated saga share: settings, the words of their messages, records and
// timers, and what these carry. The protocol itself is told in saga_orchestration.h.
#pragma once

#include <cstdint>
#include <optional>

#include "protocols/actions.h"
#include "protocols/role_home.h"

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
  std::uint32_t registry_batch = 0;  // of so many sagas each time; 0: of all, each in its own time
  // Switches; the safe setting is on (or a duration).
  std::optional<Duration> deadline = seconds(5);  // the saga turns back after this; absent: never
  bool progress_log = true;        // off: nothing is written, a crash forgets every saga
  bool compensate_unknown = true;  // off: only what was acknowledged is compensated
  bool reverse_order = true;       // off: compensations run in the order of the steps
  bool registry = true;            // off: a compensation that failed is lost
  bool registry_blocks = true;     // off: earlier compensations overtake what is registered
  bool registry_back_off = true;   // of a batch; off: what failed again is due again at once
  bool refusal_decides = true;     // off: a refusal is recorded by itself, before the saga turns
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
inline constexpr Word kStepRefused = word("step-refused");
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
  std::uint64_t steps = 0;       // that are done; of saga-compensating: that are to be compensated
  std::uint64_t registered = 0;  // while it is RUNNING: refused
};

// What a role may use of its service while it handles one event.
struct Home : RoleHome {
  Actions& actions;
  const SagaOrchestrationSettings& settings;
};

}  // namespace orchestration
}  // namespace txsim
