#include "reports/time_space_style.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace txsim::time_space {
namespace {

// Dark enough for text on white; distinguishable with any kind of colour vision.
constexpr std::string_view kColors[] = {"#00538a", "#b2440a", "#00734f",
                                        "#8a3a86", "#6b5900", "#7d1f2e"};

// By group of states.
constexpr std::string_view kFills[] = {"#ededed", "#d6e7f7", "#fdeab0", "#cfe8cf", "#f7d2c4"};

// Relative steps, because a long picture has many of them.
std::string zigzag(int y, int left, int right) {
  constexpr int kPeriod = 14;
  std::string path = fmt::format("M{} {}l", left, y + 3);
  for (int x = left; x + kPeriod <= right; x += kPeriod) path += x == left ? "7-6 7 6" : " 7-6 7 6";
  return path;
}

}  // namespace

TransactionColors::TransactionColors(const Story& story) : several_(story.several) {
  const auto add = [&](TransactionId transaction) {
    if (transaction == 0 || own_.size() == std::size(kColors)) return;
    if (std::find(own_.begin(), own_.end(), transaction) == own_.end()) {
      own_.push_back(transaction);
    }
  };
  for (const Arrow& arrow : story.arrows) add(arrow.transaction);
  for (const Strip& strip : story.strips) add(strip.transaction);
}

std::string_view TransactionColors::of(TransactionId transaction) const {
  const auto found = std::find(own_.begin(), own_.end(), transaction);
  if (!several_ || found == own_.end()) return kInk;
  return kColors[found - own_.begin()];
}

std::string_view color_of(Tone tone) {
  switch (tone) {
    case Tone::Plain:
    case Tone::Strong:
      return kInk;
    case Tone::Faint:
      return kGrey;
    case Tone::Good:
      return "#1b5e20";
    case Tone::Warning:
      return "#8a4b00";
    case Tone::Bad:
      return kBad;
  }
  return kInk;
}

StateGroup group_of(State state) {
  switch (state) {
    case State::Waiting:
      return StateGroup::Waiting;
    case State::Begun:
    case State::Working:
    case State::Updated:
      return StateGroup::Working;
    case State::Deciding:
    case State::Prepared:
    case State::Reserved:
      return StateGroup::Undecided;
    case State::Finishing:
    case State::Applied:
      return StateGroup::InEffect;
    case State::Undoing:
    case State::Compensated:
      return StateGroup::Undone;
  }
  return StateGroup::Waiting;
}

const char* text(StateGroup group) {
  switch (group) {
    case StateGroup::Waiting:
      return "client waits";
    case StateGroup::Working:
      return "at work";
    case StateGroup::Undecided:
      return "not decided yet";
    case StateGroup::InEffect:
      return "finishing, in effect";
    case StateGroup::Undone:
      return "undoing, undone";
  }
  return "?";
}

Look strip_look(const Strip& strip) {
  switch (strip.kind) {
    case StripKind::LockWait:
      return {.fill = "#ffffff", .stroke = kInk, .stroke_tenths = 12, .dashes = "4 3", .round = 2};
    case StripKind::Lock:
    case StripKind::OrderLock:
      return {.fill = "#ffffff", .stroke = kInk, .stroke_tenths = 18, .round = 2};
    case StripKind::Reservation:
      return {.fill = "url(#txsim-dots)", .stroke = "#7a6a2a", .round = 2};
    case StripKind::InDoubt:
      return {.fill = "url(#txsim-stripes)", .stroke = "#8a4b00", .dashes = "2 2", .round = 2};
    case StripKind::Down:
      return {.fill = "url(#txsim-hatch)", .stroke = "#3d3d3d", .stroke_tenths = 12};
    case StripKind::Paused:
      return {.fill = "#cfcfcf", .stroke = "#8c8c8c", .dashes = "3 2"};
    case StripKind::Fault:
      return {.fill = "#fdeeee", .stroke = kBad, .dashes = "6 2", .round = 2};
    case StripKind::State:
      break;
  }
  const std::string_view fill = kFills[static_cast<std::size_t>(group_of(strip.state))];
  return {.fill = fill, .stroke = "#4d4d4d", .round = 2};
}

std::string_view pattern_definitions() {
  return "<defs>\n"
         "<pattern id=\"txsim-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
         "<rect width=\"6\" height=\"6\" fill=\"#f4f4f4\"/>"
         "<path d=\"M0 6L6 0M-1 1L1 -1M5 7L7 5\" stroke=\"#4d4d4d\" stroke-width=\"1.4\"/>"
         "</pattern>\n"
         "<pattern id=\"txsim-stripes\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
         "<rect width=\"6\" height=\"6\" fill=\"#fff8e6\"/>"
         "<path d=\"M0 0L6 6M-1 5L1 7M5 -1L7 1\" stroke=\"#eab94f\" stroke-width=\"1.2\"/>"
         "</pattern>\n"
         "<pattern id=\"txsim-dots\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">"
         "<rect width=\"5\" height=\"5\" fill=\"#fffdf2\"/>"
         "<circle cx=\"2.5\" cy=\"2.5\" r=\"0.9\" fill=\"#b9a24a\"/></pattern>\n"
         "</defs>\n";
}

void draw_strip(Svg& svg, const PlacedStrip& placed, std::string_view stroke) {
  Look look = strip_look(*placed.strip);
  if (!stroke.empty()) look.stroke = stroke;
  svg.box(placed.box, look);
  if (placed.text.empty()) return;
  const int x = (placed.box.left + placed.box.right) / 2;
  const int half = text_width(placed.text, kStripFont) / 2 + 2;
  if (look.fill.starts_with("url")) {
    svg.box({x - 5, placed.text_y - half, x + 5, placed.text_y + half}, {.fill = "#ffffff"});
  }
  svg.text({x + 4, placed.text_y}, placed.text,
           {.font = kStripFont, .fill = kInk, .anchor = Anchor::Middle, .upwards = true});
}

void draw_cap(Svg& svg, Point at, Outcome outcome) {
  const Look white{.stroke = "#ffffff", .stroke_tenths = 18};
  const Box box{at.x - 6, at.y - 6, at.x + 6, at.y + 6};
  const auto points = [&](std::initializer_list<Point> corners) {
    std::string text;
    for (const Point p : corners) {
      text += fmt::format("{}{},{}", text.empty() ? "" : " ", at.x + p.x, at.y + p.y);
    }
    return text;
  };
  switch (outcome) {
    case Outcome::Committed:
      svg.circle(at, 7, {.fill = "#2a6f2f"});
      svg.polyline(points({{-3, 0}, {-1, 3}, {4, -3}}), white);
      return;
    case Outcome::Aborted:
      svg.box(box, {.fill = "#555555", .round = 2});
      svg.line({at.x - 3, at.y - 3}, {at.x + 3, at.y + 3}, white);
      svg.line({at.x - 3, at.y + 3}, {at.x + 3, at.y - 3}, white);
      return;
    case Outcome::Mixed:
      svg.polyline(points({{0, -8}, {8, 0}, {0, 8}, {-8, 0}, {0, -8}}), {.fill = kBad});
      svg.line({at.x - 4, at.y}, {at.x + 4, at.y}, white);
      return;
    case Outcome::Unknown:
      svg.circle(at, 5, {.fill = "#ffffff", .stroke = "#555555", .stroke_tenths = 16});
      return;
  }
}

void draw_write(Svg& svg, const Box& box, bool forced, bool is_durable) {
  if (!forced) {
    svg.box(box, {.fill = "#ffffff", .stroke = kInk});
    return;
  }
  svg.box(box, {.fill = is_durable ? kInk : "#ffffff", .stroke = is_durable ? kInk : kBad});
  const Look tick{.stroke = is_durable ? kInk : kBad, .stroke_tenths = 16};
  svg.line({box.left - 2, box.top}, {box.right + 2, box.top}, tick);
  svg.line({box.left - 2, box.bottom}, {box.right + 2, box.bottom}, tick);
}

void draw_cross(Svg& svg, Point at, std::string_view color) {
  const Look look{.stroke = color, .stroke_tenths = 22};
  svg.line({at.x - 5, at.y - 5}, {at.x + 5, at.y + 5}, look);
  svg.line({at.x - 5, at.y + 5}, {at.x + 5, at.y - 5}, look);
}

void draw_ring(Svg& svg, Point at, bool is_side) {
  svg.circle(at, kRing + 1, {.stroke = "#ffffff", .stroke_tenths = 55});
  svg.circle(at, kRing,
             {.stroke = kBad, .stroke_tenths = 28, .dashes = is_side ? "5 3" : std::string_view()});
}

void draw_message(Svg& svg, const PlacedArrow& placed, std::string_view color) {
  const int away = placed.to.x >= placed.from.x ? -1 : 1;  // from the receiver
  switch (placed.arrow->fate) {
    case Fate::Arrives:
      svg.line(placed.from, placed.to, {.stroke = color, .stroke_tenths = 13});
      return svg.arrow_head(placed.from, placed.to, color, false);
    case Fate::ArrivesAgain:
      svg.line(placed.from, placed.to, {.stroke = color, .stroke_tenths = 13, .dashes = "9 4"});
      return svg.arrow_head(placed.from, placed.to, color, false);
    case Fate::Lost: {
      const Point end{placed.to.x + (placed.arrow->gets_there ? 8 * away : 0), placed.to.y};
      svg.line(placed.from, end, {.stroke = color, .stroke_tenths = 13});
      return draw_cross(svg, end, kBad);
    }
    case Fate::Refused:
      svg.line(placed.from, placed.to, {.stroke = color, .stroke_tenths = 13});
      svg.line({placed.to.x + away, placed.to.y - 8}, {placed.to.x + away, placed.to.y + 8},
               {.stroke = kBad, .stroke_tenths = 35});
      svg.line(placed.to, placed.back, {.stroke = color, .stroke_tenths = 11, .dashes = "3 3"});
      return svg.arrow_head(placed.to, placed.back, color, true);
    case Fate::UnderWay:
      svg.line(placed.from, placed.to, {.stroke = color, .stroke_tenths = 13, .dashes = "2 4"});
      return;
  }
}

void draw_break(Svg& svg, int y, int left, int right) {
  svg.box({left, y - 4, right, y + 4}, {.fill = "#ffffff"});
  const Look look{.fill = "#ffffff", .stroke = "#8c8c8c"};
  svg.path(zigzag(y - 4, left, right), look);
  svg.path(zigzag(y + 4, left, right), look);
}

}  // namespace txsim::time_space
