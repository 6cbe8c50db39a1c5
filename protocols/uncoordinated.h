// PLACEHOLDER OPENING: to be completed by the implementer.
#pragma once

#include "protocols/service.h"

namespace txsim {

struct UncoordinatedSettings {
  Duration call_timeout = seconds(1);  // wait for a service's answer, then give up
};

}  // namespace txsim
