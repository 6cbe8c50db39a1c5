// From sections to a scenario: resolves names, parses sentences, checks limits.
#pragma once

#include <memory>
#include <string>

#include "scenarios/scenario.h"
#include "scenarios/sections.h"

namespace txsim {

// The scenario; not to be used if there are errors.
Scenario resolve(const std::string& path, const ReadScenario& read, Errors& errors);

}  // namespace txsim
