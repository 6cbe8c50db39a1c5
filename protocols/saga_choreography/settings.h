// The settings of a choreographed saga: keys and switches, with their defaults.
#pragma once

#include <cstdint>
#include <optional>

#include "services/outbox.h"
#include "sim/time.h"

namespace txsim {

struct SagaChoreographySettings {
  bool parallel = false;  // the steps of a group at once, joined by the origin
  std::optional<Duration> deadline = seconds(10);  // (switch) then the saga is cancelled
  // Cancelled again until all is undone; absent: never (no event may be given up on its way).
  std::optional<Duration> cancel_every = seconds(2);
  Duration retry_every = milliseconds(500);  // what cannot be done now, and has to be
  bool late_events =
      true;           // (switch) off: a stop that is cancelled before its event came forgets it
  bool inbox = true;  // (switch) off: duplicates are taken for new events
  OutboxSettings outbox;
};

}  // namespace txsim
