// The summary of a sweep, for people.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "reports/comparison.h"
#include "reports/names.h"
#include "reports/sweep_coverage.h"
#include "reports/sweep_figures.h"
#include "reports/sweep_summary.h"
#include "sim/program_name.h"

namespace txsim {
namespace {

constexpr std::size_t kProseWidth = 89;  // of prose: the width of the table of faults

std::string violated_invariants(const SweepRun& run) {
  std::string names;
  for (std::size_t i = 0; i < run.verdicts.size(); ++i) {
    if (run.verdicts[i] != Verdict::Violated) continue;
    names += names.empty() ? "" : ", ";
    names += invariants()[i].name;
  }
  return names;
}

std::string cell_text(const SweepCellName& cell) {
  std::string name = printable(cell.file);
  for (const std::string& setting : cell.varied) name += " " + setting;
  return name;
}

class SweepTextWriter {
 public:
  SweepTextWriter(const SweepSummary& summary, const Paint& paint)
      : summary_(summary), all_(summary.all()), paint_(paint) {}

  std::string write() {
    head();
    if (is_comparison(summary_.header())) {
      text_ += text_comparison(summary_, paint_);
      expectations();
      return std::move(text_);
    }
    outcomes();
    submissions();
    told();
    if (summary_.cells().size() > 1) cells();
    expectations();
    verdicts();
    times();
    fault_coverage();
    violations();
    return std::move(text_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    std::string line = fmt::format(format, std::forward<Args>(args)...);
    line.erase(line.find_last_not_of(' ') + 1);
    text_ += line + "\n";
  }
  void title(std::string_view text) { text_ += "\n" + paint_(Tone::Strong, text) + "\n"; }

  void head() {
    const SweepHeader& header = summary_.header();
    const std::uint64_t last = header.first_seed + header.seeds - 1;
    std::string what = printable(header.cells.front().file);
    if (header.cells.size() > 1) what = fmt::format("{} combinations", header.cells.size());
    if (const auto all = compared(header); is_comparison(header) && all.size() == 1) {
      what = fmt::format("{} under {} protocols", printable(all.front().what), header.cells.size());
    }
    line("{} runs, seeds {} to {} of {}", all_.runs, header.first_seed, last, what);
    if (header.shard.of > 1) line("shard {} of {}", header.shard.index, header.shard.of);
    if (!summary_.is_complete()) {
      line("{}",
           paint_(Tone::Warning, fmt::format("incomplete: {} of {} runs are missing",
                                             header.planned() - all_.runs, header.planned())));
    }
  }

  void outcomes() {
    const std::uint64_t transactions = all_.transactions();
    title(fmt::format("Outcomes of the {} transactions that began", transactions));
    for (int i = 0; i < kEndings; ++i) {
      const std::uint64_t count = all_.endings[static_cast<std::size_t>(i)];
      if (count == 0) continue;
      line("  {:<12} {:>12}  {:>6}", txsim::text(static_cast<Ending>(i)), count,
           percent(share_of(count, transactions).share));
    }
  }

  void submissions() {
    title(fmt::format("What became of {} submissions of {} orders", all_.submitted, all_.orders));
    for (const auto& [name, count] :
         {std::pair{Fate::Begun, all_.begun()}, std::pair{Fate::Recognised, all_.recognised},
          std::pair{Fate::NeverBegun, all_.never_begun()}}) {
      if (count == 0) continue;
      line("  {:<12} {:>12}  {:>6}", txsim::text(name), count,
           percent(share_of(count, all_.submitted).share));
    }
  }

  // An order was told what any of its submissions was told.
  void told() {
    title("What clients were told");
    line("  {:<12} {:>12}  {:>6}  {:>16}  {:>6}", "", "orders", "", "submissions", "");
    for (const ToldRow& row : told_rows(all_)) {
      if (row.submissions == 0 && row.orders.value_or(0) == 0) continue;
      line("  {:<12} {:>12}  {:>6}  {:>16}  {:>6}", row.name,
           row.orders ? fmt::format("{}", *row.orders) : "-",
           row.orders ? percent(share_of(*row.orders, all_.orders).share) : "", row.submissions,
           percent(share_of(row.submissions, all_.submitted).share));
    }
  }

  void expectations() {
    if (!summary_.has_expectations()) return;
    title("Expectations over all runs");
    const auto& cells = summary_.header().cells;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::vector<HeldPortion> all = summary_.expectations(i);
      if (all.empty()) continue;
      if (cells.size() > 1) line("  {}", cell_text(cells[i]));
      for (const HeldPortion& held : all) expectation(held);
    }
    if (!summary_.judges_expectations())
      line("  {} merge judges them, over all shards", program_name());
  }
  void expectation(const HeldPortion& held) {
    const std::string expected = printable(held.expected.text);
    if (!summary_.judges_expectations()) {
      line("  - {}, in this shard: {}", expected, held.seen);
    } else if (held.met) {
      line("  {} {}: {}", paint_(Tone::Good, "✓"), expected, held.seen);
    } else {
      line("  {} {}{}{}", paint_(Tone::Bad, "✗"), expected,
           paint_(Tone::Bad, ", but: " + held.seen),
           paint_(Tone::Faint,
                  fmt::format("  ({}:{})", held.expected.place.file, held.expected.place.line)));
    }
  }

  void cells() {
    std::size_t width = 12;
    std::vector<std::string> names;
    for (const SweepCellName& cell : summary_.header().cells) {
      std::string name = cell_text(cell);
      width = std::max(width, columns(name));
      names.push_back(std::move(name));
    }
    title("Combinations");
    line("  {:<{}}  {:>9} {:>9} {:>10} {:>9} {:>9} {:>9} {:>9}", "", width, "runs", "violated",
         "committed", "p50", "p99", "messages", "forced");
    for (std::size_t i = 0; i < names.size(); ++i) {
      const SweepTotals& cell = summary_.cells()[i];
      const std::uint64_t committed = cell.endings[static_cast<int>(Ending::Committed)];
      line("  {:<{}}  {:>9} {:>9} {:>10} {:>9} {:>9} {:>9} {:>9}", names[i], width, cell.runs,
           cell.violated, percent(share_of(committed, cell.transactions()).share),
           duration_text(cell.latency_of(500)), duration_text(cell.latency_of(990)),
           each(cell.messages, cell.transactions()), each(cell.forced, cell.transactions()));
    }
  }

  void verdicts() {
    title("Verdicts");
    line("  {:<20} {:>10} {:>10} {:>10}  violated where it could be (95%)", "", "holds", "violated",
         "vacuous");
    for (std::size_t i = 0; i < all_.verdicts.size(); ++i) {
      const auto& counts = all_.verdicts[i];
      const std::uint64_t holds = counts[static_cast<int>(Verdict::Holds)];
      const std::uint64_t violated = counts[static_cast<int>(Verdict::Violated)];
      const std::uint64_t vacuous = counts[static_cast<int>(Verdict::Vacuous)];
      if (holds + violated + vacuous == 0) continue;  // not applicable to any run
      const Share share = share_of(violated, holds + violated);
      const std::string interval = holds + violated == 0
                                       ? ""
                                       : fmt::format("{} ({} to {})", percent(share.share),
                                                     percent(share.low), percent(share.high));
      const std::string row = fmt::format("  {:<20} {:>10} {:>10} {:>10}  {}", invariants()[i].name,
                                          holds, violated, vacuous, interval);
      line("{}", violated > 0 ? paint_(Tone::Bad, row) : row);
    }
  }

  void times() {
    title("Times and costs");
    if (!all_.latencies.empty()) {
      line("  latency       p50 {}, p90 {}, p99 {}, most {}", duration_text(all_.latency_of(500)),
           duration_text(all_.latency_of(900)), duration_text(all_.latency_of(990)),
           duration_text(all_.latency.most));
    }
    spread("lock hold", all_.lock_hold);
    spread("lock wait", all_.lock_wait);
    spread("reserved for", all_.reservation_hold);
    spread("in doubt", all_.in_doubt);
    if (all_.dirty_uses > 0) line("  dirty uses    {}", all_.dirty_uses);
    line("  a transaction {} messages, {} forced writes, {} retries",
         each(all_.messages, all_.transactions()), each(all_.forced, all_.transactions()),
         each(all_.retries, all_.transactions()));
  }
  void spread(const char* name, const Spread& spread) {
    if (spread.count == 0) return;
    line("  {:<13} mean {}, most {}", name, mean(spread), duration_text(spread.most));
  }

  // A hole is a phase that transactions go through and that no such fault hit.
  void fault_coverage() {
    title("Which fault hit which phase of a transaction, how often");
    const Coverage coverage = coverage_of(all_);
    if (coverage.rows.empty()) {
      line("  none: no crash or pause, and no lost, duplicated or refused message");
      return;
    }
    std::string header = fmt::format("  {:<32}", "");
    for (std::size_t phase = 1; phase < kPhases; ++phase) {
      header += fmt::format("{:>11}", phase_name(phase));
    }
    line("{}{:>11}", header, phase_name(0));
    for (const Coverage::Row& met : coverage.rows) {
      std::string row = fmt::format("  {:<32}", met.name);
      for (std::size_t phase = 1; phase < kPhases; ++phase) {
        row += fmt::format("{:>11}", met.counts[phase]);
      }
      line("{}{:>11}", row, met.counts[0]);
    }
    if (coverage.holes.empty()) return;
    std::string indent = "  ";
    for (const std::string& words : wrap_words("never: " + coverage.holes, kProseWidth)) {
      line("{}{}", indent, paint_(Tone::Warning, words));
      indent = "         ";
    }
  }

  void violations() {
    if (summary_.first_violations().empty()) return;
    title("First violations");
    for (const SweepRun& run : summary_.first_violations()) {
      line("  {}", paint_(Tone::Bad, violated_invariants(run)));
      line("    {}", summary_.header().replay(run));
    }
    if (all_.violated > summary_.first_violations().size()) {
      line("  and {} more", all_.violated - summary_.first_violations().size());
    }
    line("  the smallest scenario that violates the same as the first:");
    line("    {}", summary_.header().replay(summary_.first_violations().front(), "shrink"));
  }

  const SweepSummary& summary_;
  const SweepTotals& all_;
  const Paint& paint_;
  std::string text_;
};

}  // namespace

std::string text_summary(const SweepSummary& summary, const Paint& paint) {
  return SweepTextWriter(summary, paint).write();
}

}  // namespace txsim
