#include "reports/walk_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/html.h"
#include "reports/names.h"
#include "reports/time_space.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

// A page of more rows would be too long to read.
constexpr std::size_t kMostRowsListed = 1'000;
// A moment without time in between still has a visible mark beside the diagram.
constexpr int kLeastMark = 3;
constexpr int kLane = 22;         // width of a fault's strip beside the diagram, with the gap
constexpr int kStripHeight = 36;  // of the strip below it

const char* class_of(WalkClass of) {
  constexpr std::array<const char*, kWalkClasses> kNames = {
      "walk-violated",  "walk-allowed", "walk-not-well", "walk-unanswered",
      "walk-otherwise", "walk-same",    "walk-none"};
  return kNames[static_cast<std::size_t>(of)];
}

// The worse, the larger: strips can be read without their colours.
int size_of(WalkClass of, int whole) {
  constexpr std::array<int, kWalkClasses> kParts = {7, 6, 5, 4, 3, 2, 1};
  return whole * kParts[static_cast<std::size_t>(of)] / kWalkClasses;
}

class WalkPageWriter {
 public:
  explicit WalkPageWriter(const WalkReport& report)
      : report_(report),
        plan_(*report.plan),
        result_(*report.result),
        undisturbed_{&report.plan->undisturbed, {}, ""},
        diagram_(marked_diagram(undisturbed_)) {
    for (std::size_t fault = 0; fault < plan_.faults.size(); ++fault) {
      shown_.push_back(worst_rows(result_, fault, kMostRowsListed));
    }
  }

  std::string write() const {
    HtmlPage page;
    page.title = plan_.scenario->title + " - " + program_name() + " walk";
    page.body = "<main>\n" + head() + run();
    for (std::size_t fault = 0; fault < plan_.faults.size(); ++fault) page.body += table(fault);
    page.body += foot() + "</main>\n";
    return html(page);
  }

 private:
  // ---- Head

  std::string head() const {
    const Scenario& scenario = *plan_.scenario;
    std::string text = "<header>\n";
    text += fmt::format(
        "<p class=\"kicker\">walk <span>{}</span> <span>seed {}</span> "
        "<span>{}</span></p>\n",
        escape_html(scenario.protocol_name()), scenario.seed,
        escape_html(printable(scenario.name)));
    text += "<h1>" + escape_html(scenario.title) + "</h1>\n" + verdict();
    text += "<p class=\"story\">" + escape_html(walk_size_text(report_)) +
            ". Up to its fault, each run is the undisturbed run. Neighbouring moments with the "
            "same outcome are one row.</p>\n";
    text += fmt::format("<p>Undisturbed: {}; clients told: {}.{}</p>\n",
                        walk_transactions_text(result_.undisturbed),
                        walk_told_text(result_.undisturbed), violated(result_.undisturbed));
    text += legend();
    text += "<p class=\"again\">Walk again: <code>" + escape_html(report_.again) + "</code></p>\n";
    return text + "</header>\n";
  }

  std::string verdict() const {
    const std::uint64_t violated = runs_of(result_, WalkClass::Violated);
    if (violated == 0) {
      return "<p class=\"outcome\"><b class=\"good\">✓</b> A fault at each moment: no run violates "
             "an invariant unexpectedly.</p>\n";
    }
    return fmt::format(
        "<p class=\"outcome\"><b class=\"bad\">✗</b> A fault at each moment: {} of {} runs violate "
        "an invariant unexpectedly.</p>\n",
        thousands(violated), thousands(plan_.places.size()));
  }

  std::string legend() const {
    std::string text =
        "<table class=\"walk-legend\">\n<thead><tr><th scope=\"col\">sign</th>"
        "<th scope=\"col\" class=\"number\">runs</th><th scope=\"col\">means</th>"
        "</tr></thead>\n<tbody>\n";
    for (int i = 0; i < kWalkClasses; ++i) {
      const auto of = static_cast<WalkClass>(i);
      const std::uint64_t runs = runs_of(result_, of);
      if (runs == 0) continue;
      text += fmt::format("<tr><td>{}</td><td class=\"number\">{}</td><td>{}</td></tr>\n", mark(of),
                          thousands(runs), meaning_of(of));
    }
    return text + "</tbody></table>\n";
  }

  static std::string mark(WalkClass of) {
    return fmt::format("<i class=\"walk-mark {}\">{}</i>", class_of(of), sign_of(of));
  }

  std::string violated(const WalkOutcome& outcome) const {
    std::string text;
    for (const WalkViolation& violation : walk_violations(report_, outcome)) {
      const bool is_allowed = !violation.why_allowed.empty();
      text += fmt::format("{}<span class=\"{}\">{}</span>", text.empty() ? " " : ", ",
                          is_allowed ? "warning" : "bad", violation.name);
      if (is_allowed) text += " (" + violation.why_allowed + ")";
    }
    return text.empty() ? "" : " Violated:" + text + ".";
  }

  // ---- The undisturbed run with strips

  std::string run() const {
    std::string text =
        "<section aria-labelledby=\"run\">\n<h2 id=\"run\">The undisturbed run</h2>\n";
    text += fmt::format(
        "<p>The strip{0} at the left of the diagram show{1} what a fault at that moment leads to. "
        "Below, the same by event, which also shows several events of one moment. The worse the "
        "outcome, the larger the mark; each leads to its row.</p>\n",
        plan_.faults.size() == 1 ? "" : "s", plan_.faults.size() == 1 ? "s" : "");
    if (!diagram_.left_out.empty()) {
      text += "<p class=\"note\">" + escape_html(diagram_.left_out) + ".</p>\n";
    }
    text +=
        "<div class=\"diagram walk\" tabindex=\"0\" role=\"group\" aria-label=\"Time-space "
        "diagram\">\n<div class=\"walk-split\">\n" +
        lanes() + diagram_.svg + "</div>\n<ul class=\"samples\" aria-label=\"Legend\">\n";
    for (const MarkedDiagram::Sample& sample : diagram_.legend) {
      text += "<li>" + sample.svg + escape_html(sample.text) + "</li>\n";
    }
    text += "</ul>\n</div>\n";
    for (std::size_t fault = 0; fault < plan_.faults.size(); ++fault) text += strip(fault);
    return text + "</section>\n";
  }

  std::string row_title(const WalkRow& row) const {
    const WalkClass of = result_.class_of(row.outcome);
    std::string text = fmt::format("{} {} to {}: {}", sign_of(of), time_text(row.first.at),
                                   time_text(row.last.at), walk_transactions_text(row.outcome));
    for (const WalkViolation& violation : walk_violations(report_, row.outcome)) {
      text += ", violated: " + violation.name;
    }
    return escape_html(text);
  }

  bool is_shown(std::size_t row) const {
    const std::vector<std::size_t>& shown = shown_[result_.rows[row].first.fault];
    return std::binary_search(shown.begin(), shown.end(), row);
  }

  std::string marked(std::size_t row, const std::string& rectangle) const {
    const std::string with_title =
        fmt::format("{}<title>{}</title></rect>", rectangle, row_title(result_.rows[row]));
    if (!is_shown(row)) return with_title + "\n";
    return fmt::format("<a href=\"#r{}\" tabindex=\"-1\">{}</a>\n", row, with_title);
  }

  std::uint64_t first_drawn() const {
    return plan_.undisturbed.trace.front().sequence + diagram_.from;
  }
  bool is_drawn(const WalkRow& row) const {
    return row.last.event >= first_drawn() &&
           row.first.event < first_drawn() + diagram_.places.size();
  }
  // The height of an event in the diagram, or of the end that is nearer to it.
  int y_of(std::uint64_t event) const {
    if (event < first_drawn()) return diagram_.body + diagram_.places.front().y;
    const std::uint64_t place =
        std::min<std::uint64_t>(event - first_drawn(), diagram_.places.size() - 1);
    return diagram_.body + diagram_.places[place].y;
  }

  std::string lanes() const {
    const int width = kLane * static_cast<int>(plan_.faults.size()) + 4;
    std::string text = fmt::format(
        "<svg class=\"walk-lanes\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
        "role=\"img\" aria-label=\"What a fault at each moment leads to\">\n",
        width, diagram_.height);
    for (std::size_t fault = 0; fault < plan_.faults.size(); ++fault) {
      const int left = 4 + kLane * static_cast<int>(fault);
      if (plan_.faults.size() > 1) {
        text += fmt::format("<text x=\"{}\" y=\"{}\" class=\"walk-number\">{}</text>\n",
                            left + (kLane - 4) / 2, 30, fault + 1);
      }
      text += lane(fault, left);
    }
    return text + "</svg>";
  }

  // Better outcomes first, so that worse ones at the same height cover them.
  std::string lane(std::size_t fault, int left) const {
    std::string text;
    for (int i = kWalkClasses - 1; i >= 0; --i) {
      const auto of = static_cast<WalkClass>(i);
      for (std::size_t row = 0; row < result_.rows.size(); ++row) {
        const WalkRow& here = result_.rows[row];
        if (here.first.fault != fault || result_.class_of(here.outcome) != of) continue;
        if (!is_drawn(here)) continue;
        const bool goes_on =
            row + 1 < result_.rows.size() && result_.rows[row + 1].first.fault == fault;
        const int top = y_of(here.first.event);
        const int bottom = y_of(goes_on ? result_.rows[row + 1].first.event : here.last.event);
        text += marked(row, fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
                                        "class=\"{}\">",
                                        left, top, size_of(of, kLane - 4),
                                        std::max(bottom - top, kLeastMark), class_of(of)));
      }
    }
    return text;
  }

  std::string strip(std::size_t fault) const {
    std::uint64_t runs = 0;
    std::string marks;
    for (std::size_t row = 0; row < result_.rows.size(); ++row) {
      const WalkRow& here = result_.rows[row];
      if (here.first.fault != fault) continue;
      const WalkClass of = result_.class_of(here.outcome);
      const int height = size_of(of, kStripHeight);
      marks +=
          marked(row, fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
                                  "class=\"{}\">",
                                  runs, kStripHeight - height, here.runs, height, class_of(of)));
      runs += here.runs;
    }
    if (runs == 0) return "";
    return fmt::format(
        "<figure class=\"walk-strip\">\n<figcaption>{}{}, event by event</figcaption>\n"
        "<svg viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\" "
        "aria-label=\"Outcomes by event; the table has them\">\n{}</svg>\n</figure>\n",
        number(fault), escape_html(walk_fault_text(report_, fault)), runs, kStripHeight, marks);
  }

  // "1. ", if there are several faults.
  std::string number(std::size_t fault) const {
    return plan_.faults.size() == 1 ? "" : fmt::format("{}. ", fault + 1);
  }

  // ---- The table

  std::string table(std::size_t fault) const {
    const std::vector<std::size_t>& rows = shown_[fault];
    std::string text =
        fmt::format("<section aria-labelledby=\"fault-{0}\">\n<h2 id=\"fault-{0}\">{1}{2}</h2>\n",
                    fault, number(fault), escape_html(walk_fault_text(report_, fault)));
    const auto all = static_cast<std::size_t>(
        std::count_if(result_.rows.begin(), result_.rows.end(),
                      [&](const WalkRow& row) { return row.first.fault == fault; }));
    if (all > rows.size()) {
      text += fmt::format("<p class=\"note\">The worst {} of {} rows. --json lists all.</p>\n",
                          thousands(rows.size()), thousands(all));
    }
    text +=
        "<div class=\"wide\" tabindex=\"0\"><table class=\"walk-table\">\n<thead><tr><td></td>"
        "<th scope=\"col\">moment</th><th scope=\"col\" class=\"number\">runs</th>"
        "<th scope=\"col\">transactions</th><th scope=\"col\">clients told</th>"
        "<th scope=\"col\">violated</th><th scope=\"col\">well again after</th>"
        "</tr></thead>\n<tbody>\n";
    for (const std::size_t row : rows) text += table_row(row);
    return text + "</tbody></table></div>\n</section>\n";
  }

  std::string moment(const WalkPlace& place) const {
    const bool is_loss = plan_.faults[place.fault].is_message_fault();
    return fmt::format("<b>{}</b> {}{} <small>event {}</small>", time_text(place.at),
                       is_loss ? "" : "after ", escape_html(moment_words(report_, place)),
                       place.event);
  }

  std::string table_row(std::size_t place) const {
    const WalkRow& row = result_.rows[place];
    const WalkClass of = result_.class_of(row.outcome);
    std::string when = moment(row.first);
    if (row.runs > 1) when += "<br/>to " + moment(row.last);
    std::string violations;
    for (const WalkViolation& violation : walk_violations(report_, row.outcome)) {
      if (!violations.empty()) violations += "<br/>";
      violations += fmt::format("<span class=\"{}\">{}</span>",
                                violation.why_allowed.empty() ? "bad" : "warning", violation.name);
      if (!violation.why_allowed.empty()) {
        violations += " <small>" + violation.why_allowed + "</small>";
      }
    }
    return fmt::format(
        "<tr id=\"r{}\"><td>{}</td><td>{}<details><summary>the run</summary><code>{}</code>"
        "</details></td><td class=\"number\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
        "</tr>\n",
        place, mark(of), when, escape_html(walk_run_command(report_, place)), row.runs,
        walk_transactions_text(row.outcome), walk_told_text(row.outcome), violations,
        walk_well_text(row));
  }

  std::string foot() const {
    return "<footer><p>All is well again when the nodes of the fault are back and every order that "
           "it disturbed has ended everywhere: each one under way, and each one submitted until "
           "then.</p></footer>\n";
  }

  const WalkReport& report_;
  const WalkPlan& plan_;
  const WalkResult& result_;
  Report undisturbed_;
  MarkedDiagram diagram_;
  std::vector<std::vector<std::size_t>> shown_;  // by fault, ascending
};

}  // namespace

std::string walk_page(const WalkReport& report) { return WalkPageWriter(report).write(); }

}  // namespace txsim
