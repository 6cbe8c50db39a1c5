// What a role of three-phase commit uses of its service while it handles one event.
#pragma once

#include "protocols/three_phase_commit/messages.h"
#include "protocols/three_phase_commit/settings.h"
#include "services/role_home.h"

namespace txsim::three_phase {

struct Home : RoleHome {
  const ThreePhaseCommitSettings& settings;
};

}  // namespace txsim::three_phase
