// What a role of TCC uses of its service while it handles one event.
#pragma once

#include "protocols/tcc/messages.h"
#include "protocols/tcc/settings.h"
#include "services/reservations.h"
#include "services/role_home.h"

namespace txsim::tcc {

// What a role may use of its service while it handles one event.
struct Home : RoleHome {
  Reservations& reservations;
  const TccSettings& settings;
};

}  // namespace txsim::tcc
