// What a role of an orchestrated saga uses of its service while it handles one event.
#pragma once

#include "protocols/saga_orchestration/messages.h"
#include "protocols/saga_orchestration/settings.h"
#include "services/actions.h"
#include "services/role_home.h"

namespace txsim::orchestration {

// What a role may use of its service while it handles one event.
struct Home : RoleHome {
  Actions& actions;
  const SagaOrchestrationSettings& settings;
};

}  // namespace txsim::orchestration
