// The names of an orchestrated saga's messages, log records and timers, and what the records carry.
// Each name is a row of a table; constants, `txsim describe` and traces take it from there.
#pragma once

#include <cstdint>

#include "services/description.h"
#include "sim/word.h"

namespace txsim::orchestration {

inline constexpr auto kMessages = names(
    {{"Action", "orchestrator to participant: do the step"},
     {"ActionDone", "the step is in effect, now or before"},
     {"ActionRefused", "too little available, or called off before"},
     {"Compensate", "orchestrator to participant: take the step back, if it took effect"},
     {"Compensated", "taken back; a late Action is refused"},
     {"CompensationRefused", "the amount to take back is not there: registered"},
     {"Release", "orchestrator to participant: the saga is done; others may take what was given"},
     {"Released", "others may take what was given"}});

inline constexpr auto kRecords = names(
    {{"saga-begun", "orchestrator, before the first Action leaves (value: its clock; forced)"},
     {"step-done", "orchestrator, each answer and each own read, before the next Action (forced)"},
     {"step-refused", "orchestrator, refusal_decides off: before it turns back (forced)"},
     {"saga-done", "orchestrator, all steps are done (forced)"},
     {"saga-compensating", "orchestrator, before the first Compensate (forced)"},
     {"compensation-pending", "orchestrator, a compensation failed and is registered (forced)"},
     {"saga-ended", "orchestrator, all is compensated or released: forgotten"},
     {"applied", "a step is in effect (value: what it added; forced)"},
     {"compensated", "a step was compensated (value: what that added; forced)"},
     {"void", "a step was refused, or compensated before it came (forced)"},
     {"released", "others may take what a step gave (forced)"},
     {"kept", "in a checkpoint: a step's state (value)"},
     {"forgotten", "in a checkpoint: up to which number an orchestrator has forgotten"}});

inline constexpr auto kTimers =
    names({{"step-timeout", "orchestrator: no answer to a command"},
           {"step-back-off", "orchestrator: it asks again"},
           {"deadline", "orchestrator: the saga has taken too long and turns back"},
           {"registry-due", "orchestrator: the scheduler retries registered or interrupted work"}});

// Orchestrator to participant
inline constexpr Word kAction = kMessages["Action"];
inline constexpr Word kCompensate = kMessages["Compensate"];
inline constexpr Word kRelease = kMessages["Release"];
// Participant to orchestrator
inline constexpr Word kActionDone = kMessages["ActionDone"];
inline constexpr Word kActionRefused = kMessages["ActionRefused"];
inline constexpr Word kCompensated = kMessages["Compensated"];
inline constexpr Word kCompensationRefused = kMessages["CompensationRefused"];
inline constexpr Word kReleased = kMessages["Released"];

// The orchestrator's progress log
inline constexpr Word kSagaBegun = kRecords["saga-begun"];
inline constexpr Word kStepDone = kRecords["step-done"];
inline constexpr Word kStepRefused = kRecords["step-refused"];
inline constexpr Word kSagaDone = kRecords["saga-done"];
inline constexpr Word kSagaCompensating = kRecords["saga-compensating"];
inline constexpr Word kCompensationPending = kRecords["compensation-pending"];
inline constexpr Word kSagaEnded = kRecords["saga-ended"];

// Timers of the orchestrator
inline constexpr Word kStepTimeout = kTimers["step-timeout"];
inline constexpr Word kStepBackOff = kTimers["step-back-off"];
inline constexpr Word kDeadline = kTimers["deadline"];
inline constexpr Word kRegistryDue = kTimers["registry-due"];

// Body of the orchestrator's records.
struct SagaNote {
  std::uint64_t number = 0;
  std::uint64_t steps = 0;       // that are done; of saga-compensating: that are to be compensated
  std::uint64_t registered = 0;  // while it is RUNNING: refused
};

}  // namespace txsim::orchestration
