// Explorations by the clock.
#pragma once

#include <cstdint>
#include <memory>

#include "runs/explore.h"

namespace txsim {

// `counted`: the invariants that count, a bit each. The result says nothing about expectations.
ExploreResult explore_by_clock(const std::shared_ptr<const Scenario>& scenario,
                               const ExploreSettings& settings, std::uint32_t counted);

}  // namespace txsim
