#include "reports/time_space_layout.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "reports/names.h"
#include "reports/time_space_columns.h"
#include "reports/time_space_labels.h"
#include "reports/time_space_lanes.h"

namespace txsim::time_space {
namespace {

constexpr Duration kLongestGap{std::int64_t{1} << 54};  // so that its multiples do not overflow
constexpr int kUnit = 36;  // pixels for the usual time between two moments
constexpr int kLeastGap = 16;
constexpr int kMostUnits = 4;  // between two moments; a longer time is cut short
constexpr int kBreakGap = 56;
constexpr int kMoreRoom = 14;
constexpr int kMostRounds = 40;  // of placing labels
constexpr int kCutText = 100;    // how much a strip needs room for its text
constexpr int kMostInVain = 4;

class Layout {
 public:
  Layout(const Story& story, const RunResult& result) : story_(story), result_(result) {}

  Page lay_out() {
    lanes_ = assign_lanes(story_);
    const auto left_out = std::count(lanes_.of_strip.begin(), lanes_.of_strip.end(), Lanes::kNone);
    page_.strips_left_out = static_cast<std::size_t>(left_out);
    page_.columns = make_columns(story_, result_, lanes_);
    page_.width = spread_columns(page_.columns, story_,
                                 kTimeColumn + Lanes::count(lanes_.strip_lanes, kNoNode) * kLane);
    column_of_ = columns_by_node(page_.columns, result_.scenario->plan.nodes.size());
    make_rows();
    find_shifts();
    patience_.assign(page_.rows.size(), {});
    bool is_content = false;
    for (int round = 0; round < kMostRounds && !is_content; ++round) {
      place_rows();
      place_rings();
      place_strips();
      place_writes();
      place_arrows();
      std::vector<Wish> wishes = place_labels(page_, story_);
      wishes.insert(wishes.end(), cut_.begin(), cut_.end());
      is_content = !grant(wishes);
    }
    return std::move(page_);
  }

 private:
  // Adds room below rows as long as it helps.
  struct Patience {
    int extra = 0;
    int best_extra = 0;
    int best_price = INT32_MAX;
    int in_vain = 0;
    bool is_over = false;
  };

  // Adds room where it is needed; false if there is nothing left to try.
  bool grant(const std::vector<Wish>& wishes) {
    std::vector<int> prices(page_.rows.size(), 0);
    for (const Wish& wish : wishes) prices[wish.row] += wish.price;
    bool has_changed = false;
    for (std::size_t i = 0; i < prices.size(); ++i) {
      Patience& row = patience_[i];
      if (prices[i] == 0 || row.is_over) continue;
      has_changed = true;
      if (prices[i] < row.best_price) {
        row.best_price = prices[i];
        row.best_extra = row.extra;
        row.in_vain = 0;
      } else if (++row.in_vain == kMostInVain) {
        row.is_over = true;
        row.extra = row.best_extra;
        continue;
      }
      row.extra += kMoreRoom;
    }
    return has_changed;
  }

  // Messages with the same sender, receiver and moments are drawn one below the other.
  void find_shifts() {
    using Bundle = std::tuple<NodeId, NodeId, Time, Time>;
    std::map<Bundle, int> sizes;
    const auto bundle_of = [](const Arrow& a) { return Bundle{a.from, a.to, a.sent, a.ended}; };
    for (const Arrow& arrow : story_.arrows) ++sizes[bundle_of(arrow)];
    std::map<Bundle, int> counts;
    shifts_.clear();
    room_below_.assign(page_.rows.size(), 0);
    for (const Arrow& arrow : story_.arrows) {
      const Bundle bundle = bundle_of(arrow);
      const int shift = counts[bundle]++ * (sizes[bundle] <= 3 ? 6 : kLineHeight + 3);
      shifts_.push_back(shift);
      for (const Time time : {arrow.sent, arrow.ended}) {
        int& room = room_below_[row_of(time)];
        room = std::max(room, shift);
      }
    }
  }

  // ---- Rows

  void make_rows() {
    std::vector<Time> times;
    for (const Arrow& arrow : story_.arrows) times.insert(times.end(), {arrow.sent, arrow.ended});
    for (const Strip& strip : story_.strips) times.insert(times.end(), {strip.from, strip.to});
    for (const Write& write : story_.writes) times.insert(times.end(), {write.from, write.to});
    for (const Note& note : story_.notes) times.push_back(note.at);
    for (const Cap& cap : story_.caps) times.push_back(cap.at);
    for (const Violation& violation : story_.violations) times.push_back(violation.at);
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    for (const Time time : times) {
      Row row;
      row.time = time;
      page_.rows.push_back(row);
    }
    find_usual_gap();
  }

  // The median time of a message; without messages, of the time between moments.
  void find_usual_gap() {
    std::vector<Duration> gaps;
    for (const Arrow& arrow : story_.arrows) {
      if (arrow.fate == Fate::Arrives) gaps.push_back(arrow.ended - arrow.sent);
    }
    if (gaps.empty()) {
      for (std::size_t i = 1; i < page_.rows.size(); ++i) {
        gaps.push_back(page_.rows[i].time - page_.rows[i - 1].time);
      }
    }
    if (gaps.empty()) return;
    const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>((gaps.size() - 1) / 2);
    std::nth_element(gaps.begin(), middle, gaps.end());
    usual_gap_ = std::clamp(*middle, Duration{1}, kLongestGap);
  }

  std::size_t row_of(Time time) const {
    const auto found = std::lower_bound(page_.rows.begin(), page_.rows.end(), time,
                                        [](const Row& row, Time at) { return row.time < at; });
    return static_cast<std::size_t>(found - page_.rows.begin());
  }
  int y_of(Time time) const { return page_.rows[row_of(time)].y; }

  void place_rows() {
    std::vector<std::vector<std::pair<std::size_t, int>>> apart(page_.rows.size());
    for (const Strip& strip : story_.strips) {
      if (strip.kind == StripKind::Paused) continue;
      apart[row_of(strip.to)].emplace_back(row_of(strip.from), length_of(strip));
    }
    int y = 0;
    for (std::size_t i = 0; i < page_.rows.size(); ++i) {
      Row& row = page_.rows[i];
      if (i > 0) {
        const Duration gap = row.time - page_.rows[i - 1].time;
        row.is_broken = gap > usual_gap_ * kMostUnits;
        y += row.is_broken ? kBreakGap : pixels(gap);
        y += patience_[i - 1].extra + room_below_[i - 1];
      }
      for (const auto& [from, length] : apart[i]) y = std::max(y, page_.rows[from].y + length);
      row.y = y;
      if (row.is_broken) row.break_y = y - kBreakGap / 2;
    }
    page_.top = -34;
    page_.bottom = y + 30;
    if (!page_.rows.empty()) page_.bottom += patience_.back().extra + room_below_.back();
  }

  int pixels(Duration gap) const {
    const auto length = static_cast<int>(gap.ns * kUnit / usual_gap_.ns);
    return std::max(length, kLeastGap);
  }

  // Long enough for its text; the text of a fault is cut.
  static int length_of(const Strip& strip) {
    const int length = text_width(strip.text, kStripFont) + 8;
    return strip.kind == StripKind::Fault ? std::min(length, 150) : length;
  }

  // ---- Elements at the lifelines

  void place_strips() {
    page_.strips.clear();
    page_.caps.clear();
    cut_.clear();
    for (std::size_t i = 0; i < story_.strips.size(); ++i) {
      const Strip& strip = story_.strips[i];
      if (lanes_.of_strip[i] < 0) continue;
      int x = kTimeColumn + kHalfStrip + 2 + lanes_.of_strip[i] * kLane;
      if (strip.kind != StripKind::Fault) x = lane_x(strip.node, lanes_.of_strip[i]);
      const int half = stands_on_lifeline(strip) ? kHalfDown : kHalfStrip;
      PlacedStrip placed;
      placed.strip = &strip;
      placed.box = {x - half, y_of(strip.from), x + half, y_of(strip.to)};
      if (strip.goes_on && strip.to == story_.last) placed.box.bottom = page_.bottom - 8;
      write_on(placed);
      page_.strips.push_back(std::move(placed));
    }
    for (const Cap& cap : story_.caps) {
      const auto found = lanes_.of_part.find({cap.node, cap.transaction});
      const int lane = found == lanes_.of_part.end() ? 0 : found->second;
      if (lane < 0 || column_of_[cap.node] == kNoColumn) continue;
      page_.caps.push_back({&cap, {lane_x(cap.node, lane), y_of(cap.at)}});
    }
  }

  int lane_x(NodeId node, int lane) const {
    const Column& column = page_.columns[column_of_[node]];
    return column.x + column.side * lane * kLane;
  }

  // Places the text where neither a zigzag nor a ring crosses it; a text without such a place is
  // cut.
  void write_on(PlacedStrip& placed) {
    const Strip& strip = *placed.strip;
    const int room = placed.box.height() - 6;
    if (strip.kind == StripKind::Paused || room < 12) return;
    const std::string text = printable(strip.text);
    const int length = text_width(text, kStripFont);
    const int first = placed.box.top + std::clamp((placed.box.height() - length) / 2, 3, 6);
    const int top = clear_from(placed, first, std::min(length, room));
    if (length <= room && top + length + 2 <= placed.box.bottom) {
      placed.text = text;
      placed.text_y = top + length / 2;
      return;
    }
    if (strip.kind != StripKind::Fault) cut_.push_back({row_of(strip.from), kCutText});
    write_cut(placed, text);
  }

  int clear_from(const PlacedStrip& placed, int top, int length) const {
    for (int before = top - 1; before != top;) {
      before = top;
      top = clear_of(placed, top, top + length);
    }
    return top;
  }

  // Cuts the text to the longest clear stretch.
  void write_cut(PlacedStrip& placed, const std::string& text) const {
    int best_top = 0;
    int best = 0;
    for (int top = placed.box.top + 3; top < placed.box.bottom - 3;) {
      top = clear_from(placed, top, 1);
      int end = top;
      while (end < placed.box.bottom - 3 && clear_of(placed, end, end + 1) == end) ++end;
      if (end - top > best) {
        best = end - top;
        best_top = top;
      }
      top = end + 1;
    }
    if (best < 24) return;
    placed.text = cut_to(text, best, kStripFont);
    placed.text_y = best_top + text_width(placed.text, kStripFont) / 2;
  }

  // If a zigzag or a ring crosses text from `top` to `bottom`, the height below it; else `top`.
  int clear_of(const PlacedStrip& placed, int top, int bottom) const {
    for (const Row& row : page_.rows) {
      if (!row.is_broken || row.break_y + kHalfBreak + 2 < top) continue;
      if (row.break_y - kHalfBreak - 2 > bottom) break;
      return row.break_y + kHalfBreak + 4;
    }
    for (const EventRing& ring : page_.rings) {
      const Box around{ring.at.x - kRing, ring.at.y - kRing, ring.at.x + kRing, ring.at.y + kRing};
      if (around.overlaps({placed.box.left, top, placed.box.right, bottom})) {
        return around.bottom + 2;
      }
    }
    return top;
  }

  void place_writes() {
    page_.writes.clear();
    for (std::size_t i = 0; i < story_.writes.size(); ++i) {
      const Write& write = story_.writes[i];
      const Column& column = page_.columns[column_of_[write.node]];
      const int x = column.x - column.side * (kHalfDown + 1 + lanes_.of_write[i] * kWriteLane);
      Box box{x - 2, y_of(write.from), x + 2, y_of(write.to)};
      if (box.height() < 6) box = {box.left, box.top - 3, box.right, box.top + 4};
      page_.writes.push_back({&write, box});
    }
  }

  // ---- Messages

  void place_arrows() {
    page_.arrows.clear();
    for (const Arrow& arrow : story_.arrows) {
      PlacedArrow placed;
      placed.arrow = &arrow;
      const std::size_t from = column_of_[arrow.from];
      const std::size_t to = column_of_[arrow.to];
      const int y0 = y_of(arrow.sent);
      int y1 = y_of(arrow.ended);
      if (arrow.fate == Fate::UnderWay) y1 = page_.bottom - 10;
      const int side = from <= to ? 1 : -1;
      const int end = arrow.fate == Fate::Refused ? (y0 + y1) / 2 : y1;
      placed.from = edge(from, side, y0);
      placed.to = edge(to, -side, end);
      placed.back = edge(from, side, y1);
      if (arrow.fate == Fate::Lost && !arrow.gets_there) placed.to = half_way(placed, y0);
      if (from == to) placed.to = {placed.from.x + 40, end};
      const int shift = shifts_[static_cast<std::size_t>(&arrow - story_.arrows.data())];
      for (Point* point : {&placed.from, &placed.to, &placed.back}) point->y += shift;
      page_.arrows.push_back(placed);
    }
  }

  Point edge(std::size_t column, int side, int y) const {
    return {page_.columns[column].x + side * page_.reach(column, side, y, y), y};
  }

  static Point half_way(const PlacedArrow& placed, int y0) {
    const int x = placed.from.x + (placed.to.x - placed.from.x) * 6 / 10;
    return {x, std::max(y0 + 14, y0 + (placed.to.y - y0) * 6 / 10)};
  }

  void place_rings() {
    page_.rings.clear();
    for (const Violation& violation : story_.violations) {
      const Point at{page_.columns[column_of_[violation.node]].x, y_of(violation.at)};
      EventRing* last = page_.rings.empty() ? nullptr : &page_.rings.back();
      for (EventRing& ring : page_.rings) {
        if (ring.event == violation.event) last = &ring;
      }
      const std::string hover = violation.text + ": " + violation.hover;
      if (last != nullptr && last->event == violation.event) {
        last->hover += "; " + hover;
        last->is_side = last->is_side && violation.is_side;
      } else {
        page_.rings.push_back({at, violation.event, hover, violation.is_side});
      }
    }
  }

  const Story& story_;
  const RunResult& result_;
  Page page_;
  std::vector<std::size_t> column_of_;  // by node
  Lanes lanes_;
  std::vector<Patience> patience_;  // by row
  std::vector<int> room_below_;     // by row: for messages drawn one below the other
  std::vector<int> shifts_;         // by arrow
  std::vector<Wish> cut_;           // where the text of a strip lacks room
  Duration usual_gap_{1};
};

}  // namespace

int Page::reach(std::size_t column, int side, int from, int to) const {
  const Column& at = columns[column];
  int reach = 1;
  const auto look = [&](const Box& box) {
    if (box.bottom < from || box.top > to) return;
    if (box.left > at.x + at.right() + 4 || box.right < at.x - at.left() - 4) return;
    reach = std::max(reach, side > 0 ? box.right - at.x : at.x - box.left);
  };
  for (const PlacedStrip& strip : strips) look(strip.box);
  for (const PlacedWrite& write : writes) look(write.box);
  for (const EventRing& ring : rings) {
    look({ring.at.x - kRing, ring.at.y - kRing, ring.at.x + kRing, ring.at.y + kRing});
  }
  for (const PlacedCap& cap : caps) {
    look({cap.at.x - kHalfStrip, cap.at.y - 6, cap.at.x + kHalfStrip, cap.at.y + 6});
  }
  return reach;
}

Page lay_out(const Story& story, const RunResult& result) {
  return Layout(story, result).lay_out();
}

}  // namespace txsim::time_space
