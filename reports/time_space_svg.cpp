#include "reports/time_space_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "reports/names.h"

namespace txsim::time_space {
namespace {

// The widths of the characters ' ' to '~' in thousandths of the font size.
constexpr std::uint16_t kWidths[] = {
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361,  318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635,  611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352,  635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592,  525, 636, 337, 636, 838};
constexpr std::uint16_t kBoldWidths[] = {
    348,  456, 521, 838, 696, 1002, 872, 306,  457, 457, 523, 838, 380, 415,  380, 365,
    696,  696, 696, 696, 696, 696,  696, 696,  696, 696, 400, 400, 838, 838,  838, 580,
    1000, 774, 762, 734, 830, 683,  683, 821,  837, 372, 372, 775, 637, 995,  837, 850,
    733,  850, 770, 720, 682, 812,  774, 1103, 771, 724, 725, 457, 365, 457,  838, 500,
    500,  675, 716, 593, 716, 678,  435, 716,  712, 343, 343, 665, 343, 1042, 712, 687,
    716,  716, 493, 595, 478, 712,  652, 924,  645, 652, 582, 712, 365, 712,  838};
constexpr int kOtherWidth = 1000;
static_assert(std::size(kWidths) == '~' - ' ' + 1 && std::size(kBoldWidths) == std::size(kWidths));

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// In thousandths of the font size; continuation bytes of UTF-8 have no width.
int width_of(char c, bool bold) {
  if (continues_character(c)) return 0;
  if (c < ' ' || c > '~') return kOtherWidth;
  const auto place = static_cast<std::size_t>(c - ' ');
  return bold ? kBoldWidths[place] : kWidths[place];
}

std::int64_t root(std::int64_t square) {
  std::int64_t low = 0;
  for (std::int64_t bit = std::int64_t{1} << 31; bit != 0; bit >>= 1) {
    const std::int64_t next = low + bit;
    if (next * next <= square) low = next;
  }
  return low;
}

// On which side of the segment the corner lies; 0: on it.
std::int64_t side_of(Point a, Point b, int x, int y) {
  return std::int64_t{b.x - a.x} * (y - a.y) - std::int64_t{b.y - a.y} * (x - a.x);
}

std::string tenths(std::int64_t value) {
  const std::int64_t whole = value / 10;
  const std::int64_t rest = value < 0 ? -(value % 10) : value % 10;
  const std::string sign = value < 0 && whole == 0 ? "-" : "";
  return rest == 0 ? fmt::format("{}", whole) : fmt::format("{}{}.{}", sign, whole, rest);
}

}  // namespace

bool crosses(Point a, Point b, const Box& box) {
  if (std::max(a.x, b.x) <= box.left || std::min(a.x, b.x) >= box.right) return false;
  if (std::max(a.y, b.y) <= box.top || std::min(a.y, b.y) >= box.bottom) return false;
  const std::int64_t sides[] = {side_of(a, b, box.left, box.top), side_of(a, b, box.right, box.top),
                                side_of(a, b, box.left, box.bottom),
                                side_of(a, b, box.right, box.bottom)};
  const auto above = [](std::int64_t side) { return side > 0; };
  const auto below = [](std::int64_t side) { return side < 0; };
  return !std::all_of(std::begin(sides), std::end(sides), above) &&
         !std::all_of(std::begin(sides), std::end(sides), below);
}

int text_width(std::string_view text, Font font) {
  int sum = 0;
  for (const char c : text) sum += width_of(c, font.bold);
  return (sum * font.size + 999) / 1000;
}

std::string cut_to(std::string_view text, int width, Font font) {
  if (text_width(text, font) <= width) return std::string(text);
  const int dots = text_width("...", font);
  std::size_t end = 0;
  for (std::size_t i = 1; i <= text.size(); ++i) {
    if (i < text.size() && continues_character(text[i])) continue;
    if (text_width(text.substr(0, i), font) + dots > width) break;
    end = i;
  }
  while (end > 0 && text[end - 1] == ' ') --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string escape_xml(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

void Svg::begin_group(std::string_view hover, std::string_view attributes) {
  text_ += fmt::format("<g{}>", attributes);
  if (!hover.empty()) text_ += fmt::format("<title>{}</title>", escape_xml(hover));
}

void Svg::end_shape(const Look& look) {
  text_ += fmt::format(" fill=\"{}\"", look.fill);
  if (look.stroke != "none") {
    text_ +=
        fmt::format(" stroke=\"{}\" stroke-width=\"{}\"", look.stroke, tenths(look.stroke_tenths));
    if (!look.dashes.empty()) text_ += fmt::format(" stroke-dasharray=\"{}\"", look.dashes);
  }
  text_ += "/>";
}

void Svg::line(Point a, Point b, const Look& look) {
  text_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"", a.x, a.y, b.x, b.y);
  end_shape(look);
}

void Svg::box(const Box& box, const Look& look) {
  text_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", box.left, box.top,
                       box.width(), box.height());
  if (look.round > 0) text_ += fmt::format(" rx=\"{}\"", look.round);
  end_shape(look);
}

void Svg::circle(Point centre, int radius, const Look& look) {
  text_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"", centre.x, centre.y, radius);
  end_shape(look);
}

void Svg::polyline(const std::string& points, const Look& look) {
  text_ += fmt::format("<polyline points=\"{}\"", points);
  end_shape(look);
}

void Svg::path(const std::string& steps, const Look& look) {
  text_ += fmt::format("<path d=\"{}\"", steps);
  end_shape(look);
}

void Svg::arrow_head(Point from, Point to, std::string_view color, bool open) {
  constexpr std::int64_t kLength = 95;  // tenths
  constexpr std::int64_t kHalfWidth = 38;
  const std::int64_t dx = to.x - from.x;
  const std::int64_t dy = to.y - from.y;
  const std::int64_t length = std::max<std::int64_t>(root((dx * dx + dy * dy) * 100), 1);  // tenths
  const std::int64_t x = to.x * 10 - kLength * dx * 10 / length;
  const std::int64_t y = to.y * 10 - kLength * dy * 10 / length;
  const std::int64_t across_x = -kHalfWidth * dy * 10 / length;
  const std::int64_t across_y = kHalfWidth * dx * 10 / length;
  const std::string points =
      fmt::format("{},{} {},{} {},{}", tenths(x + across_x), tenths(y + across_y), to.x, to.y,
                  tenths(x - across_x), tenths(y - across_y));
  if (open) {
    polyline(points, {.stroke = color, .stroke_tenths = 14});
  } else {
    text_ += fmt::format("<polygon points=\"{}\"", points);
    end_shape({.fill = color});
  }
}

void Svg::text(Point at, std::string_view text, const TextLook& look) {
  text_ += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\"", at.x, at.y, look.font.size);
  if (look.font.bold) text_ += " font-weight=\"bold\"";
  if (look.anchor != Anchor::Start) {
    text_ += look.anchor == Anchor::End ? " text-anchor=\"end\"" : " text-anchor=\"middle\"";
  }
  if (look.upwards) text_ += fmt::format(" transform=\"rotate(-90 {} {})\"", at.x, at.y);
  text_ += fmt::format(" fill=\"{}\">{}</text>", look.fill, escape_xml(text));
}

}  // namespace txsim::time_space
