// A time-space diagram with everything in its place on the page: x for nodes, y for time.
#pragma once

#include <string>
#include <vector>

#include "reports/time_space_story.h"
#include "reports/time_space_svg.h"

namespace txsim::time_space {

inline constexpr int kLane = 16;      // width of a lane for strips, with the gap beside it
inline constexpr int kHalfStrip = 7;  // half the width of a strip
inline constexpr int kHalfDown = 10;  // of a crash or a pause
inline constexpr int kWriteLane = 6;
inline constexpr int kLineHeight = 13;           // of text in labels
inline constexpr int kRing = 12;                 // radius
inline constexpr std::size_t kNoteColumns = 26;  // a longer note is wrapped
inline constexpr Font kLabelFont{11, false};
inline constexpr Font kViolationFont{12, true};
inline constexpr Font kStripFont{10, false};

// A lifeline.
struct Column {
  NodeId node = kNoNode;
  std::string name;
  std::string role;
  int x = 0;
  int side = 1;  // of strips that are not on the lifeline: 1 right of it, -1 left
  int lanes = 1;
  int write_lanes = 0;
  // From the lifeline to the outer edge of its strips and writes, without labels.
  int left() const { return side < 0 ? strips() : writes(); }
  int right() const { return side > 0 ? strips() : writes(); }

 private:
  int strips() const { return kHalfDown + (lanes - 1) * kLane; }
  int writes() const { return kHalfDown + write_lanes * kWriteLane; }
};

// A moment at which something is drawn.
struct Row {
  Time time;
  int y = 0;
  bool is_broken = false;  // the time between this row and the one above is not drawn to scale
  int break_y = 0;
};

struct PlacedStrip {
  const Strip* strip = nullptr;
  Box box;
  int text_y = 0;  // its middle
  std::string text;
};

struct PlacedCap {
  const Cap* cap = nullptr;
  Point at;
};

struct PlacedWrite {
  const Write* write = nullptr;
  Box box;
};

struct PlacedArrow {
  const Arrow* arrow = nullptr;
  Point from;
  Point to;
  Point back;  // of a refused message: where its sender learns of it
};

enum class LabelKind : std::uint8_t { Violation, Note, Write, Arrow };

struct Label {
  LabelKind kind = LabelKind::Note;
  std::size_t of = 0;  // place among the story's violations, notes, writes or arrows
  std::vector<NoteLine> lines;
  Font font = kLabelFont;
  Box box;
  Point anchor;  // the place of its object
};

struct EventRing {
  Point at;
  std::uint64_t event = 0;
  std::string hover;
  bool is_side = false;  // it broke nothing, but is one of the two sides of a violation
};

// The width of the times at the left edge.
inline constexpr int kTimeColumn = 84;

struct Page {
  int width = 0;
  int top = 0;     // of the lifelines
  int bottom = 0;  // of the lifelines
  std::vector<Column> columns;
  std::vector<Row> rows;
  std::vector<PlacedStrip> strips;
  std::vector<PlacedCap> caps;
  std::vector<PlacedWrite> writes;
  std::vector<PlacedArrow> arrows;
  std::vector<Label> labels;
  std::vector<EventRing> rings;
  std::size_t strips_left_out = 0;  // because no lane was free

  // How far the elements at the column's lifeline reach to that side between two heights.
  int reach(std::size_t column, int side, int from, int to) const;
};

// Half the height of the zigzag that marks time left out.
inline constexpr int kHalfBreak = 7;

}  // namespace txsim::time_space
