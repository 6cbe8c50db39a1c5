// SVG written element by element, with presentation attributes only: no style sheets, no scripts,
// no external fonts, so that a picture can be shown anywhere. In whole pixels, or tenths where
// stated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace txsim::time_space {

// In pixels, x to the right and y downwards.
struct Point {
  int x = 0;
  int y = 0;
};

struct Box {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  int width() const { return right - left; }
  int height() const { return bottom - top; }
  bool overlaps(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};
// Whether the segment from a to b has a point inside the box.
bool crosses(Point a, Point b, const Box& box);

struct Font {
  int size = 11;
  bool bold = false;
};
// The greatest width of the text, in pixels, in the usual sans-serif fonts: that of DejaVu Sans,
// which is wider than Arial and Helvetica.
int text_width(std::string_view text, Font font);
// The text, or as much of it as fits into `width` with "..." after it.
std::string cut_to(std::string_view text, int width, Font font);

struct Look {
  std::string_view fill = "none";
  std::string_view stroke = "none";
  int stroke_tenths = 10;     // width of the stroke in tenths of a pixel
  std::string_view dashes{};  // as in stroke-dasharray
  int round = 0;              // radius of a box's corners
};

enum class Anchor : std::uint8_t { Start, Middle, End };

struct TextLook {
  Font font{};
  std::string_view fill = "#1a1a1a";
  Anchor anchor = Anchor::Start;
  bool upwards = false;  // rotated: it runs upwards
};

class Svg {
 public:
  // Groups have a text that browsers show when the mouse rests on them, if it is not empty.
  // `attributes`: as in the tag, each with a blank before it.
  void begin_group(std::string_view hover, std::string_view attributes = {});
  void end_group() { text_ += "</g>\n"; }
  void line(Point a, Point b, const Look& look);
  void box(const Box& box, const Look& look);
  void circle(Point centre, int radius, const Look& look);
  void polyline(const std::string& points, const Look& look);
  void path(const std::string& steps, const Look& look);
  // The head of an arrow from `from` whose tip is at `to`; open: two strokes instead of a triangle.
  void arrow_head(Point from, Point to, std::string_view color, bool open);
  void text(Point at, std::string_view text, const TextLook& look);
  void raw(std::string_view text) { text_ += text; }

  std::string take() { return std::move(text_); }

 private:
  void end_shape(const Look& look);
  std::string text_;
};

// The text, escaped for XML.
std::string escape_xml(std::string_view text);

}  // namespace txsim::time_space
