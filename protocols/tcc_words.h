// What both roles of TCC share: settings, the words of their messages, records and timers, and what
// these carry. The protocol itself is told in tcc.h.
#pragma once

#include <cstdint>
#include <optional>

#include "protocols/reservations.h"
#include "protocols/role_home.h"

namespace txsim {

enum class PendingPolicy : std::uint8_t { Retry, ConfirmAfter, Alert };

struct TccSettings {
  bool parallel = false;                     // all steps of a phase at once instead of in turn
  Duration try_timeout = milliseconds(500);  // wait for an answer (of any phase), then try again
  std::uint32_t retries = 3;                 // of each Try, Confirm and Cancel
  Duration back_off = milliseconds(100);     // before the first retry; doubles with each
  PendingPolicy pending_policy = PendingPolicy::Retry;
  Duration pending_every = seconds(1);  // the scheduler confirms a PENDING order again
  Duration confirm_after = seconds(5);  // confirm-after: how long it leaves it alone before that
  std::optional<Duration> operator_after = seconds(5);  // alert: when the operator looks
  std::optional<Duration> cancel_every = seconds(5);    // cancels again what did not answer
  Duration sweep_after = seconds(3);  // a participant asks about a reservation of this age
  ReservationSettings reservations;
  // Switches; the safe setting is on.
  bool refusal_is_final = true;  // off: a refused Try is asked again, as if it had no answer
  bool resume_reserved = true;   // off: what a crash left RESERVED nobody takes up
  bool retry = true;             // off: one attempt at each Try, Confirm and Cancel
  bool sweep = true;             // off: participants never ask
};

namespace tcc {

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

// What a role may use of its service while it handles one event.
struct Home : RoleHome {
  Reservations& reservations;
  const TccSettings& settings;
};

}  // namespace tcc
}  // namespace txsim
