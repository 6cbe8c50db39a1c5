// The names of TCC's messages, log records and timers, and what these carry. What each means is
// told in tcc.h.
#pragma once

#include <cstdint>

#include "sim/word.h"

namespace txsim::tcc {

// Coordinator to participant
inline constexpr Word kTry = word("Try");
inline constexpr Word kConfirm = word("Confirm");
inline constexpr Word kCancel = word("Cancel");
// Participant to coordinator
inline constexpr Word kTried = word("Tried");
inline constexpr Word kTryRefused = word("TryRefused");
inline constexpr Word kConfirmed = word("Confirmed");
inline constexpr Word kConfirmRefused = word("ConfirmRefused");
inline constexpr Word kCancelled = word("Cancelled");
inline constexpr Word kCancelRefused = word("CancelRefused");
// Either way
inline constexpr Word kStatusQuery = word("StatusQuery");
inline constexpr Word kStatus = word("Status");

// The coordinator's log records: the order's status
inline constexpr Word kOrderCreated = word("order-created");
inline constexpr Word kOrderReserved = word("order-reserved");
inline constexpr Word kOrderPending = word("order-pending");
inline constexpr Word kOrderConfirmed = word("order-confirmed");
inline constexpr Word kOrderCancelled = word("order-cancelled");
inline constexpr Word kOrderClosed = word("order-closed");

// Timers of the coordinator, then of the participant
inline constexpr Word kAnswerTimeout = word("answer-timeout");
inline constexpr Word kBackOff = word("back-off");
inline constexpr Word kScheduler = word("scheduler");
inline constexpr Word kOperatorLooks = word("operator-looks");
inline constexpr Word kSweep = word("sweep");

// Status of an order, as its coordinator answers a participant's StatusQuery. An order that it does
// not know is CANCELLED: those that end otherwise are known until every participant has confirmed.
enum class OrderStatus : std::uint8_t { Created = 1, Reserved, Confirmed, Pending, Cancelled };

// Body of the coordinator's records.
struct OrderNote {
  std::uint64_t number = 0;
  std::uint64_t touched = 0;  // steps that may have been tried elsewhere
  std::uint64_t again = 0;    // 1: the same order has been executed by another submission
};

}  // namespace txsim::tcc
