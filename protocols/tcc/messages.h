// The names of TCC's messages, log records and timers, and their contents. Each name is a row of a
// table; constants, `txsim describe` and traces take it from there.
#pragma once

#include <cstdint>

#include "services/description.h"
#include "sim/word.h"

namespace txsim::tcc {

inline constexpr auto kMessages = names(
    {{"Try", "coordinator to participant: reserve what the step needs"},
     {"Tried", "reserved"},
     {"TryRefused", "too little available, or the step is suspended"},
     {"Confirm", "coordinator to participant: take what was reserved"},
     {"Confirmed", "taken, now or before"},
     {"ConfirmRefused", "nothing is reserved for the step"},
     {"Cancel", "coordinator to participant: give back what was reserved, if anything was"},
     {"Cancelled", "given back; a late Try is refused"},
     {"CancelRefused", "already confirmed: a decision by hand was wrong"},
     {"StatusQuery", "a sweep asks for the order's status, or the operator for a step's state"},
     {"Status",
      "the answer (value: order 1 CREATED, 2 RESERVED, 4 PENDING, 5 CANCELLED; step "
      "0 none, 1 tried, 2 confirmed, 3 cancelled, 4 suspended)"}});

inline constexpr auto kRecords =
    names({{"order-created", "coordinator, before the first Try leaves (forced)"},
           {"order-reserved", "coordinator, all tried: it will confirm (forced)"},
           {"order-pending", "coordinator, a Confirm has failed after its retries (forced)"},
           {"order-confirmed", "coordinator, all confirmed (forced)"},
           {"order-cancelled", "coordinator, before the first Cancel (forced)"},
           {"order-closed", "coordinator, all cancelled: forgotten"},
           {"tried", "a step is reserved (value: the amount; forced)"},
           {"confirmed", "a step is confirmed (value: the amount; forced)"},
           {"cancelled", "a step is cancelled (value: the amount; forced)"},
           {"suspended", "a step is cancelled or refused with nothing reserved (forced)"},
           {"effect", "atomic_fence off: what a phase moved, before its record (forced)"},
           {"kept", "in a checkpoint: a step's state (value)"},
           {"forgotten", "in a checkpoint: up to which number a coordinator has forgotten"}});

inline constexpr auto kTimers =
    names({{"answer-timeout", "coordinator: no answer to a Try, Confirm or Cancel"},
           {"back-off", "coordinator: it asks again"},
           {"scheduler", "coordinator: a PENDING, CANCELLED or recovered order continues"},
           {"operator-looks", "coordinator: the operator inspects each step of a PENDING order"},
           {"sweep", "participant: a reservation is old, it asks for the order's status"}});

// Coordinator to participant
inline constexpr Word kTry = kMessages["Try"];
inline constexpr Word kConfirm = kMessages["Confirm"];
inline constexpr Word kCancel = kMessages["Cancel"];
// Participant to coordinator
inline constexpr Word kTried = kMessages["Tried"];
inline constexpr Word kTryRefused = kMessages["TryRefused"];
inline constexpr Word kConfirmed = kMessages["Confirmed"];
inline constexpr Word kConfirmRefused = kMessages["ConfirmRefused"];
inline constexpr Word kCancelled = kMessages["Cancelled"];
inline constexpr Word kCancelRefused = kMessages["CancelRefused"];
// Either way
inline constexpr Word kStatusQuery = kMessages["StatusQuery"];
inline constexpr Word kStatus = kMessages["Status"];

// The coordinator's log records: the order's status
inline constexpr Word kOrderCreated = kRecords["order-created"];
inline constexpr Word kOrderReserved = kRecords["order-reserved"];
inline constexpr Word kOrderPending = kRecords["order-pending"];
inline constexpr Word kOrderConfirmed = kRecords["order-confirmed"];
inline constexpr Word kOrderCancelled = kRecords["order-cancelled"];
inline constexpr Word kOrderClosed = kRecords["order-closed"];

// Timers of the coordinator, then of the participant
inline constexpr Word kAnswerTimeout = kTimers["answer-timeout"];
inline constexpr Word kBackOff = kTimers["back-off"];
inline constexpr Word kScheduler = kTimers["scheduler"];
inline constexpr Word kOperatorLooks = kTimers["operator-looks"];
inline constexpr Word kSweep = kTimers["sweep"];

// Status of an order, as its coordinator answers a participant's StatusQuery. An order that it does
// not know is CANCELLED: others are known until every participant has confirmed.
enum class OrderStatus : std::uint8_t { Created = 1, Reserved, Confirmed, Pending, Cancelled };

// Body of the coordinator's records.
struct OrderNote {
  std::uint64_t number = 0;
  std::uint64_t touched = 0;  // steps that may have been tried elsewhere
  std::uint64_t again = 0;    // 1: the same order has been executed by another submission
};

}  // namespace txsim::tcc
