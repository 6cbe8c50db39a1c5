#include "reports/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/names.h"
#include "reports/timeline.h"
#include "runs/expectations.h"

namespace txsim {
namespace {

constexpr std::size_t kMostTransactions = 10;
constexpr std::size_t kMostFaults = 10;

std::string heading(const std::string& title, const Paint& paint) {
  return "\n" + paint(Tone::Strong, title) + "\n";
}

std::string head(const RunResult& result, const Paint& paint) {
  const Scenario& scenario = *result.scenario;
  return fmt::format("{}\n{}\n", paint(Tone::Strong, printable(scenario.title)),
                     paint(Tone::Faint, fmt::format("{}, {}, seed {}", printable(scenario.name),
                                                    scenario.protocol_name(), scenario.seed)));
}

std::string foot(const Report& report, const Paint& paint) {
  std::string foot =
      fmt::format("\n{} {}\n", paint(Tone::Faint, "digest"), digest_text(report.result->digest));
  if (!report.again.empty()) {
    foot += fmt::format("{}  {}\n", paint(Tone::Faint, "again"), report.again);
  }
  return foot;
}

std::string faults_met(const Report& report, const TextSettings& settings) {
  if (report.faults_met.empty()) return "";
  std::string text = heading("Faults met at random", settings.paint);
  const std::size_t shown = std::min(report.faults_met.size(), kMostFaults);
  for (std::size_t i = 0; i < shown; ++i) text += "  fault = " + report.faults_met[i] + "\n";
  if (shown < report.faults_met.size()) {
    text += fmt::format("  … and {} more (--json lists all)\n", report.faults_met.size() - shown);
  }
  return text;
}

std::string faults_that_never_struck(const RunResult& result, const TextSettings& settings) {
  const std::vector<std::size_t> places = never_struck(result);
  if (places.empty()) return "";
  std::string text = heading("Faults that never struck", settings.paint);
  const std::size_t shown = std::min(places.size(), kMostFaults);
  for (std::size_t i = 0; i < shown; ++i) {
    const Place& place = result.scenario->fault_places[places[i]];
    text += fmt::format(
        "  fault = {}: {}{}\n", printable(result.scenario->fault_texts[places[i]]),
        settings.paint(Tone::Warning, why_never_struck(result, places[i])),
        place.line == 0
            ? ""
            : settings.paint(Tone::Faint,
                             fmt::format("  ({}:{})", printable(place.file), place.line)));
  }
  if (shown < places.size()) {
    text += fmt::format("  … and {} more (--json lists all)\n", places.size() - shown);
  }
  return text;
}

std::string livelock(const RunResult& result, const TextSettings& settings) {
  if (!result.standstill) return "";
  const StandstillTold& told = *result.standstill;
  std::string text = heading("Livelock", settings.paint);
  text += settings.paint(
      Tone::Bad, fmt::format("  virtual time stands still at {}: after {} events at that moment\n"
                             "  the run was stopped; these events repeat endlessly\n",
                             time_text(told.at), told.events));
  for (const std::string& event : told.loop) text += "    " + printable(event) + "\n";
  return text;
}

// Whether the transaction was committed or undone and its client was told so: a long list leaves it
// out.
bool is_ordinary(const TransactionSummary& transaction) {
  if (!transaction.told) return false;
  if (!transaction.is_begun()) return transaction.fate == Fate::Recognised;
  if (transaction.ending == Ending::Committed) return transaction.reply == Reply::Done;
  return transaction.ending == Ending::Aborted || transaction.ending == Ending::Compensated;
}

Tone tone_of(const TransactionSummary& transaction) {
  if (!transaction.is_begun()) return Tone::Faint;
  switch (transaction.ending) {
    case Ending::Committed:
      return Tone::Good;
    case Ending::Mixed:
      return Tone::Bad;
    case Ending::Aborted:
    case Ending::Compensated:
    case Ending::Pending:
    case Ending::InDoubt:
    case Ending::Unfinished:
      return Tone::Warning;
  }
  return Tone::Plain;
}

// The cells of a transaction's line, from its number to when it was submitted.
std::array<std::string, 5> transaction_cells(const TransactionSummary& transaction,
                                             const RunNames& names) {
  const std::string told = transaction.told
                               ? fmt::format("told {:<6} after {}", text(transaction.reply),
                                             duration_text(transaction.latency()))
                               : "told nothing";
  return {transaction_text(transaction.id), names.kind(transaction.kind),
          std::string(outcome_text(transaction)), told,
          "submitted " + time_text(transaction.submitted)};
}

// Columns of a usual width, so that the lines of most runs are alike; a wider cell widens its own.
std::string transaction_table(const std::vector<const TransactionSummary*>& shown,
                              const RunNames& names, const Paint& paint) {
  std::array<std::size_t, 5> widths = {6, 0, 11, 26, 0};
  for (const auto* transaction : shown) {
    const auto cells = transaction_cells(*transaction, names);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], columns(cells[i]));
    }
  }
  std::string text;
  for (const auto* transaction : shown) {
    const auto cells = transaction_cells(*transaction, names);
    text +=
        fmt::format("  {}  {}  {}  {}  {}\n", pad(cells[0], widths[0]), pad(cells[1], widths[1]),
                    paint(tone_of(*transaction), pad(cells[2], widths[2])),
                    pad(cells[3], widths[3]), paint(Tone::Faint, cells[4]));
  }
  return text;
}

std::string unmet_line(const Met& met, const Paint& paint) {
  const Place& place = met.expectation.place;
  std::string text =
      fmt::format("  {} {}{}", paint(Tone::Bad, "✗"), printable(met.expectation.text),
                  paint(Tone::Bad, ", but: " + printable(met.seen)));
  if (!place.file.empty() && place.line > 0) {
    text += paint(Tone::Faint, fmt::format("  ({}:{})", printable(place.file), place.line));
  }
  return text + "\n";
}

// "97 committed, 2 in doubt; 1 never begun"
std::string endings_text(const Counters& counters) {
  std::vector<std::string> parts;
  for (int i = 0; i < kEndings; ++i) {
    if (counters.endings[i] == 0) continue;
    parts.push_back(fmt::format("{} {}", counters.endings[i], text(static_cast<Ending>(i))));
  }
  std::string text = fmt::format("{}", fmt::join(parts, ", "));
  parts.clear();
  if (counters.recognised > 0) {
    parts.push_back(fmt::format("{} recognised", counters.recognised));
  }
  if (counters.never_begun() > 0) {
    parts.push_back(fmt::format("{} never begun", counters.never_begun()));
  }
  if (parts.empty()) return text;
  return text + (text.empty() ? "" : "; ") + fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string text_transactions(const RunResult& result, const TextSettings& settings) {
  const RunNames names(result);
  const auto& transactions = result.verdicts.transactions;
  std::string text = heading("Transactions", settings.paint);
  if (transactions.empty()) {
    const std::string endings = endings_text(result.verdicts.counters);
    return text + "  " + (endings.empty() ? "none was submitted" : endings) + "\n";
  }
  std::vector<const TransactionSummary*> shown;
  const bool all = transactions.size() <= kMostTransactions + 2;
  for (const bool ordinary : {false, true}) {
    for (const TransactionSummary& transaction : transactions) {
      if (!all && shown.size() == kMostTransactions) break;
      if (is_ordinary(transaction) == ordinary) shown.push_back(&transaction);
    }
  }
  std::sort(shown.begin(), shown.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  text += transaction_table(shown, names, settings.paint);
  if (!all) {
    text += fmt::format("  … and {} more; of all: {}\n", transactions.size() - shown.size(),
                        endings_text(result.verdicts.counters));
  }
  return text;
}

std::string text_expectations(const RunResult& result, const TextSettings& settings) {
  const Paint& paint = settings.paint;
  std::string text = heading("Expectations", paint);
  std::vector<std::string> told_only;
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict == Verdict::Violated && is_told_only(result, judgement.invariant)) {
      told_only.emplace_back(judgement.invariant);
    }
  }
  std::vector<std::string> met_ones;
  std::size_t unmet = 0;
  for (const Met& met : result.expectations) {
    if (met.met) {
      met_ones.push_back(printable(met.expectation.text));
      continue;
    }
    ++unmet;
    text += unmet_line(met, paint);
  }
  std::string mark = "  " + paint(Tone::Good, "✓") + " ";
  for (const std::string& line : wrap_items(met_ones, settings.width - 4)) {
    text += mark + line + "\n";
    mark = "    ";
  }
  if (result.expectations.empty()) {
    text += told_only.empty() ? "  none, and no invariant is violated\n"
                              : fmt::format("  none; violated and not promised: {}\n",
                                            fmt::join(told_only, ", "));
  }
  return text + (result.all_met
                     ? paint(Tone::Good, "  as expected") + "\n"
                     : paint(Tone::Bad, fmt::format("  NOT as expected: {} of {} not met", unmet,
                                                    result.expectations.size())) +
                           "\n");
}

std::string text_report(const Report& report, const TextSettings& settings) {
  const RunResult& result = *report.result;
  std::string text = head(result, settings.paint);
  text += text_transactions(result, settings);
  if (settings.timeline_lines > 0) {
    text += heading("Timeline", settings.paint);
    if (result.trace.empty() && result.statistics.events > 0) {
      text += fmt::format(
          "  not kept: {} events are too many to show (try fewer orders or a shorter "
          "horizon)\n",
          result.statistics.events);
    } else {
      text += timeline(result, fault_texts(report),
                       {settings.timeline_lines, settings.width, settings.paint});
    }
  }
  text += text_verdicts(report, settings);
  text += text_counters(result, settings);
  text += faults_met(report, settings);
  text += faults_that_never_struck(result, settings);
  text += livelock(result, settings);
  text += text_expectations(result, settings);
  return text + foot(report, settings.paint);
}

std::string text_failures(const Report& report, const TextSettings& settings) {
  if (report.result->all_met) return "";
  return head(*report.result, settings.paint) + text_verdicts(report, settings) +
         faults_that_never_struck(*report.result, settings) + livelock(*report.result, settings) +
         text_expectations(*report.result, settings) + foot(report, settings.paint);
}

std::string text_line(const RunResult& result, std::size_t name_width, std::size_t width,
                      const Paint& paint) {
  const Scenario& scenario = *result.scenario;
  std::string violated;
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict != Verdict::Violated) continue;
    if (!is_expected_violation(result, judgement.invariant)) continue;
    violated += (violated.empty() ? "" : ", ") + std::string(judgement.invariant);
  }
  std::vector<Paragraph> told = {{Tone::Plain, printable(scenario.title)}};
  if (!violated.empty()) told.push_back({Tone::Faint, "(violates " + violated + " as expected)"});
  const std::string mark = result.all_met ? paint(Tone::Good, "✓") : paint(Tone::Bad, "✗");
  std::string line = beside(fmt::format("{} {}  ", mark, pad(printable(scenario.name), name_width)),
                            name_width + 4, told, width, paint);
  for (const Met& met : result.expectations) {
    if (met.met) continue;
    line += paint(Tone::Bad, fmt::format("    {}, but: {}", printable(met.expectation.text),
                                         printable(met.seen))) +
            "\n";
  }
  return line;
}

std::string text_summary(const Tally& tally, const Paint& paint) {
  const std::uint64_t all = tally.as_expected + tally.not_as_expected + tally.unreadable;
  std::string text = fmt::format("{} scenario{}: {} as expected, {} not", all, all == 1 ? "" : "s",
                                 tally.as_expected, tally.not_as_expected);
  if (tally.unreadable > 0) text += fmt::format(", {} with errors", tally.unreadable);
  const bool good = tally.not_as_expected + tally.unreadable == 0;
  return paint(good ? Tone::Good : Tone::Bad, text) + "\n";
}

}  // namespace txsim
