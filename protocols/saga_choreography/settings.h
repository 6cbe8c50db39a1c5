// The settings of a choreographed saga, with their defaults. settings.cpp explains each one where
// it declares the key.
#pragma once

#include <cstdint>
#include <optional>

#include "services/outbox.h"
#include "sim/time.h"

namespace txsim {

class SettingDeclarations;

struct SagaChoreographySettings {
  bool parallel = false;
  std::optional<Duration> deadline = seconds(10);
  std::optional<Duration> cancel_every = seconds(2);
  Duration retry_every = milliseconds(500);
  bool late_events = true;
  bool inbox = true;
  OutboxSettings outbox;
};

void declare_settings(SagaChoreographySettings& settings, SettingDeclarations& keys);

}  // namespace txsim
