// A run as a time-space diagram in SVG (Lamport 1978): a lifeline a node, time downwards, messages
// as slanted arrows, and beside the lifelines what lasts: states, locks, reservations, doubt,
// crashes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reports/report.h"

namespace txsim {

// A picture of more events would be unreadable: of a longer run only the part around its first
// violation is drawn, or its beginning.
inline constexpr std::size_t kMostEventsDrawn = 1'500;

// The same bytes for the same run. Distances in time are true where little time passes from one
// event to the next; a long wait is cut short, and a zigzag with its length marks it.
std::string time_space_diagram(const Report& report, std::size_t most_events = kMostEventsDrawn);

// The same for a page that says itself what the heading and the legend say, and whose script finds
// in the diagram
//   g#time-space-body        all that has a time; places are in its coordinates
//   g#time-space-heads       the names of the lifelines
//   g[data-event]            a message, by the sequence of its sending; its end in data-end
//   g[data-transaction]      whose it is, where it is one's
//   g#event-N                the ring around event N, to be linked to
struct MarkedDiagram {
  struct Place {
    int x = -1;  // -1: there is none, for want of a lifeline
    int y = 0;
  };
  struct Sample {
    std::string svg;  // a picture of its own; its patterns are defined in the diagram
    std::string text;
  };
  std::string svg;
  std::vector<Sample> legend;  // only of what occurs
  std::size_t from = 0;        // drawn are the records [from, to) of the trace
  std::size_t to = 0;
  std::vector<Place> places;  // by record drawn
  std::string left_out;       // what is not drawn, in words
  std::size_t strips_left_out = 0;
  std::vector<std::string> violated_at_end;
};
MarkedDiagram marked_diagram(const Report& report, std::size_t most_events = kMostEventsDrawn);

}  // namespace txsim
