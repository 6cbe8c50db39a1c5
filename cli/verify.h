// The self-check of txsim run and txsim sweep: what was run is run again.
#pragma once

#include <cstdint>
#include <memory>

#include "scenarios/scenario.h"

namespace txsim {

// Runs it twice with its trace, and compares with the digest of the run that it had. Throws Defect,
// which names the first event that differs.
void verify(const std::shared_ptr<const Scenario>& scenario, std::uint64_t digest);

}  // namespace txsim
