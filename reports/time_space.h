// A run as a time-space diagram in SVG (Lamport 1978): a lifeline a node, time downwards, messages
// as slanted arrows, and beside the lifelines what lasts: states, locks, reservations, doubt,
// crashes.
#pragma once

#include <cstddef>
#include <string>

#include "reports/report.h"

namespace txsim {

// More events than these make no picture that anybody could read: of a longer run the part around
// its first violation is drawn, or its beginning.
inline constexpr std::size_t kMostEventsDrawn = 1'500;

// The same bytes for the same run. Distances in time are true where little time passes from one
// event to the next; a long wait is cut short, and a zigzag with its length marks it.
std::string time_space_diagram(const Report& report, std::size_t most_events = kMostEventsDrawn);

}  // namespace txsim
