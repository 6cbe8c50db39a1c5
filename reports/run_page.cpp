#include "reports/run_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/counter_rows.h"
#include "reports/html.h"
#include "reports/narrate.h"
#include "reports/run_page_data.h"
#include "reports/text.h"
#include "reports/time_space_legend.h"
#include "runs/expectations.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

constexpr std::size_t kMostTransactionsListed = 200;
constexpr std::size_t kMostFaultsListed = 50;

const char* class_of(Tone tone) {
  switch (tone) {
    case Tone::Plain:
      return "";
    case Tone::Strong:
      return "strong";
    case Tone::Faint:
      return "faint";
    case Tone::Good:
      return "good";
    case Tone::Warning:
      return "warning";
    case Tone::Bad:
      return "bad";
  }
  return "";
}

std::string list(const std::vector<std::string>& items, const char* kind) {
  std::string text = fmt::format("<ul class=\"{}\">\n", kind);
  for (const std::string& item : items) text += "<li>" + item + "</li>\n";
  return text + "</ul>\n";
}

class RunPageWriter {
 public:
  explicit RunPageWriter(const Report& report)
      : report_(report),
        result_(*report.result),
        scenario_(*result_.scenario),
        names_(result_),
        diagram_(marked_diagram(report)) {}

  std::string write() {
    HtmlPage page;
    page.title = scenario_.title + " - " + program_name();
    page.body = "<main>\n";
    page.body += head() + verdicts() + transactions() + happened() + events() + expectations() +
                 counters() + faults() + foot();
    page.body += "</main>\n" + html_data("run-data", run_page_data(report_, diagram_));
    page.scripts = {&kRunScript};
    return html(page);
  }

 private:
  std::string head() const {
    std::string text = "<header>\n";
    text += fmt::format("<p class=\"kicker\">{} <span>seed {}</span> <span>{}</span></p>\n",
                        escape_html(scenario_.protocol_name()), scenario_.seed,
                        escape_html(scenario_.name));
    text += "<h1>" + escape_html(scenario_.title) + "</h1>\n";
    text += fmt::format("<p class=\"outcome\"><b class=\"{}\">{}</b> {}.</p>\n",
                        result_.all_met ? "good" : "bad",
                        result_.all_met ? "✓ As expected." : "✗ Not as expected.",
                        escape_html(time_space::outcome_sentence(result_)));
    if (!scenario_.story.empty()) {
      text += "<div class=\"story\">" + html_paragraphs(scenario_.story) + "</div>\n";
    }
    if (!report_.again.empty()) {
      text +=
          "<p class=\"again\">Run it again: <code>" + escape_html(report_.again) + "</code></p>\n";
    }
    return text + "</header>\n";
  }

  // ---- Verdicts

  bool is_drawn(std::uint64_t event) const {
    return event >= first() && event < first() + diagram_.places.size();
  }
  std::uint64_t first() const {
    return diagram_.from < result_.trace.size() ? result_.trace[diagram_.from].sequence : 1;
  }

  std::string link_to(std::uint64_t event) const {
    if (event == 0) return "at the end of the run";
    const bool is_ringed =
        diagram_.svg.find(fmt::format(" id=\"event-{}\"", event)) != std::string::npos;
    if (is_ringed) return fmt::format("<a href=\"#event-{0}\">event {0}</a>", event);
    if (is_drawn(event)) return fmt::format("<a href=\"#e{0}\">event {0}</a>", event);
    return fmt::format("event {}", event);
  }

  std::string violation(const Judgement& judgement, std::string& told) const {
    const bool expected = is_expected_violation(result_, judgement.invariant);
    std::string where = link_to(judgement.event);
    if (judgement.transaction != 0) where += ", " + transaction_text(judgement.transaction);
    if (judgement.violations > 1) where += fmt::format(", {} times", judgement.violations);
    if (expected) where += ", as expected";
    if (is_told_only(result_, judgement.invariant)) where += ", not promised";
    std::string text = fmt::format(
        "<article class=\"violation\">\n<h3><span class=\"bad\">✗</span> {} violated"
        "<small>{}</small></h3>\n",
        judgement.invariant, where);
    text += "<p>" + escape_html(judgement.explanation) + "</p>\n";
    TextSettings settings;
    settings.width = 110;
    const std::string evidence = text_evidence(report_, judgement, settings, told);
    if (!evidence.empty()) {
      text += "<details><summary>What led there</summary>\n<pre tabindex=\"0\">" +
              preformatted(evidence) + "</pre></details>\n";
    }
    return text + "</article>\n";
  }

  // Without the margin that it has in a terminal.
  static std::string preformatted(const std::string& text) {
    constexpr std::size_t kMargin = 6;
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string line = text.substr(at, end - at);
      result += escape_html(line.substr(std::min(kMargin, line.find_first_not_of(' ')))) + "\n";
      at = end + 1;
    }
    return result;
  }

  std::string verdicts() const {
    std::string text =
        "<section aria-labelledby=\"verdicts\">\n<h2 id=\"verdicts\">Verdicts</h2>\n";
    std::string told;
    std::string violations;
    for (const Judgement& judgement : result_.verdicts.judgements) {
      if (judgement.verdict == Verdict::Violated) violations += violation(judgement, told);
    }
    if (!violations.empty()) text += "<div class=\"violations\">\n" + violations + "</div>\n";
    text += "<dl class=\"verdicts\">\n";
    for (const auto& [verdict, says] :
         {std::pair{Verdict::Holds, "<span class=\"good\">✓</span> holds"},
          std::pair{Verdict::Vacuous, "vacuous"},
          std::pair{Verdict::NotApplicable, "not applicable"}}) {
      std::vector<std::string> invariants;
      for (const Judgement& judgement : result_.verdicts.judgements) {
        if (judgement.verdict == verdict) invariants.push_back(name_with_reason(judgement));
      }
      if (invariants.empty()) continue;
      text += fmt::format("<dt>{}</dt><dd>{}</dd>\n", says, list(invariants, "names"));
    }
    return text + "</dl>\n</section>\n";
  }

  // ---- Transactions

  std::string transactions() const {
    const auto& all = result_.verdicts.transactions;
    if (all.empty()) return "";
    HtmlTable table;
    table.head = {"", "kind", "ended", "client told", "after", "submitted"};
    table.numbers = {false, false, false, false, true, true};
    for (const TransactionSummary& transaction : all) {
      if (table.rows.size() == kMostTransactionsListed) break;
      const bool begun = transaction.is_begun();
      const bool is_good = begun && transaction.ending == Ending::Committed;
      const bool is_bad = begun && transaction.ending == Ending::Mixed;
      table.rows.push_back({transaction_text(transaction.id),
                            escape_html(names_.kind(transaction.kind)),
                            fmt::format("<span class=\"{}\">{}</span>",
                                        is_good  ? "good"
                                        : is_bad ? "bad"
                                                 : "warning",
                                        outcome_text(transaction)),
                            transaction.told ? txsim::text(transaction.reply) : "nothing",
                            transaction.told ? duration_text(transaction.latency()) : "",
                            time_text(transaction.submitted)});
    }
    std::string text =
        "<section aria-labelledby=\"transactions\">\n<h2 id=\"transactions\">Transactions</h2>\n";
    text += html(table);
    if (all.size() > table.rows.size()) {
      text += fmt::format("<p class=\"note\">and {} more, which {} run --json lists</p>\n",
                          all.size() - table.rows.size(), escape_html(program_name()));
    }
    return text + "</section>\n";
  }

  // ---- The diagram

  std::string left_out() const {
    std::string text;
    if (!diagram_.left_out.empty()) {
      text += "<p class=\"note\">" + escape_html(diagram_.left_out) + ".</p>\n";
    }
    for (const std::string& violated : diagram_.violated_at_end) {
      text += "<p class=\"note bad\">At the end of the run, " + escape_html(violated) + "</p>\n";
    }
    if (diagram_.strips_left_out > 0) {
      text += fmt::format(
          "<p class=\"note\">{} bars beside the lifelines are left out, because there is no "
          "room.</p>\n",
          diagram_.strips_left_out);
    }
    return text;
  }

  // Below the diagram and as wide as its box, wherever the diagram is scrolled.
  std::string legend() const {
    std::string text = "<ul class=\"samples\" aria-label=\"Legend\">\n";
    for (const MarkedDiagram::Sample& sample : diagram_.legend) {
      text += "<li>" + sample.svg + escape_html(sample.text) + "</li>\n";
    }
    return text + "</ul>\n";
  }

  std::string happened() const {
    std::string text =
        "<section aria-labelledby=\"happened\">\n<h2 id=\"happened\">What happened</h2>\n";
    text += left_out();
    text +=
        "<div class=\"controls\" hidden=\"\">\n"
        "<div class=\"steps\">\n"
        "<button type=\"button\" id=\"back\" title=\"One event back (←)\" "
        "aria-label=\"One event back\">‹</button>\n"
        "<input type=\"range\" id=\"moment\" min=\"0\" value=\"0\" step=\"1\" "
        "aria-label=\"Moment of the run\"/>\n"
        "<button type=\"button\" id=\"forward\" title=\"One event forward (→)\" "
        "aria-label=\"One event forward\">›</button>\n</div>\n"
        "<output id=\"now\" for=\"moment\"></output>\n"
        "<label id=\"filter-label\">Transaction <select id=\"filter\">"
        "<option value=\"\">all</option></select></label>\n"
        "<button type=\"button\" id=\"clear\" title=\"Choose no event (Escape)\">Clear</button>\n"
        "</div>\n";
    text +=
        "<div class=\"split\">\n<div class=\"diagram\" id=\"diagram\" tabindex=\"0\" "
        "role=\"group\" "
        "aria-label=\"Time-space diagram\">\n" +
        diagram_.svg + legend() +
        "</div>\n<aside class=\"panel\" id=\"panel\" hidden=\"\" aria-label=\"The chosen "
        "moment\">\n"
        "<div id=\"chosen\"></div>\n<div id=\"nodes\"></div>\n</aside>\n</div>\n";
    text +=
        "<details class=\"keys\" hidden=\"\"><summary>Keys</summary>\n<dl>\n"
        "<dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>one event back, one forward</dd>\n"
        "<dt><kbd>Shift</kbd> <kbd>←</kbd> <kbd>→</kbd></dt><dd>the same, at the same node</dd>\n"
        "<dt><kbd>c</kbd></dt><dd>to the cause of the event</dd>\n"
        "<dt><kbd>Home</kbd> <kbd>End</kbd></dt><dd>the first event, the last event</dd>\n"
        "<dt><kbd>Esc</kbd></dt><dd>choose no event</dd>\n</dl></details>\n";
    return text + "</section>\n";
  }

  std::string event_row(const TraceRecord& record, const std::vector<std::string>& faults) const {
    const Phrase phrase = narrate(record, names_, faults);
    const std::string transaction = transaction_text(record.transaction);
    const std::uint64_t cause = record.cause < record.sequence ? record.cause : 0;
    std::string text = fmt::format("<tr id=\"e{}\"", record.sequence);
    if (is_minor(record, result_)) text += " class=\"minor\"";
    if (!transaction.empty()) text += fmt::format(" data-transaction=\"{}\"", transaction);
    text +=
        fmt::format("><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"{}\">{}</td><td>",
                    record.sequence, time_text(record.time), escape_html(names_.node(record.node)),
                    transaction, class_of(phrase.tone), escape_html(phrase.text));
    if (is_drawn(cause)) {
      text += fmt::format("<a href=\"#e{0}\">{0}</a>", cause);
    } else if (cause != 0) {
      text += std::to_string(cause);
    }
    return text + "</td></tr>\n";
  }

  std::string events() const {
    std::string text =
        "<section aria-labelledby=\"events\">\n<h2 id=\"events\">Events</h2>\n"
        "<p><label><input type=\"checkbox\" id=\"timers\"/> also show timers set and stopped, and "
        "the workload's clock</label></p>\n"
        "<div class=\"wide events\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">event</th>"
        "<th scope=\"col\">time</th><th scope=\"col\">node</th><th scope=\"col\"></th>"
        "<th scope=\"col\">what happens</th><th scope=\"col\">because of</th></tr></thead>\n"
        "<tbody>\n";
    const std::vector<std::string> faults = fault_texts(report_);
    for (std::size_t i = diagram_.from; i < diagram_.to; ++i) {
      text += event_row(result_.trace[i], faults);
    }
    return text + "</tbody></table></div>\n</section>\n";
  }

  // ---- The rest

  std::string expectations() const {
    if (result_.expectations.empty()) return "";
    std::vector<std::string> items;
    for (const Met& met : result_.expectations) {
      std::string item = fmt::format("<span class=\"{}\">{}</span> {}", met.met ? "good" : "bad",
                                     met.met ? "✓" : "✗", escape_html(met.expectation.text));
      if (!met.met) item += fmt::format(", but: {}", escape_html(met.seen));
      items.push_back(std::move(item));
    }
    return "<section aria-labelledby=\"expected\">\n<h2 id=\"expected\">Expectations</h2>\n" +
           list(items, "plain") + "</section>\n";
  }

  std::string counters() const {
    std::string text =
        "<section aria-labelledby=\"counters\">\n<h2 id=\"counters\">Counters</h2>\n"
        "<dl class=\"counters\">\n";
    for (const CounterRow& row : counter_rows(result_)) {
      text += fmt::format("<dt>{}</dt><dd>{}", row.label, escape_html(row.value));
      if (!row.parts.empty()) {
        const std::string parts = fmt::format("{}", fmt::join(row.parts, ", "));
        text += "<br/><small>" + escape_html(parts) + "</small>";
      }
      text += "</dd>\n";
    }
    return text + "</dl>\n</section>\n";
  }

  std::string faults() const {
    std::vector<std::string> items;
    const std::vector<std::string> all = fault_texts(report_);
    for (std::size_t i = 0; i < all.size() && i < kMostFaultsListed; ++i) {
      items.push_back("<code>" + escape_html(all[i]) + "</code>");
      if (i >= result_.fates.size() || result_.fates[i].strikes > 0) continue;
      items.back() += fmt::format(" <span class=\"warning\">never struck: {}</span>",
                                  escape_html(why_never_struck(result_, i)));
    }
    if (items.empty()) return "";
    if (all.size() > items.size()) {
      items.push_back(fmt::format("and {} more", all.size() - items.size()));
    }
    return "<section aria-labelledby=\"faults\">\n<h2 id=\"faults\">Faults</h2>\n" +
           list(items, "plain") + "</section>\n";
  }

  std::string foot() const {
    return fmt::format(
        "<footer><p>A simulated run: the same scenario and seed give the same run to the last "
        "byte. Digest <code>{}</code></p></footer>\n",
        digest_text(result_.digest));
  }

  const Report& report_;
  const RunResult& result_;
  const Scenario& scenario_;
  RunNames names_;
  MarkedDiagram diagram_;
};

}  // namespace

std::string run_page(const Report& report) { return RunPageWriter(report).write(); }

}  // namespace txsim
