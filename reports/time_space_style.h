// How the elements of a time-space diagram look, in the picture and in its legend. Shapes, names
// and patterns distinguish everything that colours distinguish, so the diagram can be read in grey.
#pragma once

#include "reports/time_space_page.h"

namespace txsim::time_space {

inline constexpr std::string_view kInk = "#1a1a1a";
inline constexpr std::string_view kGrey = "#5f5f5f";
inline constexpr std::string_view kBad = "#b3001b";

// The colours of transactions, in the order in which they appear; the rest share one colour.
class TransactionColors {
 public:
  explicit TransactionColors(const Story& story);
  std::string_view of(TransactionId transaction) const;

 private:
  std::vector<TransactionId> own_;  // those that have a colour of their own
  bool several_;
};

Look strip_look(const Strip& strip);
// States that share a colour.
enum class StateGroup : std::uint8_t { Waiting, Working, Undecided, InEffect, Undone };
StateGroup group_of(State state);
// What the colour means.
const char* text(StateGroup group);
std::string_view color_of(Tone tone);

// The fill patterns.
std::string_view pattern_definitions();

void draw_strip(Svg& svg, const PlacedStrip& placed, std::string_view stroke);
void draw_cap(Svg& svg, Point at, Outcome outcome);
void draw_write(Svg& svg, const Box& box, bool forced, bool is_durable);
// The mark at which a message is lost or refused.
void draw_cross(Svg& svg, Point at, std::string_view color);
// A dashed ring around one of the two sides of a violation.
void draw_ring(Svg& svg, Point at, bool is_side);
void draw_message(Svg& svg, const PlacedArrow& placed, std::string_view color);
// A zigzag across the picture, for time left out.
void draw_break(Svg& svg, int y, int left, int right);

}  // namespace txsim::time_space
