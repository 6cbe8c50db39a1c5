// The names of a choreographed saga's events, log records and timers, and the form of an event's
// id. Each name is a row of a table; constants, `txsim describe` and traces take it from there.
#pragma once

#include <cstdint>

#include "services/description.h"
#include "services/event.h"
#include "sim/message.h"
#include "sim/word.h"
#include "transactions/transaction.h"

namespace txsim::choreography {

inline constexpr auto kMessages =
    names({{"StepDone", "a stop is done: to the next stops, from the last one to the initiator"},
           {"StepFailed", "a stop was refused: to the one before it"},
           {"StepCompensated", "a stop was taken back or called off: to the one before it"},
           {"SagaCancelled", "the initiator cancels: to the last stops before its own next one"},
           {"SagaDone", "all is done: to services that are informed of it"}});

inline constexpr auto kRecords = names(
    {{"saga-begun", "initiator, with its first steps (forced)"},
     {"saga-advanced", "initiator, its own steps between others are done (forced)"},
     {"saga-cancelled", "initiator, the saga is to be undone (value: the round; forced)"},
     {"saga-done", "initiator, all is done (forced)"},
     {"saga-undone", "initiator, all is undone (forced)"},
     {"put-off", "a stop cannot do its work yet (value: the event; forced)"},
     {"made-up", "work that was put off is done (forced)"},
     {"told-of", "orders that a service was informed of, 64 per record (value: which; forced)"},
     {"StepDone", "in the broker's log (value: the event's id; forced)"},
     {"StepFailed", "in the broker's log"},
     {"StepCompensated", "in the broker's log"},
     {"SagaCancelled", "in the broker's log"},
     {"SagaDone", "in the broker's log"},
     {"applied", "a step is in effect (value: what it added; forced)"},
     {"compensated", "a step is compensated (value: what that added; forced)"},
     {"void", "a step is called off or refused: it will not take effect (forced)"},
     {"kept", "in a checkpoint: a step's state (value)"},
     {"forgotten", "in a checkpoint: up to which number an initiator has forgotten"}});

inline constexpr auto kTimers =
    names({{"deadline", "initiator: the saga is cancelled"},
           {"cancel-again", "initiator: not all is undone yet, it cancels again"},
           {"retry-event", "a stop retries work that was put off (value: the event)"}});

// Events
inline constexpr Word kStepDone = kMessages["StepDone"];
inline constexpr Word kStepFailed = kMessages["StepFailed"];
inline constexpr Word kStepCompensated = kMessages["StepCompensated"];
inline constexpr Word kSagaCancelled = kMessages["SagaCancelled"];
inline constexpr Word kSagaDone = kMessages["SagaDone"];

// Log records: the initiator's, then any service's
inline constexpr Word kBegunRecord = kRecords["saga-begun"];
inline constexpr Word kAdvancedRecord = kRecords["saga-advanced"];
inline constexpr Word kCancelledRecord = kRecords["saga-cancelled"];
inline constexpr Word kDoneRecord = kRecords["saga-done"];
inline constexpr Word kUndoneRecord = kRecords["saga-undone"];
inline constexpr Word kPutOffRecord = kRecords["put-off"];
inline constexpr Word kMadeUpRecord = kRecords["made-up"];
inline constexpr Word kToldRecord = kRecords["told-of"];

// Timers: the initiator's, then any service's
inline constexpr Word kDeadline = kTimers["deadline"];
inline constexpr Word kCancelAgain = kTimers["cancel-again"];
inline constexpr Word kRetryEvent = kTimers["retry-event"];

// An event's id says which transaction's stop published what, so that it is the same however often
// it is published. Each cancellation by the initiator is a round, and its resulting events carry
// its number: a round lost in dead letters does not hide the next. Stops that fail by themselves
// are round 0.
enum class EventClass : std::uint8_t { Done, Undone, Cancelled, SagaDone };

constexpr std::int64_t event_id(TransactionId transaction, EventClass what, std::uint16_t place,
                                std::uint64_t round = 0) {
  return static_cast<std::int64_t>((transaction << 20) | (std::uint64_t{place & 0x7FU} << 13) |
                                   ((round & 0x7FFU) << 2) | static_cast<std::uint64_t>(what));
}
constexpr std::uint64_t round_of(const Message& event) {
  return (static_cast<std::uint64_t>(event.value) >> 2) & 0x7FFU;
}

// One transaction as a handler has it before it.
struct Saga {
  TransactionId id = 0;
  std::uint16_t kind = 0;
  std::uint64_t number = 0;
};

}  // namespace txsim::choreography
