// What a role of two-phase commit uses of its service while it handles one event.
#pragma once

#include "protocols/two_phase_commit/messages.h"
#include "protocols/two_phase_commit/settings.h"
#include "services/role_home.h"

namespace txsim::two_phase {

struct Home : RoleHome {
  const TwoPhaseCommitSettings& settings;
};

}  // namespace txsim::two_phase
