// The names of an orchestrated saga's messages, log records and timers, and what the records carry.
// What each means is told in saga_orchestration.h.
#pragma once

#include <cstdint>

#include "sim/word.h"

namespace txsim::orchestration {

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

}  // namespace txsim::orchestration
