// The settings of TCC: keys and switches, with their defaults.
#pragma once

#include <cstdint>
#include <optional>

#include "services/reservations.h"
#include "sim/time.h"

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

}  // namespace txsim
