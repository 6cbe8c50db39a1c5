#include "reports/comparison.h"

#include <algorithm>
#include <functional>

#include "reports/sweep_figures.h"

namespace txsim {
namespace {

constexpr std::size_t kTableWidth = 80;
constexpr std::string_view kProtocolKey = "scenario.protocol=";

struct Row {
  std::string label;
  std::vector<std::string> values;  // by protocol
  Tone tone = Tone::Plain;
  bool opens = false;  // a blank line before it
};

std::string percent_of(std::uint64_t count, std::uint64_t of) {
  return of == 0 ? "-" : percent(share_of(count, of).share);
}
std::string most(const Spread& spread) {
  return spread.count == 0 ? "-" : duration_text(rounded(spread.most));
}

class ComparisonTable {
 public:
  ComparisonTable(const SweepSummary& summary, const std::vector<std::size_t>& cells)
      : summary_(summary), cells_(cells) {
    outcomes();
    times();
    costs();
    violations();
  }

  std::string write(const Paint& paint) const {
    std::string text;
    const std::size_t label = label_width();
    for (std::size_t from = 0; from < cells_.size();) {
      std::size_t to = from;
      std::size_t width = label;
      while (to < cells_.size() && (to == from || width + 2 + column_width(to) <= kTableWidth)) {
        width += 2 + column_width(to++);
      }
      if (from > 0) text += "\n";
      write_part(from, to, label, paint, text);
      from = to;
    }
    return text;
  }

 private:
  template <class Figure>
  Row& add(std::string label, Figure&& figure) {
    Row row{std::move(label), {}};
    for (const std::size_t cell : cells_) row.values.push_back(figure(summary_.cells()[cell]));
    rows_.push_back(std::move(row));
    return rows_.back();
  }
  template <class Figure>
  bool any(Figure&& figure) const {
    return std::any_of(cells_.begin(), cells_.end(),
                       [&](std::size_t cell) { return figure(summary_.cells()[cell]) != 0; });
  }

  void outcomes() {
    add("runs", [](const SweepTotals& t) { return fmt::format("{}", t.runs); });
    add("orders", [](const SweepTotals& t) { return fmt::format("{}", t.orders); });
    for (std::size_t i = 0; i < 4; ++i) {
      const auto told = [i](const SweepTotals& t) { return told_rows(t)[i].orders.value_or(0); };
      if (!any(told)) continue;
      add(fmt::format("  told {}", told_rows({})[i].name),
          [&](const SweepTotals& t) { return percent_of(told(t), t.orders); });
    }
    submissions();
    add("transactions", [](const SweepTotals& t) { return fmt::format("{}", t.transactions()); });
    for (std::size_t i = 0; i < kEndings; ++i) {
      if (!any([&](const SweepTotals& t) { return t.endings[i]; })) continue;
      add(fmt::format("  {}", text(static_cast<Ending>(i))),
          [&](const SweepTotals& t) { return percent_of(t.endings[i], t.transactions()); });
    }
  }

  // If each order was submitted once and begun, the transactions say everything.
  void submissions() {
    const auto is_more = [](const SweepTotals& t) {
      return t.submitted - t.orders + t.recognised + t.never_begun();
    };
    if (!any(is_more)) return;
    add("submissions", [](const SweepTotals& t) { return fmt::format("{}", t.submitted); });
    if (any([](const SweepTotals& t) { return t.recognised; })) {
      add("  recognised",
          [](const SweepTotals& t) { return percent_of(t.recognised, t.submitted); });
    }
    if (any([](const SweepTotals& t) { return t.told_busy; })) {
      add("  told busy", [](const SweepTotals& t) { return percent_of(t.told_busy, t.submitted); });
    }
    if (any([](const SweepTotals& t) { return t.never_begun(); })) {
      add("  never begun",
          [](const SweepTotals& t) { return percent_of(t.never_begun(), t.submitted); });
    }
  }

  void times() {
    bool opens = true;
    for (const auto& [name, permille] :
         {std::pair{"latency p50", 500U}, {"latency p95", 950U}, {"latency p99", 990U}}) {
      add(name, [at = permille](const SweepTotals& t) {
        return t.latencies.empty() ? "-" : duration_text(rounded(t.latency_of(at)));
      }).opens = opens;
      opens = false;
    }
    spread("lock held", &SweepTotals::lock_hold);
    spread("reserved for", &SweepTotals::reservation_hold);
    spread("lock awaited", &SweepTotals::lock_wait);
    spread("in doubt", &SweepTotals::in_doubt);
  }
  void spread(const std::string& name, Spread SweepTotals::*of) {
    if (!any([&](const SweepTotals& t) { return (t.*of).count; })) return;
    add(name + ", mean", [&](const SweepTotals& t) { return mean(t.*of); });
    add(name + ", most", [&](const SweepTotals& t) { return most(t.*of); });
  }

  void costs() {
    const auto each_of = [](std::uint64_t SweepTotals::*of) {
      return [of](const SweepTotals& t) { return each(t.*of, t.transactions()); };
    };
    add("messages each", each_of(&SweepTotals::messages)).opens = true;
    add("forced writes each", each_of(&SweepTotals::forced));
    add("retries each", each_of(&SweepTotals::retries));
  }

  void violations() {
    add("dirty uses", [](const SweepTotals& t) { return fmt::format("{}", t.dirty_uses); }).opens =
        true;
    add("violated runs", [](const SweepTotals& t) { return fmt::format("{}", t.violated); });
    for (std::size_t i = 0; i < invariants().size(); ++i) {
      const auto violated = [&](const SweepTotals& t) {
        return t.verdicts[i][static_cast<std::size_t>(Verdict::Violated)];
      };
      if (!any(violated)) continue;
      add(fmt::format("  {}", invariants()[i].name), [&](const SweepTotals& t) {
        const std::uint64_t holds = t.verdicts[i][static_cast<std::size_t>(Verdict::Holds)];
        if (violated(t) + holds == 0) return std::string("-");
        return fmt::format("{}", violated(t));
      }).tone = Tone::Bad;
    }
  }

  std::size_t label_width() const {
    std::size_t width = 0;
    for (const Row& row : rows_) width = std::max(width, row.label.size());
    return width;
  }
  // "saga-orchestration" takes two lines, so that four protocols fit.
  std::pair<std::string, std::string> head(std::size_t column) const {
    const std::string& name = summary_.header().cells[cells_[column]].protocol;
    const std::size_t hyphen = name.rfind('-');
    if (hyphen == std::string::npos) return {"", name};
    return {name.substr(0, hyphen + 1), name.substr(hyphen + 1)};
  }
  std::size_t column_width(std::size_t column) const {
    const auto [above, below] = head(column);
    std::size_t width = std::max(above.size(), below.size());
    for (const Row& row : rows_) width = std::max(width, row.values[column].size());
    return width;
  }

  void write_part(std::size_t from, std::size_t to, std::size_t label, const Paint& paint,
                  std::string& text) const {
    const auto add_line = [&](const std::string& name, auto&& value, Tone tone) {
      std::string line = pad(name, label);
      for (std::size_t i = from; i < to; ++i) line += "  " + pad_left(value(i), column_width(i));
      line.erase(line.find_last_not_of(' ') + 1);
      text += paint(tone, line) + "\n";
    };
    add_line(
        "", [&](std::size_t i) { return head(i).first; }, Tone::Strong);
    add_line(
        "", [&](std::size_t i) { return head(i).second; }, Tone::Strong);
    for (const Row& row : rows_) {
      if (row.opens) text += "\n";
      add_line(
          row.label, [&](std::size_t i) { return row.values[i]; }, row.tone);
    }
  }

  const SweepSummary& summary_;
  const std::vector<std::size_t>& cells_;
  std::vector<Row> rows_;
};

// The invariants that were violated in a cell, each with its first seed, the lowest first.
std::vector<std::pair<std::uint64_t, std::string>> first_violated(const SweepTotals& totals) {
  std::vector<std::pair<std::uint64_t, std::string>> firsts;
  for (std::size_t i = 0; i < totals.first_violated.size(); ++i) {
    if (totals.first_violated[i])
      firsts.emplace_back(*totals.first_violated[i], invariants()[i].name);
  }
  std::sort(firsts.begin(), firsts.end());
  return firsts;
}

// The same run may be the first for several invariants.
std::string replays(const SweepSummary& summary, std::size_t cell, const Paint& paint) {
  std::string text;
  const auto firsts = first_violated(summary.cells()[cell]);
  for (std::size_t i = 0; i < firsts.size();) {
    SweepRun run;
    run.cell = static_cast<std::uint32_t>(cell);
    run.seed = firsts[i].first;
    std::string names;
    for (; i < firsts.size() && firsts[i].first == run.seed; ++i) {
      names += (names.empty() ? "" : ", ") + firsts[i].second;
    }
    names = fmt::format("{}: {}", summary.header().cells[cell].protocol, names);
    text += fmt::format("  {}\n    {}\n", paint(Tone::Bad, names), summary.header().replay(run));
  }
  return text;
}

}  // namespace

std::vector<Compared> compared(const SweepHeader& header) {
  std::vector<Compared> all;
  for (std::size_t cell = 0; cell < header.cells.size(); ++cell) {
    std::string what = header.cells[cell].file;
    for (const std::string& setting : header.cells[cell].varied) {
      if (!setting.starts_with(kProtocolKey)) what += " " + setting;
    }
    const auto same = std::find_if(all.begin(), all.end(),
                                   [&](const Compared& other) { return other.what == what; });
    if (same == all.end()) {
      all.push_back({std::move(what), {cell}});
    } else {
      same->cells.push_back(cell);
    }
  }
  return all;
}

bool is_comparison(const SweepHeader& header) {
  const auto varies = [](const SweepCellName& cell) {
    return std::any_of(cell.varied.begin(), cell.varied.end(), [](const std::string& setting) {
      return setting.starts_with(kProtocolKey);
    });
  };
  return std::all_of(header.cells.begin(), header.cells.end(), varies);
}

std::string text_comparison(const SweepSummary& summary, const Paint& paint) {
  std::string text;
  std::string violated;
  const std::vector<Compared> all = compared(summary.header());
  for (const Compared& one : all) {
    text += "\n";
    if (all.size() > 1) text += paint(Tone::Strong, one.what) + "\n";
    text += ComparisonTable(summary, one.cells).write(paint);
    for (const std::size_t cell : one.cells) violated += replays(summary, cell, paint);
  }
  if (violated.empty()) return text;
  return text + "\n" + paint(Tone::Strong, "First violations") + "\n" + violated;
}

}  // namespace txsim
