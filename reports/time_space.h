// A run as a time-space diagram in SVG (Lamport 1978): a lifeline for each node, time downwards,
// messages as slanted arrows; beside the lifelines strips for states, locks, reservations, doubt
// and crashes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reports/report.h"

namespace txsim {

// A picture of more events would be unreadable. For a longer run only the part around its first
// violation is drawn, or else its beginning.
inline constexpr std::size_t kMostEventsDrawn = 1'500;

// The same run gives the same bytes. Time is to scale over short spans. A long wait is cut short
// and marked by a zigzag with its length.
std::string time_space_diagram(const Report& report, std::size_t most_events = kMostEventsDrawn);

// The same for a page that has its own heading and legend, and whose script finds in the diagram
//   g#time-space-body        everything that has a time; places are in its coordinates
//   g#time-space-heads       the names of the lifelines
//   g[data-event]            a message, by the sequence of its sending; data-end: its end
//   g[data-transaction]      an element of one transaction
//   g#event-N                the ring around event N, a target of links
struct MarkedDiagram {
  struct Place {
    int x = -1;  // -1: none, because there is no lifeline
    int y = 0;
  };
  struct Sample {
    std::string svg;  // a picture of its own; its patterns are defined in the diagram
    std::string text;
  };
  std::string svg;
  int height = 0;              // of the picture
  int body = 0;                // the height in the picture at which the body begins
  std::vector<Sample> legend;  // only of what occurs
  std::size_t from = 0;        // the records [from, to) of the trace are drawn
  std::size_t to = 0;
  std::vector<Place> places;  // by record drawn
  std::string left_out;       // says what is not drawn
  std::size_t strips_left_out = 0;
  std::vector<std::string> violated_at_end;
};
MarkedDiagram marked_diagram(const Report& report, std::size_t most_events = kMostEventsDrawn);

}  // namespace txsim
