// The names of a choreographed saga's events, log records and timers, and how an event's id is
// made. What each means is told in saga_choreography.h.
#pragma once

#include <cstdint>

#include "services/event.h"
#include "sim/message.h"
#include "sim/word.h"
#include "transactions/transaction.h"

namespace txsim::choreography {

// Events
inline constexpr Word kStepDone = word("StepDone");
inline constexpr Word kStepFailed = word("StepFailed");
inline constexpr Word kStepCompensated = word("StepCompensated");
inline constexpr Word kSagaCancelled = word("SagaCancelled");
inline constexpr Word kSagaDone = word("SagaDone");

// Log records: the origin's, then any service's
inline constexpr Word kBegunRecord = word("saga-begun");
inline constexpr Word kAdvancedRecord = word("saga-advanced");
inline constexpr Word kCancelledRecord = word("saga-cancelled");
inline constexpr Word kDoneRecord = word("saga-done");
inline constexpr Word kUndoneRecord = word("saga-undone");
inline constexpr Word kPutOffRecord = word("put-off");
inline constexpr Word kMadeUpRecord = word("made-up");
inline constexpr Word kToldRecord = word("told-of");

// Timers: the origin's, then any service's
inline constexpr Word kDeadline = word("deadline");
inline constexpr Word kCancelAgain = word("cancel-again");
inline constexpr Word kRetryEvent = word("retry-event");

// An event's id says which transaction's stop published what, so that it is the same however often
// it is published. Each time the origin cancels anew is a round, and what comes of it bears its
// number: a round lost in dead letters does not hide the next. Stops that fail by themselves are
// round 0.
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
