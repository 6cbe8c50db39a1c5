// The settings of three-phase commit, with their defaults. settings.cpp explains each one where it
// declares the key.
#pragma once

#include <cstdint>

#include "sim/time.h"

namespace txsim {

class SettingDeclarations;

struct ThreePhaseCommitSettings {
  bool with_prepare = false;
  Duration update_timeout = seconds(2);
  Duration vote_timeout = seconds(2);
  Duration idle_timeout = seconds(5);
  Duration precommit_timeout = seconds(1);
  Duration decision_timeout = seconds(1);
  Duration resend_after = milliseconds(500);
  std::uint32_t inquiries = 2;
  bool precommit = true;
  bool terminate = true;
  bool force_prepare = true;
  bool force_precommit = true;
  bool force_commit = true;
  bool force_decision = true;
};

void declare_settings(ThreePhaseCommitSettings& settings, SettingDeclarations& keys);

}  // namespace txsim
