// The settings of an orchestrated saga, with their defaults. settings.cpp explains each one where
// it declares the key.
#pragma once

#include <cstdint>
#include <optional>

#include "services/actions.h"
#include "sim/time.h"

namespace txsim {

class SettingDeclarations;

enum class SagaRecovery : std::uint8_t { Backward, Forward };

struct SagaOrchestrationSettings {
  bool parallel = false;
  Duration step_timeout = milliseconds(500);
  std::uint32_t retries = 3;
  Duration back_off = milliseconds(100);
  bool back_off_doubles = true;
  SagaRecovery recovery = SagaRecovery::Backward;
  Duration registry_every = seconds(1);
  std::uint32_t registry_batch = 0;
  std::optional<Duration> deadline = seconds(5);
  bool progress_log = true;
  bool compensate_unknown = true;
  bool reverse_order = true;
  bool registry = true;
  bool registry_blocks = true;
  bool registry_back_off = true;
  bool refusal_decides = true;
  ActionSettings actions{.idempotence = true, .semantic_lock = true};
};

void declare_settings(SagaOrchestrationSettings& settings, SettingDeclarations& keys);

}  // namespace txsim
