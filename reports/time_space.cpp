#include "reports/time_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "reports/time_space_columns.h"
#include "reports/time_space_layout.h"
#include "reports/time_space_legend.h"
#include "reports/time_space_style.h"

namespace txsim {
namespace time_space {
namespace {

constexpr int kHeadHeight = 36;
constexpr int kTall = 1100;  // a taller picture repeats its heads at the bottom
constexpr Look kLeader{.stroke = "#7a7a7a", .dashes = "2 2"};
constexpr int kTimeRight = kTimeColumn - 6;

class Artist {
 public:
  // `is_marked`: for a page with a script, see MarkedDiagram.
  Artist(const Report& report, const Story& story, const Page& page, bool is_marked)
      : report_(report),
        names_(*report.result),
        story_(story),
        page_(page),
        colors_(story),
        is_marked_(is_marked) {}

  std::string draw() {
    Svg heading;
    const int head_end = is_marked_ ? 8 : draw_heading(heading, report_, story_, page_.width, 0);
    const int above = head_end + kHeadHeight - page_.top;
    body_ = above;
    const bool is_tall = page_.bottom > kTall;
    Svg below;
    int end = above + page_.bottom + (is_tall ? kHeadHeight + 6 : 0);
    if (!is_marked_) {
      end = draw_remarks(below, story_, page_, end);
      end = draw_legend(below, story_, page_, end);
    }
    height_ = end;
    draw_diagram(is_tall);
    return frame(end, above, heading.take(), below.take());
  }
  // Of what was drawn last.
  int height() const { return height_; }
  int body() const { return body_; }

 private:
  std::string frame(int height, int above, const std::string& heading, const std::string& below) {
    const std::string title = escape_xml(report_.result->scenario->title);
    std::string text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
        "viewBox=\"0 0 {0} {1}\" role=\"img\" aria-label=\"{2}\" font-family=\"sans-serif\">\n"
        "<title>{2}</title>\n<desc>{3}</desc>\n",
        page_.width, height, title, description());
    text += pattern_definitions();
    text +=
        fmt::format("<rect width=\"{}\" height=\"{}\" fill=\"#ffffff\"/>\n", page_.width, height);
    const char* id = is_marked_ ? " id=\"time-space-body\"" : "";
    return text + heading + fmt::format("\n<g{} transform=\"translate(0 {})\">\n", id, above) +
           diagram_.take() + heads_.take() + "</g>\n" + below + "</svg>\n";
  }

  // ---- Marks

  std::string mark(TransactionId transaction) const {
    if (!is_marked_ || transaction == 0) return "";
    return fmt::format(" data-transaction=\"{}\"", transaction_text(transaction));
  }
  std::string mark(const Arrow& arrow) const {
    if (!is_marked_) return "";
    return fmt::format(" data-event=\"{}\" data-end=\"{}\"", arrow.event, arrow.end) +
           mark(arrow.transaction);
  }
  std::string mark(const EventRing& ring) const {
    return is_marked_ ? fmt::format(" id=\"event-{}\"", ring.event) : "";
  }
  // Without marks no group is needed.
  bool begin_marks(const std::string& marks) {
    if (!marks.empty()) diagram_.begin_group("", marks);
    return !marks.empty();
  }

  std::string description() const {
    std::vector<std::string> lifelines;
    for (const Column& column : page_.columns) lifelines.push_back(column.name);
    return escape_xml(fmt::format(
        "Time-space diagram of a simulated run of {}: time runs downwards, lifelines {}. {}.",
        report_.result->scenario->protocol_name(), fmt::join(lifelines, ", "),
        outcome_sentence(*report_.result)));
  }

  void draw_diagram(bool is_tall) {
    draw_times();
    for (const Column& column : page_.columns) {
      diagram_.line({column.x, page_.top}, {column.x, page_.bottom},
                    {.stroke = "#8c8c8c", .stroke_tenths = 12});
      if (!is_marked_) draw_head(diagram_, column, page_.top - kHeadHeight);
      if (is_tall) draw_head(diagram_, column, page_.bottom);
      diagram_.raw("\n");
    }
    if (is_marked_) draw_heads();
    draw_strips(true);
    for (const PlacedArrow& placed : page_.arrows) {
      diagram_.begin_group(placed.arrow->hover, mark(*placed.arrow));
      draw_message(diagram_, placed, colors_.of(placed.arrow->transaction));
      diagram_.end_group();
    }
    draw_strips(false);
    for (const PlacedWrite& placed : page_.writes) {
      diagram_.begin_group(hover(*placed.write));
      draw_write(diagram_, placed.box, placed.write->forced, placed.write->is_durable);
      diagram_.end_group();
    }
    for (const PlacedCap& placed : page_.caps) draw_cap_at(placed);
    for (const Row& row : page_.rows) {
      if (row.is_broken) draw_break(diagram_, row.break_y, kTimeRight + 4, page_.width - 4);
    }
    for (const EventRing& ring : page_.rings) {
      diagram_.begin_group(ring.hover, mark(ring));
      draw_ring(diagram_, ring.at, ring.is_side);
      diagram_.end_group();
    }
    for (const Label& label : page_.labels) draw_label(label);
  }

  void draw_times() {
    for (std::size_t i = 0; i < page_.rows.size(); ++i) {
      const Row& row = page_.rows[i];
      diagram_.line({kTimeRight + 4, row.y}, {page_.width - 6, row.y}, {.stroke = "#ededed"});
      diagram_.text({kTimeRight, row.y + 4}, moment_text(row.time),
                    {.font = {10, false}, .fill = kGrey, .anchor = Anchor::End});
      if (row.is_broken) {
        const Duration gap = row.time - page_.rows[i - 1].time;
        diagram_.text({kTimeRight, row.break_y + 4}, "+" + duration_text(gap),
                      {.font = {10, true}, .fill = kInk, .anchor = Anchor::End});
      }
      diagram_.raw("\n");
    }
  }

  // Drawn above everything else, because the page keeps them in view.
  void draw_heads() {
    const int top = page_.top - kHeadHeight;
    heads_.begin_group("", " id=\"time-space-heads\"");
    heads_.box({0, top - 9, page_.width, page_.top + 3}, {.fill = "#ffffff"});
    for (const Column& column : page_.columns) draw_head(heads_, column, top);
    heads_.end_group();
  }

  static void draw_head(Svg& svg, const Column& column, int top) {
    const int half = half_head(column);
    svg.box({column.x - half, top, column.x + half, top + kHeadHeight},
            {.fill = "#f2f2f2", .stroke = "#4d4d4d", .stroke_tenths = 12, .round = 4});
    const int name_y = top + (column.role.empty() ? 23 : 16);
    svg.text({column.x, name_y}, column.name,
             {.font = kNameFont, .fill = kInk, .anchor = Anchor::Middle});
    if (column.role.empty()) return;
    svg.text({column.x, top + 29}, column.role,
             {.font = kRoleFont, .fill = kGrey, .anchor = Anchor::Middle});
  }

  // Pauses are drawn behind everything.
  void draw_strips(bool pauses) {
    for (const PlacedStrip& placed : page_.strips) {
      const Strip& strip = *placed.strip;
      if ((strip.kind == StripKind::Paused) != pauses) continue;
      diagram_.begin_group(hover(strip), mark(strip.transaction));
      const bool is_own = story_.several && strip.transaction != 0;
      draw_strip(diagram_, placed, is_own ? colors_.of(strip.transaction) : std::string_view{});
      diagram_.end_group();
    }
  }

  void draw_cap_at(const PlacedCap& placed) {
    const Cap& cap = *placed.cap;
    const std::string outcome = cap.outcome == Outcome::Unknown ? "ended" : text(cap.outcome);
    diagram_.begin_group(
        fmt::format("{}: {} {}, {}", names_.node(cap.node), transaction_text(cap.transaction),
                    outcome, moment_text(cap.at)),
        mark(cap.transaction));
    draw_cap(diagram_, placed.at, cap.outcome);
    diagram_.end_group();
  }

  static std::string span_text(Time from, Time to) {
    return fmt::format("{} to {} ({})", moment_text(from), moment_text(to),
                       duration_text(to - from));
  }

  std::string hover(const Strip& strip) const {
    const std::string where = strip.node == kNoNode ? "" : names_.node(strip.node) + ": ";
    std::string what = strip.text;
    if (!story_.several && strip.transaction != 0) {
      what += ", " + transaction_text(strip.transaction);
    }
    return fmt::format("{}{}, {}{}", where, what, span_text(strip.from, strip.to),
                       strip.goes_on ? " and on" : "");
  }

  std::string hover(const Write& write) const {
    return fmt::format("{}: {} {}, {}", names_.node(write.node), write.forced ? "forces" : "writes",
                       write.text,
                       write.forced ? span_text(write.from, write.to) : moment_text(write.from));
  }

  std::string hover(const Note& note) const {
    std::string text = fmt::format("{}, {}: ", names_.node(note.node), moment_text(note.at));
    for (const NoteLine& line : note.lines) {
      if (&line != &note.lines.front()) text += "; ";
      text += line.text;
    }
    return text;
  }

  // ---- Labels

  void draw_label(const Label& label) {
    const bool is_arrow = label.kind == LabelKind::Arrow;
    const bool is_left = !is_arrow && label.box.right <= label.anchor.x;
    const Note* note = label.kind == LabelKind::Note ? &story_.notes[label.of] : nullptr;
    if (note != nullptr) diagram_.begin_group(hover(*note), mark(note->transaction));
    const bool is_grouped =
        note != nullptr || (is_arrow && begin_marks(mark(*page_.arrows[label.of].arrow)));
    draw_leader(label, is_left);
    Look look{.fill = "#ffffff"};
    if (label.kind == LabelKind::Violation) {
      look = {.fill = "#fff3f3", .stroke = kBad, .stroke_tenths = 14, .round = 3};
    }
    diagram_.box(label.box, look);
    const std::string_view color =
        is_arrow ? colors_.of(page_.arrows[label.of].arrow->transaction) : std::string_view{};
    int y = label.box.top + kLineHeight - 2;
    for (const NoteLine& line : label.lines) {
      TextLook text;
      text.font = {label.font.size, label.font.bold || line.tone == Tone::Strong};
      text.fill = is_arrow ? color : color_of(line.tone);
      text.anchor = is_arrow ? Anchor::Middle : is_left ? Anchor::End : Anchor::Start;
      const int x = is_arrow  ? (label.box.left + label.box.right) / 2
                    : is_left ? label.box.right - 3
                              : label.box.left + 3;
      diagram_.text({x, y}, line.text, text);
      y += kLineHeight;
    }
    if (is_grouped) return diagram_.end_group();
    diagram_.raw("\n");
  }

  // A line from a label to its object, if it is not plain what the label belongs to.
  void draw_leader(const Label& label, bool is_left) {
    const int middle = (label.box.top + label.box.bottom) / 2;
    if (label.kind == LabelKind::Arrow) {
      const bool is_off = std::abs(middle - label.anchor.y) > 24;
      if (is_off) diagram_.line({label.anchor.x, middle}, label.anchor, kLeader);
      return;
    }
    const bool is_violation = label.kind == LabelKind::Violation;
    const bool is_far = label.anchor.y < label.box.top - 8 || label.anchor.y > label.box.bottom + 8;
    if (!is_violation && !is_far) return;
    const Point from{is_left ? label.box.right : label.box.left, middle};
    const int reach = is_violation ? kRing + 1 : 9;
    const Point to{label.anchor.x + (is_left ? -reach : reach), label.anchor.y};
    diagram_.line(from, to, is_violation ? Look{.stroke = kBad, .stroke_tenths = 14} : kLeader);
  }

  const Report& report_;
  RunNames names_;
  const Story& story_;
  const Page& page_;
  TransactionColors colors_;
  bool is_marked_;
  int height_ = 0;
  int body_ = 0;
  Svg diagram_;
  Svg heads_;
};

// The height of a record without a row: interpolated between its neighbours.
int y_of(const Page& page, Time time) {
  const auto above = [](const Row& row, Time at) { return row.time < at; };
  const auto row = std::lower_bound(page.rows.begin(), page.rows.end(), time, above);
  if (row == page.rows.end()) return page.rows.empty() ? 0 : page.rows.back().y;
  if (row->time == time || row == page.rows.begin()) return row->y;
  const Row& before = *(row - 1);
  const std::int64_t gap = (row->time - before.time).ns;
  const std::int64_t part = (time - before.time).ns;
  // In thousandths, because the product of both could overflow.
  const std::int64_t permille = gap < 1000 ? part * 1000 / gap : part / (gap / 1000);
  return before.y +
         static_cast<int>((row->y - before.y) * std::min<std::int64_t>(permille, 1000) / 1000);
}

MarkedDiagram::Place place_of(const TraceRecord& record, const Page& page,
                              const std::vector<std::size_t>& column_of) {
  const int y = y_of(page, record.time);
  if (record.node == kNoNode) return {kTimeColumn + kHalfStrip + 2, y};
  const std::size_t column = record.node < column_of.size() ? column_of[record.node] : kNoColumn;
  return column == kNoColumn ? MarkedDiagram::Place{}
                             : MarkedDiagram::Place{page.columns[column].x, y};
}

}  // namespace
}  // namespace time_space

std::string time_space_diagram(const Report& report, std::size_t most_events) {
  const time_space::Story story = time_space::read_story(report, most_events);
  const time_space::Page page = time_space::lay_out(story, *report.result);
  return time_space::Artist(report, story, page, false).draw();
}

MarkedDiagram marked_diagram(const Report& report, std::size_t most_events) {
  const RunResult& result = *report.result;
  const time_space::Story story = time_space::read_story(report, most_events);
  const time_space::Page page = time_space::lay_out(story, result);
  MarkedDiagram diagram;
  time_space::Artist artist(report, story, page, true);
  diagram.svg = artist.draw();
  diagram.height = artist.height();
  diagram.body = artist.body();
  diagram.legend = time_space::legend_samples(story, page);
  diagram.from = story.left_out_before;
  diagram.to = result.trace.size() - story.left_out_behind;
  diagram.left_out = time_space::left_out_text(story);
  diagram.strips_left_out = page.strips_left_out;
  diagram.violated_at_end = story.violated_at_end;
  const auto column_of =
      time_space::columns_by_node(page.columns, result.scenario->plan.nodes.size());
  for (std::size_t i = diagram.from; i < diagram.to; ++i) {
    diagram.places.push_back(time_space::place_of(result.trace[i], page, column_of));
  }
  return diagram;
}

}  // namespace txsim
