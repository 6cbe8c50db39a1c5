// A walk as an HTML page: the undisturbed run as a diagram, beside and below it strips coloured by
// what a fault at each moment leads to, and the table of moments and outcomes.
#pragma once

#include <string>

#include "reports/walk_text.h"

namespace txsim {

// The same bytes for the same walk.
std::string walk_page(const WalkReport& report);

}  // namespace txsim
