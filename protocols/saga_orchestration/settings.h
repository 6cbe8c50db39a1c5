// The settings of an orchestrated saga: keys and switches, with their defaults.
#pragma once

#include <cstdint>
#include <optional>

#include "services/actions.h"
#include "sim/time.h"

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

}  // namespace txsim
