// PLACEHOLDER OPENING: to be completed by the implementer.
#pragma once

#include "protocols/service.h"

namespace txsim {

struct LocalSettings {
  bool transaction = true;  // (switch) all steps in one local transaction; off: each by itself
};

}  // namespace txsim
