#include "reports/sweep_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/comparison.h"
#include "reports/html.h"
#include "reports/sweep_charts.h"
#include "reports/sweep_coverage.h"
#include "reports/sweep_figures.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

constexpr std::size_t kMostCells = 500;
constexpr std::size_t kMostSettings = 50;

std::string section(const char* id, const char* title, const std::string& content) {
  return fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n{2}</section>\n",
                     id, title, content);
}

std::string tile(const std::string& figure, const std::string& says, const char* tone = "") {
  return fmt::format("<li><b class=\"{}\">{}</b>{}</li>\n", tone, figure, says);
}

class SweepPageWriter {
 public:
  SweepPageWriter(const SweepSummary& summary, const std::vector<std::string>& run_pages)
      : summary_(summary),
        header_(summary.header()),
        all_(summary.all()),
        run_pages_(run_pages),
        charts_(sweep_charts(summary)) {}

  std::string write() {
    HtmlPage page;
    page.title = title() + " - " + program_name() + " sweep";
    page.body = "<main>\n" + head() + expectations() + violations() + charts() + submissions() +
                verdicts() + fault_coverage() + cells() + foot() + "</main>\n" +
                html_data("charts-data", chart_specs());
    for (const PageFile& script : chart_library()) page.scripts.push_back(&script);
    page.scripts.push_back(&kChartScript);
    return html(page);
  }

 private:
  std::string title() const {
    const auto& cells = header_.cells;
    const auto differs = [&](const SweepCellName& cell) { return cell.title != cells[0].title; };
    if (cells.empty()) return "Nothing";
    if (std::none_of(cells.begin(), cells.end(), differs)) return cells.front().title;
    return fmt::format("{} scenarios and combinations", cells.size());
  }

  std::string head() const {
    std::string text = "<header>\n";
    const std::uint64_t last = header_.first_seed + (header_.seeds - 1);
    text += fmt::format("<p class=\"kicker\">{} <span>seeds {} to {}</span>",
                        is_comparison(header_) ? "comparison" : "sweep", header_.first_seed, last);
    if (header_.cells.size() > 1) {
      text += fmt::format(" <span>{} combinations</span>", thousands(header_.cells.size()));
    } else if (header_.cells.size() == 1) {
      text += fmt::format(" <span>{}</span> <span>{}</span>",
                          escape_html(header_.cells.front().protocol),
                          escape_html(header_.cells.front().file));
    }
    if (header_.shard.of > 1) {
      text += fmt::format(" <span>shard {} of {}</span>", header_.shard.index, header_.shard.of);
    }
    text += "</p>\n<h1>" + escape_html(title()) + "</h1>\n";
    if (!summary_.is_complete()) {
      text += fmt::format("<p class=\"note warning\">Incomplete: {} of {} runs are missing.</p>\n",
                          thousands(header_.planned() - all_.runs), thousands(header_.planned()));
    }
    text += tiles() + settings();
    return text + "</header>\n";
  }

  std::string tiles() const {
    std::string text = "<ul class=\"tiles\">\n";
    text += tile(thousands(all_.runs), "runs");
    const Share share = share_of(all_.violated, all_.runs);
    text += tile(thousands(all_.violated),
                 all_.violated == 0 ? fmt::format("violated: below {} (95%)", percent(share.high))
                                    : fmt::format("violated: {} ({} to {})", percent(share.share),
                                                  percent(share.low), percent(share.high)),
                 all_.violated == 0 ? "good" : "bad");
    text += tile(thousands(all_.transactions()), "transactions that began");
    const std::uint64_t committed = all_.endings[static_cast<std::size_t>(Ending::Committed)];
    text += tile(percent(share_of(committed, all_.transactions()).share), "of them committed");
    text += tile(percent(share_of(all_.orders_told_nothing(), all_.orders).share),
                 "of the orders told nothing");
    if (!all_.latencies.empty()) {
      text += tile(duration_text(rounded(all_.latency_of(500))), "latency, p50");
      text += tile(duration_text(rounded(all_.latency_of(990))), "latency, p99");
    }
    return text + "</ul>\n";
  }

  std::string settings() const {
    if (header_.settings.empty()) return "";
    std::string text = "<p>Set:";
    for (std::size_t i = 0; i < std::min(header_.settings.size(), kMostSettings); ++i) {
      text += " <code>" + escape_html(header_.settings[i]) + "</code>";
    }
    return text + "</p>\n";
  }

  // ---- What is expected over all runs

  std::string expectations() const {
    if (!summary_.has_expectations()) return "";
    std::string text = "<ul class=\"plain\">\n";
    for (std::size_t i = 0; i < header_.cells.size(); ++i) {
      const std::string cell = header_.cells.size() > 1
                                   ? fmt::format(" <span class=\"note\">{}</span>",
                                                 escape_html(cell_name(header_.cells[i])))
                                   : "";
      for (const HeldPortion& held : summary_.expectations(i)) {
        const bool judged = summary_.judges_expectations();
        text += fmt::format("<li><span class=\"{}\">{}</span> {}: <b>{}</b>{}</li>\n",
                            !judged    ? "note"
                            : held.met ? "good"
                                       : "bad",
                            !judged    ? "-"
                            : held.met ? "✓"
                                       : "✗",
                            escape_html(held.expected.text), escape_html(held.seen), cell);
      }
    }
    text += "</ul>\n";
    if (!summary_.judges_expectations()) {
      text += fmt::format(
          "<p class=\"note\">These are the figures of this shard; {} merge judges them over all "
          "shards.</p>\n",
          escape_html(program_name()));
    }
    return section("expectations", "Expectations over all runs", text);
  }
  static std::string cell_name(const SweepCellName& cell) {
    return fmt::format("{} {}", cell.protocol, fmt::join(cell.varied, " "));
  }

  // ---- The first violations

  std::string violations() const {
    const auto& first = summary_.first_violations();
    if (first.empty()) {
      return section(
          "violations", "First violations",
          "<p><span class=\"good\">✓</span> No invariant was violated in any run.</p>\n");
    }
    std::string text = "<ol class=\"first-violations\">\n";
    for (std::size_t i = 0; i < first.size(); ++i) {
      std::string names;
      for (std::size_t j = 0; j < first[i].verdicts.size(); ++j) {
        if (first[i].verdicts[j] != Verdict::Violated) continue;
        if (!names.empty()) names += ", ";
        names += invariants()[j].name;
      }
      const std::string page = i < run_pages_.size() ? run_pages_[i] : "";
      text +=
          fmt::format("<li><span class=\"bad\">✗</span> <b>{}</b>, seed {}", names, first[i].seed);
      if (!page.empty())
        text += fmt::format(" · <a href=\"{}\">see the run</a>", escape_html(page));
      text += "<code>" + escape_html(header_.replay(first[i])) + "</code></li>\n";
    }
    text += "</ol>\n";
    if (all_.violated > first.size()) {
      text += fmt::format("<p class=\"note\">and {} more runs</p>\n",
                          thousands(all_.violated - first.size()));
    }
    text += fmt::format(
        "<p class=\"note\">The smallest scenario that violates the same as the first: "
        "<code>{}</code></p>\n",
        escape_html(header_.replay(first.front(), "shrink")));
    return section("violations", "First violations", text);
  }

  // ---- Charts

  std::string charts() const {
    std::string text;
    for (const Chart& chart : charts_) {
      text += "<figure>\n<h3>" + escape_html(chart.title) + "</h3>\n";
      text += fmt::format("<figcaption>{}</figcaption>\n<div class=\"chart\" id=\"{}\"></div>\n",
                          escape_html(chart.says), chart.id);
      text += "<details open=\"\"><summary>Table</summary>\n" + html(chart.table) +
              "</details>\n</figure>\n";
    }
    return text.empty() ? "" : section("charts", "Charts", text);
  }

  std::string chart_specs() const {
    std::string text = "[";
    for (const Chart& chart : charts_) {
      if (text.size() > 1) text += ",\n";
      text += fmt::format("{{\"id\":\"{}\",\"spec\":{}}}", chart.id, chart.spec);
    }
    return text + "]";
  }

  // ---- Tables

  std::string submissions() const {
    HtmlTable table;
    table.head = {"", "orders", "", "submissions", ""};
    table.numbers = {false, true, true, true, true};
    const auto row = [&](const std::string& name, const std::optional<std::uint64_t>& orders,
                         std::uint64_t count) {
      if (count == 0 && orders.value_or(0) == 0) return;
      table.rows.push_back({name, orders ? thousands(*orders) : "",
                            orders ? percent(share_of(*orders, all_.orders).share) : "",
                            thousands(count), percent(share_of(count, all_.submitted).share)});
    };
    row("submitted", all_.orders, all_.submitted);
    row("begun: a transaction", std::nullopt, all_.begun());
    row("recognised as a duplicate", std::nullopt, all_.recognised);
    row("never begun", std::nullopt, all_.never_begun());
    for (const ToldRow& told : told_rows(all_)) {
      row(fmt::format("told {}", told.name), told.orders, told.submissions);
    }
    return section("submissions", "Orders and submissions",
                   "<p>An order is submitted one or more times. It counts as answered if any of "
                   "its submissions was answered.</p>\n" +
                       html(table));
  }

  std::string verdicts() const {
    HtmlTable table;
    table.head = {"", "holds", "violated", "vacuous", "violated where it could be", "95%"};
    table.numbers = {false, true, true, true, true, true};
    for (std::size_t i = 0; i < all_.verdicts.size(); ++i) {
      const auto& counts = all_.verdicts[i];
      const std::uint64_t holds = counts[static_cast<std::size_t>(Verdict::Holds)];
      const std::uint64_t violated = counts[static_cast<std::size_t>(Verdict::Violated)];
      const std::uint64_t vacuous = counts[static_cast<std::size_t>(Verdict::Vacuous)];
      if (holds + violated + vacuous == 0) continue;  // not applicable to any run
      const Share share = share_of(violated, holds + violated);
      const bool could = holds + violated > 0;
      table.rows.push_back(
          {std::string(invariants()[i].name), thousands(holds),
           violated == 0 ? "0" : fmt::format("<span class=\"bad\">{}</span>", thousands(violated)),
           thousands(vacuous), could ? percent(share.share) : "",
           could ? fmt::format("{} to {}", percent(share.low), percent(share.high)) : ""});
    }
    return section("verdicts", "Verdicts", html(table));
  }

  // Shades in powers of ten.
  static int heat(std::uint64_t count) {
    int shade = 0;
    for (; count > 0 && shade < 7; count /= 10) ++shade;
    return shade;
  }

  std::string fault_coverage() const {
    const Coverage coverage = coverage_of(all_);
    HtmlTable table;
    table.head = {""};
    for (std::size_t phase = 1; phase < kPhases; ++phase) table.head.push_back(phase_name(phase));
    table.head.push_back(phase_name(0));
    table.numbers.assign(table.head.size(), true);
    table.numbers.front() = false;
    for (const Coverage::Row& met : coverage.rows) {
      std::vector<std::string> row = {met.name};
      for (std::size_t i = 1; i <= kPhases; ++i) {
        const std::size_t phase = i % kPhases;
        row.push_back(met.is_hole[phase]
                          ? "<span class=\"never\">never</span>"
                          : fmt::format("<span class=\"heat heat-{}\">{}</span>",
                                        heat(met.counts[phase]), thousands(met.counts[phase])));
      }
      table.rows.push_back(std::move(row));
    }
    std::string text =
        "<p>How often a fault hit a transaction in each phase. What was never hit is a hole in "
        "the sweep.</p>\n";
    text += table.rows.empty() ? "" : html(table);
    if (!coverage.holes.empty()) {
      text += "<p class=\"note\">Never: " + escape_html(coverage.holes) + ".</p>\n";
    }
    return section("fault-coverage", "Which fault hit which phase", text);
  }

  std::string cells() const {
    if (header_.cells.size() < 2) return "";
    HtmlTable table;
    table.head = {"scenario",  "protocol", "varied", "runs",     "violated",
                  "committed", "p50",      "p99",    "messages", "forced writes"};
    table.numbers = {false, false, false, true, true, true, true, true, true, true};
    for (std::size_t i = 0; i < std::min(header_.cells.size(), kMostCells); ++i) {
      const SweepCellName& name = header_.cells[i];
      const SweepTotals& cell = summary_.cells()[i];
      const std::uint64_t all = cell.transactions();
      const std::uint64_t committed = cell.endings[static_cast<std::size_t>(Ending::Committed)];
      table.rows.push_back({escape_html(name.file), escape_html(name.protocol),
                            escape_html(fmt::format("{}", fmt::join(name.varied, " "))),
                            thousands(cell.runs), thousands(cell.violated),
                            percent(share_of(committed, all).share),
                            duration_text(rounded(cell.latency_of(500))),
                            duration_text(rounded(cell.latency_of(990))), each(cell.messages, all),
                            each(cell.forced, all)});
    }
    std::string text = html(table);
    if (header_.cells.size() > kMostCells) {
      text += fmt::format("<p class=\"note\">and {} more, in summary.json</p>\n",
                          thousands(header_.cells.size() - kMostCells));
    }
    return section("cells", "Combinations", text);
  }

  static std::string foot() {
    return "<footer><p>Simulated runs: the same scenarios, settings and seeds give the same "
           "results "
           "to the last byte. Intervals are Wilson's.</p></footer>\n";
  }

  const SweepSummary& summary_;
  const SweepHeader& header_;
  const SweepTotals& all_;
  const std::vector<std::string>& run_pages_;
  std::vector<Chart> charts_;
};

}  // namespace

std::string sweep_page(const SweepSummary& summary, const std::vector<std::string>& run_pages) {
  return SweepPageWriter(summary, run_pages).write();
}

}  // namespace txsim
