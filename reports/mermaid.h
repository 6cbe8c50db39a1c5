// A run as a Mermaid sequence diagram, as textbooks draw them (https://mermaid.js.org).
#pragma once

#include <string>
#include <vector>

#include "reports/report.h"

namespace txsim {

// Arrows are level, but a message takes time. Each is drawn where the order of events at both its
// ends stays true: at its sending if nothing happens at the receiver until it arrives, otherwise at
// its arrival, with the time of its sending if the sender did something in between.
// A long run is drawn up to about `most` bytes and says so: Mermaid reads 50,000 unless told.
std::string mermaid_diagram(const Report& report, std::size_t most = 40'000);

}  // namespace txsim
