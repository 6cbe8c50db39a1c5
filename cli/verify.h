// The self-check of txsim run and txsim sweep: it repeats a run and compares.
#pragma once

#include <cstdint>
#include <memory>

#include "scenarios/scenario.h"

namespace txsim {

// Runs it twice with its trace, and compares with the digest of the first run. Throws Defect,
// which names the first event that differs.
void verify(const std::shared_ptr<const Scenario>& scenario, std::uint64_t digest);

}  // namespace txsim
