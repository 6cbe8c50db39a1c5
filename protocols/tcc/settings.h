// The settings of TCC, with their defaults. settings.cpp explains each one where it declares the
// key.
#pragma once

#include <cstdint>
#include <optional>

#include "services/reservations.h"
#include "sim/time.h"

namespace txsim {

class SettingDeclarations;

enum class PendingPolicy : std::uint8_t { Retry, ConfirmAfter, Alert };

struct TccSettings {
  bool parallel = false;
  Duration try_timeout = milliseconds(500);
  std::uint32_t retries = 3;
  Duration back_off = milliseconds(100);
  PendingPolicy pending_policy = PendingPolicy::Retry;
  Duration pending_every = seconds(1);
  Duration confirm_after = seconds(5);
  std::optional<Duration> operator_after = seconds(5);
  std::optional<Duration> cancel_every = seconds(5);
  Duration sweep_after = seconds(3);
  ReservationSettings reservations;
  bool refusal_is_final = true;
  bool resume_reserved = true;
  bool retry = true;
  bool sweep = true;
};

void declare_settings(TccSettings& settings, SettingDeclarations& keys);

}  // namespace txsim
