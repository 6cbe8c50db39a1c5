#include "reports/matrix_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/explore_text.h"
#include "reports/html.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

// Lets a narrow column break a key between its words.
std::string with_breaks(std::string key) {
  for (std::size_t at = 0; (at = key.find_first_of("._", at)) != std::string::npos;) {
    key.insert(++at, "<wbr>");
  }
  return key;
}

std::string tile(const std::string& figure, const char* says, const char* tone) {
  return fmt::format("<li><b class=\"{}\">{}</b>{}</li>\n", tone, figure, says);
}

// The letters of a fault in a cell: "c", "ld" for loss+duplicate.
std::string letters(const MatrixFault& fault) {
  std::string text;
  for (std::size_t at = 0; at < fault.name.size();) {
    text += fault.name[at];
    at = fault.name.find('+', at);
    at = at == std::string::npos ? fault.name.size() : at + 1;
  }
  return text;
}

const char* class_of(CellState state) {
  switch (state) {
    case CellState::NotApplicable:
      return "none";
    case CellState::Proved:
      return "proved";
    case CellState::Violated:
      return "violated";
    case CellState::ViolatedAnyway:
      return "anyway";
    case CellState::NotExhausted:
      return "open";
  }
  return "";
}

class MatrixPageWriter {
 public:
  explicit MatrixPageWriter(const MatrixReport& report)
      : report_(report), plan_(*report.plan), result_(*report.result) {}

  std::string write() const {
    HtmlPage page;
    page.title = "Guarantees, mechanisms and faults - " + program_name() + " matrix";
    page.body = "<main>\n" + head();
    for (std::size_t first = 0; first < plan_.rows.size();) {
      const std::size_t last = end_of_protocol(plan_, first);
      page.body += protocol(first, last);
      first = last;
    }
    page.body += foot() + "</main>\n";
    page.scripts = {&kMatrixScript};
    return html(page);
  }

 private:
  std::string head() const {
    const MatrixTally all = tally(plan_, result_);
    std::string text = "<header>\n<p class=\"kicker\">matrix";
    text += fmt::format(" <span>{} searches</span>", thousands(all.searches));
    text += fmt::format(" <span>each up to {} states</span></p>\n", thousands(plan_.bounds.states));
    text += "<h1>Which guarantee is violated without which mechanism, under which fault</h1>\n";
    text +=
        "<p class=\"story\">txsim turns off each mechanism of a protocol in turn and explores "
        "everything that can then happen: every order of messages, writes and timers, and every "
        "placement of the faults. A cell is <b>proved</b> if the search covered every run and none "
        "broke the guarantee. Otherwise it has the number of choices of the <b>shortest run</b> "
        "that breaks it.</p>\n";
    text += "<ul class=\"tiles\">\n";
    text += tile(thousands(all.violated), "cells violated", "bad");
    text += tile(thousands(all.proved), "cells proved", "good");
    text += tile(thousands(all.not_exhausted), "cells not exhausted",
                 all.not_exhausted == 0 ? "good" : "warning");
    text += tile(thousands(all.states), "states", "");
    text += "</ul>\n" + legend();
    if (!report_.again.empty()) {
      text += "<p class=\"again\">Explore it again: <code>" + escape_html(report_.again) +
              "</code></p>\n";
    }
    return text + unneeded() + "</header>\n";
  }

  std::string legend() const {
    std::string text = "<div class=\"legend\">\n<dl>\n";
    for (const MatrixFault& fault : plan_.faults) {
      text += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", mark(fault, CellState::Proved),
                          escape_html(fault.name + ": " + budget_text(fault.budget)));
    }
    text += "</dl>\n<dl>\n";
    const std::pair<CellState, const char*> states[] = {
        {CellState::Proved, "proved: in no run"},
        {CellState::Violated, "violated without the mechanism"},
        {CellState::ViolatedAnyway, "violated with the mechanism, too"},
        {CellState::NotExhausted, "not exhausted: none found up to a bound"}};
    for (const auto& [state, says] : states) {
      text += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", mark({"x", {}}, state), says);
    }
    return text + "</dl>\n</div>\n";
  }

  std::string unneeded() const {
    std::string text;
    for (const std::string& key : unneeded_mechanisms(plan_, result_)) {
      text += fmt::format(
          "<p class=\"note warning\">Nothing is violated without <code>{}</code> within these "
          "bounds.</p>\n",
          escape_html(key));
    }
    return text;
  }

  static std::string mark(const MatrixFault& fault, CellState state) {
    return fmt::format("<i class=\"{}\">{}</i>", class_of(state), escape_html(letters(fault)));
  }

  // ---- The table of a protocol

  std::string protocol(std::size_t first, std::size_t last) const {
    const std::string& name = plan_.rows[first].protocol;
    std::vector<std::size_t> judged;
    for (std::size_t i = 0; i < invariants().size(); ++i) {
      if (is_judged(report_, first, last, i)) judged.push_back(i);
    }
    std::string text = fmt::format(
        "<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{0}</h2>\n<div class=\"wide\" "
        "tabindex=\"0\" role=\"region\" aria-labelledby=\"{0}\">"
        "<table class=\"matrix\">\n<thead><tr><td>turned off</td>",
        escape_html(name));
    for (const std::size_t i : judged) {
      text += fmt::format("<th scope=\"col\"><span>{}</span></th>", invariants()[i].name);
    }
    text += "</tr></thead>\n<tbody>\n";
    for (std::size_t row = first; row < last; ++row) {
      text += "<tr>" + row_head(row);
      for (const std::size_t i : judged) text += cell(row, i);
      text += "</tr>\n";
    }
    text += "</tbody></table></div>\n" + scenarios(first);
    for (std::size_t row = first; row < last; ++row) text += runs(row);
    return text + "</section>\n";
  }

  std::string row_head(std::size_t row) const {
    const MatrixPlan::Row& of = plan_.rows[row];
    if (of.is_all_on()) {
      return "<th scope=\"row\" class=\"all\"><b>" + escape_html(row_name(plan_, row)) +
             "</b></th>";
    }
    const std::string own = of.protocol + ".";
    std::string key = of.mechanism.key;
    if (key.starts_with(own)) key.erase(0, own.size());
    return fmt::format("<th scope=\"row\"><b>{}</b><small>{}</small></th>",
                       with_breaks(escape_html(key)), escape_html(of.mechanism.says));
  }

  // The fault under which it is violated after the fewest choices; empty if there is none.
  std::size_t shortest(std::size_t row, std::size_t invariant) const {
    std::size_t found = plan_.faults.size();
    for (std::size_t fault = 0; fault < plan_.faults.size(); ++fault) {
      const Counterexample* example = result_.example(plan_, row, fault, invariant);
      if (example == nullptr) continue;
      const bool is_sooner =
          found == plan_.faults.size() || is_sooner_than(row, invariant, fault, found);
      if (is_sooner) found = fault;
    }
    return found;
  }
  // Violations without the mechanism come before those that also occur with it.
  bool is_sooner_than(std::size_t row, std::size_t invariant, std::size_t fault,
                      std::size_t other) const {
    const CellState one = result_.cell(plan_, row, fault, invariant).state;
    const CellState two = result_.cell(plan_, row, other, invariant).state;
    if (one != two) return one == CellState::Violated;
    return choices_of(*result_.example(plan_, row, fault, invariant)) <
           choices_of(*result_.example(plan_, row, other, invariant));
  }

  static std::string place(std::size_t row, std::size_t invariant) {
    return fmt::format("r{}-{}", row, invariants()[invariant].name);
  }

  std::string cell(std::size_t row, std::size_t invariant) const {
    std::string marks;
    std::string says;
    for (std::size_t fault = 0; fault < plan_.faults.size(); ++fault) {
      const CellState state = result_.cell(plan_, row, fault, invariant).state;
      marks += mark(plan_.faults[fault], state);
      if (!says.empty()) says += ", ";
      says += fmt::format("{}: {}", plan_.faults[fault].name, text(state));
      const Counterexample* example = result_.example(plan_, row, fault, invariant);
      if (example != nullptr) says += fmt::format(" after {}", choices_of(*example));
    }
    says = escape_html(
        fmt::format("{}, {}. {}", row_name(plan_, row), invariants()[invariant].name, says));
    const std::size_t fault = shortest(row, invariant);
    if (fault == plan_.faults.size()) {
      return fmt::format(
          "<td title=\"{0}\"><span class=\"spoken\">{0}</span>"
          "<span class=\"marks\" aria-hidden=\"true\">{1}</span></td>",
          says, marks);
    }
    const CellState state = result_.cell(plan_, row, fault, invariant).state;
    return fmt::format(
        "<td class=\"{}\"><a href=\"#{}\" title=\"{}\" aria-label=\"{}\"><b>{}</b>"
        "<span class=\"marks\">{}</span></a></td>",
        class_of(state), place(row, invariant), says, says,
        choices_of(*result_.example(plan_, row, fault, invariant)), marks);
  }

  std::string scenarios(std::size_t first) const {
    std::string whole;
    std::string others;
    for (const MatrixPlan::Try& tried : plan_.tries) {
      if (tried.row != first) continue;
      std::string& into = tried.is_whole ? whole : others;
      if (!into.empty()) into += ", ";
      into += fmt::format("<code>{}</code>", escape_html(tried.scenario->name));
    }
    std::string text = "<p class=\"note\">Scenarios: " + whole;
    if (!others.empty()) {
      text += (whole.empty() ? "" : "; ") +
              std::string("where another mechanism would otherwise replace the missing one: ") +
              others;
    }
    return text + ".</p>\n";
  }

  // ---- The runs behind the cells

  std::string runs(std::size_t row) const {
    std::string articles;
    std::string names;
    for (std::size_t i = 0; i < invariants().size(); ++i) {
      const std::size_t fault = shortest(row, i);
      if (fault == plan_.faults.size()) continue;
      articles += run(row, i, fault);
      names += fmt::format("{}{} {}", names.empty() ? "" : ", ", invariants()[i].name,
                           choices_of(*result_.example(plan_, row, fault, i)));
    }
    if (articles.empty()) return "";
    return fmt::format(
        "<details class=\"runs\"><summary>{} <small>{}</small></summary>\n"
        "<div class=\"violations\">\n{}</div></details>\n",
        escape_html(row_name(plan_, row)), names, articles);
  }

  std::string run(std::size_t row, std::size_t invariant, std::size_t fault) const {
    const Counterexample& example = *result_.example(plan_, row, fault, invariant);
    const MatrixCell& cell = result_.cell(plan_, row, fault, invariant);
    const MatrixPlan::Try& tried = plan_.tries[cell.in_try];
    std::string text = fmt::format(
        "<article class=\"violation\" id=\"{}\" tabindex=\"-1\">\n<h3><span class=\"bad\">✗</span> "
        "{}<small>{} choices, {}</small></h3>\n",
        place(row, invariant), invariants()[invariant].name, choices_of(example),
        escape_html(plan_.faults[fault].name));
    text += "<p>" + escape_html(example.explanation) + "</p>\n";
    text += fmt::format("<p class=\"note\">{} <code>{}</code></p>\n",
                        escape_html(tried.scenario->title), escape_html(tried.scenario->name));
    if (cell.state == CellState::ViolatedAnyway) {
      text += "<p class=\"note\">This also happens with the mechanism on.</p>\n";
    }
    text += "<ol class=\"choices\">\n";
    const std::vector<Schedule::Step>& steps = example.schedule.steps;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const bool begins_loop = example.loop > 0 && i == steps.size() - example.loop;
      text += fmt::format("<li{}>{}</li>\n", begins_loop ? " class=\"loop\"" : "",
                          escape_html(steps[i].label));
    }
    return text + "</ol>\n" + links(row, invariant, fault) + "</article>\n";
  }

  std::string links(std::size_t row, std::size_t invariant, std::size_t fault) const {
    std::string text;
    const MatrixFile* file = report_.file(row, fault, invariant);
    if (file != nullptr && !file->page.empty()) {
      text += fmt::format("<a href=\"{}\">see the run</a>", escape_html(file->page));
    }
    std::string schedules;
    for (std::size_t other = 0; other < plan_.faults.size(); ++other) {
      const MatrixFile* written = report_.file(row, other, invariant);
      if (written == nullptr) continue;
      schedules +=
          fmt::format("{}<a href=\"{}\">{} {}</a>", schedules.empty() ? "" : ", ",
                      escape_html(written->schedule), escape_html(plan_.faults[other].name),
                      choices_of(*result_.example(plan_, row, other, invariant)));
    }
    if (!schedules.empty()) text += (text.empty() ? "" : " · ") + ("schedules: " + schedules);
    return text.empty() ? "" : "<p>" + text + "</p>\n";
  }

  static std::string foot() {
    return "<footer><p>Proved means: within these bounds, with these scenarios, for every order "
           "and "
           "every placement of these faults. States are compared by fingerprints of 64 bits."
           "</p></footer>\n";
  }

  const MatrixReport& report_;
  const MatrixPlan& plan_;
  const MatrixResult& result_;
};

}  // namespace

std::string matrix_page(const MatrixReport& report) { return MatrixPageWriter(report).write(); }

}  // namespace txsim
