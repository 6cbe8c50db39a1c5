#include "reports/time_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "reports/time_space_columns.h"
#include "reports/time_space_layout.h"
#include "reports/time_space_legend.h"
#include "reports/time_space_looks.h"

namespace txsim {
namespace time_space {
namespace {

constexpr int kHeadHeight = 36;
constexpr int kTall = 1100;  // a taller picture has its heads repeated at the bottom
constexpr Look kLeader{.stroke = "#7a7a7a", .dashes = "2 2"};
constexpr int kTimeRight = kTimeColumn - 6;

class Artist {
 public:
  Artist(const Report& report, const Story& story, const Page& page)
      : report_(report), names_(*report.result), story_(story), page_(page), colors_(story) {}

  std::string draw() {
    Svg heading;
    const int above =
        draw_heading(heading, report_, story_, page_.width, 0) + kHeadHeight - page_.top;
    const bool is_tall = page_.bottom > kTall;
    Svg below;
    int end = above + page_.bottom + (is_tall ? kHeadHeight + 6 : 0);
    end = draw_remarks(below, story_, page_, end);
    end = draw_legend(below, story_, page_, end);
    draw_diagram(is_tall);
    return frame(end, above, heading.take(), below.take());
  }

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
    return text + heading + fmt::format("\n<g transform=\"translate(0 {})\">\n", above) +
           diagram_.take() + "</g>\n" + below + "</svg>\n";
  }

  std::string description() const {
    std::vector<std::string> lifelines;
    for (const Column& column : page_.columns) lifelines.push_back(column.name);
    return escape_xml(fmt::format(
        "Time-space diagram of a simulated run of {}: time runs downwards, lifelines {}. {}.",
        txsim::text(report_.result->scenario->protocol), fmt::join(lifelines, ", "),
        outcome_sentence(*report_.result)));
  }

  void draw_diagram(bool is_tall) {
    draw_times();
    for (const Column& column : page_.columns) {
      diagram_.line({column.x, page_.top}, {column.x, page_.bottom},
                    {.stroke = "#8c8c8c", .stroke_tenths = 12});
      draw_head(column, page_.top - kHeadHeight);
      if (is_tall) draw_head(column, page_.bottom);
      diagram_.raw("\n");
    }
    draw_strips(true);
    for (const PlacedArrow& placed : page_.arrows) {
      diagram_.begin_group(placed.arrow->hover);
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
      diagram_.begin_group(ring.hover);
      draw_ring(diagram_, ring.at);
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

  void draw_head(const Column& column, int top) {
    const int half = half_head(column);
    diagram_.box({column.x - half, top, column.x + half, top + kHeadHeight},
                 {.fill = "#f2f2f2", .stroke = "#4d4d4d", .stroke_tenths = 12, .round = 4});
    const int name_y = top + (column.role.empty() ? 23 : 16);
    diagram_.text({column.x, name_y}, column.name,
                  {.font = kNameFont, .fill = kInk, .anchor = Anchor::Middle});
    if (column.role.empty()) return;
    diagram_.text({column.x, top + 29}, column.role,
                  {.font = kRoleFont, .fill = kGrey, .anchor = Anchor::Middle});
  }

  // Pauses stand behind everything.
  void draw_strips(bool pauses) {
    for (const PlacedStrip& placed : page_.strips) {
      const Strip& strip = *placed.strip;
      if ((strip.kind == StripKind::Paused) != pauses) continue;
      diagram_.begin_group(hover(strip));
      const bool is_own = story_.several && strip.transaction != 0;
      draw_strip(diagram_, placed, is_own ? colors_.of(strip.transaction) : std::string_view{});
      diagram_.end_group();
    }
  }

  void draw_cap_at(const PlacedCap& placed) {
    const Cap& cap = *placed.cap;
    const std::string outcome = cap.outcome == Outcome::Unknown ? "ended" : text(cap.outcome);
    diagram_.begin_group(fmt::format("{}: {} {}, {}", names_.node(cap.node),
                                     transaction_text(cap.transaction), outcome,
                                     moment_text(cap.at)));
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
    if (label.kind == LabelKind::Note) diagram_.begin_group(hover(story_.notes[label.of]));
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
    if (label.kind == LabelKind::Note) return diagram_.end_group();
    diagram_.raw("\n");
  }

  // From a label to what it belongs to, where that is not plain.
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
  Names names_;
  const Story& story_;
  const Page& page_;
  TransactionColors colors_;
  Svg diagram_;
};

}  // namespace
}  // namespace time_space

std::string time_space_diagram(const Report& report, std::size_t most_events) {
  const time_space::Story story = time_space::read_story(report, most_events);
  const time_space::Page page = time_space::lay_out(story, *report.result);
  return time_space::Artist(report, story, page).draw();
}

}  // namespace txsim
