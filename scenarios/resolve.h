// From sections to a scenario: names resolved, sentences parsed, limits held.
#pragma once

#include <memory>
#include <string>

#include "scenarios/scenario.h"
#include "scenarios/sections.h"

namespace txsim {

// The scenario; of no use if there were errors.
Scenario resolve(const std::string& path, const ReadScenario& read, Errors& errors);

}  // namespace txsim
