// A run as a Mermaid sequence diagram, as textbooks draw them (https://mermaid.js.org).
#pragma once

#include <string>
#include <vector>

#include "reports/report.h"

namespace txsim {

// Arrows are horizontal, but a message takes time. An arrow is drawn where the order of events at
// both ends stays correct: at its sending if nothing happens at the receiver until it arrives,
// otherwise at its arrival, with the time of its sending if the sender did something in between.
// A long run is drawn up to about `most` bytes, and the diagram says so: Mermaid reads 50,000 bytes
// by default.
std::string mermaid_diagram(const Report& report, std::size_t most = 40'000);

}  // namespace txsim
