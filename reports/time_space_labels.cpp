#include "reports/time_space_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "reports/names.h"
#include "reports/paint.h"

namespace txsim::time_space {
namespace {

constexpr int kHidden = 10'000;     // the cost of hiding something, or of being hidden
constexpr int kTornOff = 5'000;     // of lying beyond a break
constexpr int kAcrossMessage = 60;  // of covering the arrow of another message
constexpr int kAcrossLifeline = 40;
constexpr int kFarthest = 66;     // from a label to its object, up or down
constexpr int kLastResort = 400;  // likewise, for a label that would be hidden otherwise
constexpr int kStep = 6;
constexpr std::size_t kMostNoteLines = 6;
constexpr int kBand = 64;  // obstacles are looked up by bands of this height

// What labels must not cover, found by height.
class Obstacles {
 public:
  explicit Obstacles(int height) : boxes_(bands(height)), lines_(bands(height)) {}

  void add(const Box& box) {
    for (std::size_t i = band(box.top); i <= band(box.bottom); ++i) boxes_[i].push_back(box);
  }
  void add(Point a, Point b, const void* owner) {
    for (std::size_t i = band(std::min(a.y, b.y)); i <= band(std::max(a.y, b.y)); ++i) {
      lines_[i].push_back({a, b, owner});
    }
  }

  int price(const Box& box, const void* owner) const {
    int price = 0;
    const std::size_t last = band(box.bottom);
    for (std::size_t i = band(box.top); i <= last; ++i) {
      for (const Box& other : boxes_[i]) {
        if (other.overlaps(box)) price += kHidden;
      }
      for (const Line& line : lines_[i]) {
        if (line.owner != owner && crosses(line.a, line.b, box)) price += kAcrossMessage;
      }
    }
    return price;
  }

 private:
  struct Line {
    Point a;
    Point b;
    const void* owner;
  };
  static constexpr int kAbove = 256;  // labels may reach above the first row
  static std::size_t bands(int height) {
    const int count = (height + 2 * kAbove) / kBand + 1;
    return static_cast<std::size_t>(count);
  }
  std::size_t band(int y) const {
    const int place = std::max(y + kAbove, 0) / kBand;
    return std::min(static_cast<std::size_t>(place), boxes_.size() - 1);
  }

  std::vector<std::vector<Box>> boxes_;
  std::vector<std::vector<Line>> lines_;
};

class Placer {
 public:
  Placer(Page& page, const Story& story) : page_(page), story_(story), obstacles_(page.bottom) {}

  std::vector<Wish> place() {
    page_.labels.clear();
    add_obstacles();
    place_violations();
    for (std::size_t i = 0; i < story_.notes.size(); ++i) place_note(i);
    for (std::size_t i = 0; i < page_.writes.size(); ++i) place_write(i);
    for (std::size_t i = 0; i < page_.arrows.size(); ++i) place_arrow(i);
    return std::move(wishes_);
  }

 private:
  void add_obstacles() {
    for (const PlacedStrip& strip : page_.strips) obstacles_.add(strip.box);
    for (const PlacedWrite& write : page_.writes) obstacles_.add(write.box);
    for (const PlacedCap& cap : page_.caps) {
      obstacles_.add({cap.at.x - kHalfStrip, cap.at.y - 7, cap.at.x + kHalfStrip, cap.at.y + 7});
    }
    for (const EventRing& ring : page_.rings) {
      obstacles_.add({ring.at.x - kRing, ring.at.y - kRing, ring.at.x + kRing, ring.at.y + kRing});
    }
    for (const Row& row : page_.rows) {
      if (!row.is_broken) continue;
      obstacles_.add({0, row.break_y - kHalfBreak, page_.width, row.break_y + kHalfBreak});
    }
    for (const PlacedArrow& placed : page_.arrows) {
      obstacles_.add(placed.from, placed.to, placed.arrow);
      obstacles_.add(head_of(placed.to));
      if (placed.arrow->fate != Fate::Refused) continue;
      obstacles_.add(placed.to, placed.back, placed.arrow);
      obstacles_.add(head_of(placed.back));
    }
  }

  static Box head_of(Point tip) { return {tip.x - 9, tip.y - 6, tip.x + 9, tip.y + 5}; }

  std::size_t column_of(NodeId node) const {
    const auto found = std::find_if(page_.columns.begin(), page_.columns.end(),
                                    [&](const Column& c) { return c.node == node; });
    return static_cast<std::size_t>(found - page_.columns.begin());
  }

  std::size_t row_at(Time time) const {
    const auto found = std::lower_bound(page_.rows.begin(), page_.rows.end(), time,
                                        [](const Row& row, Time at) { return row.time < at; });
    return static_cast<std::size_t>(found - page_.rows.begin());
  }

  int price(const Box& box, const void* owner) const {
    int price = obstacles_.price(box, owner);
    if (box.left < kTimeColumn || box.right > page_.width - 2) price += kHidden;
    if (box.top < page_.top + 2 || box.bottom > page_.bottom) price += kHidden;
    for (const Column& column : page_.columns) {
      if (box.left < column.x && column.x < box.right) price += kAcrossLifeline;
    }
    return price;
  }

  static std::pair<int, int> size_of(const Label& label) {
    int width = 0;
    for (const NoteLine& line : label.lines) {
      const Font font{label.font.size, label.font.bold || line.tone == Tone::Strong};
      width = std::max(width, text_width(line.text, font));
    }
    return {width + 6, static_cast<int>(label.lines.size()) * kLineHeight + 3};
  }

  // How far to search, given the best place found so far.
  static int reach_of(int best) { return best < kHidden ? kFarthest : kLastResort; }

  // Beside a lifeline, as near to the height of the anchor as possible.
  void place_beside(Label label, std::size_t column, int favoured_side, int least_reach,
                    std::size_t row) {
    const auto [width, height] = size_of(label);
    const int x = page_.columns[column].x;
    int best = INT32_MAX;
    for (int away = 0; away <= reach_of(best) + height / 2; away += kStep) {
      if (away >= best) break;
      for (const int direction : {1, -1}) {
        const int top = label.anchor.y + direction * away - height / 2;
        for (const int side : {favoured_side, -favoured_side}) {
          const int reach = std::max(page_.reach(column, side, top, top + height), least_reach) + 3;
          const int left = side > 0 ? x + reach : x - reach - width;
          const Box box{left, top, left + width, top + height};
          int cost = away + (side == favoured_side ? 0 : 4) + price(box, nullptr);
          if (is_torn_off(box, label.anchor.y)) cost += kTornOff;
          if (cost >= best) continue;
          best = cost;
          label.box = box;
        }
      }
    }
    settle(std::move(label), best, row);
  }

  // Whether a break lies between the label and its object.
  bool is_torn_off(const Box& box, int y) const {
    return std::any_of(page_.rows.begin(), page_.rows.end(), [&](const Row& row) {
      return row.is_broken && ((box.bottom <= row.break_y && row.break_y < y) ||
                               (y < row.break_y && row.break_y <= box.top));
    });
  }

  void settle(Label label, int cost, std::size_t row) {
    if (cost >= kAcrossMessage) wishes_.push_back({row, cost});
    obstacles_.add(label.box);
    page_.labels.push_back(std::move(label));
  }

  void place_violations() {
    for (std::size_t i = 0; i < page_.rings.size(); ++i) {
      const EventRing& ring = page_.rings[i];
      Label label;
      label.kind = LabelKind::Violation;
      label.of = i;
      label.font = kViolationFont;
      label.anchor = ring.at;
      std::size_t row = 0;
      NodeId node = kNoNode;
      for (const Violation& violation : story_.violations) {
        if (violation.event != ring.event) continue;
        label.lines.push_back({violation.text, Tone::Bad});
        row = row_at(violation.at);
        node = violation.node;
      }
      const std::size_t column = column_of(node);
      place_beside(std::move(label), column, page_.columns[column].side, kRing + 6, row);
    }
  }

  void place_note(std::size_t place) {
    const Note& note = story_.notes[place];
    const std::size_t column = column_of(note.node);
    if (column == page_.columns.size()) return;
    const std::size_t row = row_at(note.at);
    Label label;
    label.of = place;
    for (std::size_t i = 0; i < note.lines.size(); ++i) {
      if (i + 1 >= kMostNoteLines && note.lines.size() > kMostNoteLines) {
        label.lines.push_back({fmt::format("and {} more", note.lines.size() - i), Tone::Faint});
        break;
      }
      for (const std::string& part : wrap_words(printable(note.lines[i].text), kNoteColumns)) {
        label.lines.push_back({part, note.lines[i].tone});
      }
    }
    label.anchor = {page_.columns[column].x, page_.rows[row].y};
    place_beside(std::move(label), column, page_.columns[column].side, 0, row);
  }

  void place_write(std::size_t place) {
    const PlacedWrite& placed = page_.writes[place];
    const std::size_t column = column_of(placed.write->node);
    Label label;
    label.kind = LabelKind::Write;
    label.of = place;
    const Tone tone = placed.write->forced ? Tone::Plain : Tone::Faint;
    const bool is_lost = placed.write->forced && !placed.write->is_durable;
    for (const std::string& part : wrap_words(placed.write->text, kNoteColumns)) {
      const bool is_last = label.lines.size() + 1 == kMostNoteLines;
      label.lines.push_back({is_last ? "..." : part, is_lost ? Tone::Bad : tone});
      if (is_last) break;
    }
    label.font = {10, false};
    label.anchor = {page_.columns[column].x, (placed.box.top + placed.box.bottom) / 2};
    place_beside(std::move(label), column, -page_.columns[column].side, 0,
                 row_at(placed.write->from));
  }

  // On its arrow, between two neighbouring lifelines if possible.
  void place_arrow(std::size_t place) {
    const PlacedArrow& placed = page_.arrows[place];
    Label label;
    label.kind = LabelKind::Arrow;
    label.of = place;
    label.lines.push_back({placed.arrow->text, Tone::Plain});
    const auto [width, height] = size_of(label);
    int best = INT32_MAX;
    const int left = std::min(placed.from.x, placed.to.x);
    const int right = std::max(placed.from.x, placed.to.x);
    const int span = std::max(right - left, 1);
    for (int away = 0; away <= reach_of(best); away += kStep) {
      for (const int percent : {50, 42, 58, 34, 66, 26, 74, 18, 82, 10, 90}) {
        const int x = left + span * percent / 100;
        const int middle =
            placed.from.y + (placed.to.y - placed.from.y) * (std::abs(x - placed.from.x)) / span;
        for (const int direction : {1, -1}) {
          const int top = middle + direction * away - height / 2;
          const Box box{x - width / 2, top, x - width / 2 + width, top + height};
          const int cost = std::abs(percent - 50) / 2 + away * 2 + price(box, placed.arrow);
          if (cost >= best) continue;
          best = cost;
          label.box = box;
          label.anchor = {x, middle};
        }
      }
    }
    settle(std::move(label), best, row_at(placed.arrow->sent));
  }

  Page& page_;
  const Story& story_;
  Obstacles obstacles_;
  std::vector<Wish> wishes_;
};

}  // namespace

std::vector<Wish> place_labels(Page& page, const Story& story) {
  return Placer(page, story).place();
}

}  // namespace txsim::time_space
