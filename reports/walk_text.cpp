#include "reports/walk_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/html.h"
#include "reports/names.h"
#include "reports/narrate.h"
#include "reports/report.h"
#include "runs/expectations.h"

namespace txsim {
namespace {

// More rows of one fault do not fit a terminal.
constexpr std::size_t kMostRowsPrinted = 60;

std::string names_of(const std::vector<NodeId>& nodes, const RunNames& names, const char* none) {
  if (nodes.empty()) return none;
  std::vector<std::string> texts;
  texts.reserve(nodes.size());
  for (const NodeId node : nodes) texts.push_back(names.node(node));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string joined(const std::vector<std::string>& items, const char* none) {
  return items.empty() ? none : fmt::format("{}", fmt::join(items, ", "));
}

Tone tone_of(WalkClass of) {
  switch (of) {
    case WalkClass::Violated:
      return Tone::Bad;
    case WalkClass::ViolatedAllowed:
    case WalkClass::NotWell:
      return Tone::Warning;
    case WalkClass::Unanswered:
    case WalkClass::Otherwise:
      return Tone::Plain;
    case WalkClass::Same:
      return Tone::Good;
    case WalkClass::NoEffect:
      return Tone::Faint;
  }
  return Tone::Plain;
}

class WalkTextWriter {
 public:
  WalkTextWriter(const WalkReport& report, const Paint& paint)
      : report_(report), plan_(*report.plan), result_(*report.result), paint_(paint) {}

  std::string write() {
    const Scenario& scenario = *plan_.scenario;
    text_ += paint_(Tone::Strong, printable(scenario.title)) + "\n";
    text_ += fmt::format("{}, {}, seed {}\n", printable(scenario.name), scenario.protocol_name(),
                         scenario.seed);
    for (const std::string& line : wrap_words(walk_size_text(report_), 100)) text_ += line + "\n";
    text_ += fmt::format("\nundisturbed: {}; clients told: {}\n",
                         walk_transactions_text(result_.undisturbed),
                         walk_told_text(result_.undisturbed));
    if (const std::string violated = violations(result_.undisturbed); !violated.empty()) {
      text_ += "  violated: " + violated + "\n";
    }
    for (std::size_t fault = 0; fault < plan_.faults.size(); ++fault) write_fault(fault);
    write_classes();
    return std::move(text_);
  }

 private:
  static constexpr std::size_t kColumns = 6;
  using Cells = std::array<std::string, kColumns>;

  Cells cells_of(const WalkRow& row) const {
    return {time_text(row.first.at),     time_text(row.last.at),
            std::to_string(row.runs),    walk_transactions_text(row.outcome),
            walk_told_text(row.outcome), walk_well_text(row)};
  }

  std::string violations(const WalkOutcome& outcome) const {
    std::vector<std::string> texts;
    for (const WalkViolation& violation : walk_violations(report_, outcome)) {
      const bool is_allowed = !violation.why_allowed.empty();
      texts.push_back(paint_(is_allowed ? Tone::Warning : Tone::Bad, violation.name));
      if (is_allowed) texts.back() += fmt::format(" ({})", violation.why_allowed);
    }
    return joined(texts, "");
  }

  void write_fault(std::size_t fault) {
    const std::vector<std::size_t> shown = worst_rows(result_, fault, kMostRowsPrinted);
    const auto all = static_cast<std::size_t>(
        std::count_if(result_.rows.begin(), result_.rows.end(),
                      [&](const WalkRow& row) { return row.first.fault == fault; }));
    text_ += "\n" + paint_(Tone::Strong, walk_fault_text(report_, fault)) + "\n";
    const Cells head = {"from", "to", "runs", "transactions", "told", "well again after"};
    std::array<std::size_t, kColumns> widths{};
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = columns(head[i]);
    for (const std::size_t row : shown) {
      const Cells cells = cells_of(result_.rows[row]);
      for (std::size_t i = 0; i < kColumns; ++i) {
        widths[i] = std::max(widths[i], columns(cells[i]));
      }
    }
    text_ += "    " + paint_(Tone::Faint, line(head, widths)) + "\n";
    for (const std::size_t row : shown) write_row(result_.rows[row], widths);
    if (all > shown.size()) {
      text_ += fmt::format(
          "  and {} rows that are no worse: --html or --json has them, --from and --to choose a "
          "part\n",
          all - shown.size());
    }
  }

  static std::string line(const Cells& cells, const std::array<std::size_t, kColumns>& widths) {
    std::string text = pad_left(cells[0], widths[0]) + "  " + pad_left(cells[1], widths[1]) + "  " +
                       pad_left(cells[2], widths[2]) + "  " + pad(cells[3], widths[3]) + "  " +
                       pad(cells[4], widths[4]) + "  " + cells[5];
    return text;
  }

  void write_row(const WalkRow& row, const std::array<std::size_t, kColumns>& widths) {
    const WalkClass of = result_.class_of(row.outcome);
    text_ += "  " + paint_(tone_of(of), sign_of(of)) + " " + line(cells_of(row), widths) + "\n";
    const bool is_loss = plan_.faults[row.first.fault].is_message_fault();
    const char* after = is_loss ? "" : "after ";
    std::string when = after + moment_words(report_, row.first);
    if (row.runs > 1) when += fmt::format(" … {}{}", after, moment_words(report_, row.last));
    for (const std::string& part : wrap_words(when, 94)) {
      text_ += "      " + paint_(Tone::Faint, part) + "\n";
    }
    if (const std::string violated = violations(row.outcome); !violated.empty()) {
      text_ += "      violated: " + violated + "\n";
    }
  }

  void write_classes() {
    text_ += "\n";
    for (int i = 0; i < kWalkClasses; ++i) {
      const auto of = static_cast<WalkClass>(i);
      const std::uint64_t runs = runs_of(result_, of);
      if (runs == 0) continue;
      text_ += fmt::format("{} {} run{}: {}\n", paint_(tone_of(of), sign_of(of)), thousands(runs),
                           runs == 1 ? "" : "s", meaning_of(of));
      if (of == WalkClass::Same || of == WalkClass::NoEffect) continue;
      const auto first =
          std::find_if(result_.rows.begin(), result_.rows.end(),
                       [&](const WalkRow& row) { return result_.class_of(row.outcome) == of; });
      const auto place = static_cast<std::size_t>(first - result_.rows.begin());
      text_ += "    the first: " + walk_run_command(report_, place) + "\n";
    }
  }

  const WalkReport& report_;
  const WalkPlan& plan_;
  const WalkResult& result_;
  const Paint& paint_;
  std::string text_;
};

}  // namespace

std::string walk_fault_text(const WalkReport& report, std::size_t fault) {
  const RunNames names(report.plan->undisturbed);
  const Fault& of = report.plan->faults[fault];
  const std::string for_long =
      of.duration ? " for " + duration_text(*of.duration) : " and never comes back";
  switch (of.kind) {
    case FaultKind::Crash:
      return names_of(of.nodes, names, "") + " crashes" + for_long;
    case FaultKind::Pause:
      return names_of(of.nodes, names, "") + " pauses" + for_long;
    case FaultKind::Partition:
      return fmt::format("{}{}{}{}{}", of.one_way ? "messages from " : "",
                         names_of(of.nodes, names, ""),
                         of.one_way ? " are lost on their way to " : " is cut off from ",
                         names_of(of.peers, names, ""), of.duration ? for_long : " for good");
    default:
      break;
  }
  if (of.placed == PlacedBy::Sequence)
    return fmt::format("the message of event {} is lost", of.nth);
  return fmt::format("{}{} {} -> {}{} is lost", of.nth == 0 ? "each " : "",
                     of.when.what ? names.word(of.when.what) : "message",
                     names_of(of.when.nodes, names, "any"), names_of(of.when.peers, names, "any"),
                     of.nth == 0 ? "" : fmt::format(" number {}", of.nth));
}

std::string walk_run_command(const WalkReport& report, std::size_t row) {
  return report.run_one + shell_word("faults.fault=" + report.first_faults[row]);
}

std::string walk_size_text(const WalkReport& report) {
  const WalkPlan& plan = *report.plan;
  const std::size_t runs = plan.places.size();
  const bool is_loss = plan.faults.front().is_message_fault();
  const auto [first, last] =
      std::minmax_element(plan.places.begin(), plan.places.end(),
                          [](const WalkPlace& a, const WalkPlace& b) { return a.at < b.at; });
  std::string text = fmt::format(
      "{} run{} with one more fault each, {} from {} to {}", thousands(runs), runs == 1 ? "" : "s",
      is_loss ? "one for each message sent" : "one right after each event", time_text(first->at),
      time_text(last->at));
  if (plan.moments > runs) {
    text += fmt::format(
        ": only {} of {} places, evenly spread (--runs {} takes all of them, --from and --to a "
        "part)",
        thousands(runs), thousands(plan.moments), plan.moments);
  }
  return text;
}

std::string moment_words(const WalkReport& report, const WalkPlace& place) {
  const RunResult& run = report.plan->undisturbed;
  const RunNames names(run);
  const TraceRecord& record = run.trace[place.event - run.trace.front().sequence];
  std::vector<std::string> faults = run.scenario->fault_texts;
  std::string text = narrate(record, names, faults).text;
  if (record.node != kNoNode) text = names.node(record.node) + " " + text;
  if (record.transaction != 0) text += fmt::format(" ({})", transaction_text(record.transaction));
  return printable(text);
}

std::string walk_transactions_text(const WalkOutcome& outcome) {
  std::vector<std::string> parts;
  for (int i = 0; i < kEndings; ++i) {
    const std::uint64_t count = outcome.endings[static_cast<std::size_t>(i)];
    if (count > 0) parts.push_back(fmt::format("{} {}", count, text(static_cast<Ending>(i))));
  }
  if (outcome.never_begun > 0) parts.push_back(fmt::format("{} never begun", outcome.never_begun));
  return joined(parts, "0 transactions");
}

std::string walk_told_text(const WalkOutcome& outcome) {
  std::vector<std::string> parts;
  if (outcome.told_done > 0) parts.push_back(fmt::format("{} done", outcome.told_done));
  if (outcome.told_failed > 0) parts.push_back(fmt::format("{} failed", outcome.told_failed));
  if (outcome.told_nothing > 0) parts.push_back(fmt::format("{} nothing", outcome.told_nothing));
  std::string text = joined(parts, "no order");
  if (outcome.told_busy > 0) text += fmt::format(" (busy {}x)", outcome.told_busy);
  return text;
}

std::string walk_well_text(const WalkRow& row) {
  if (!row.outcome.struck) return "no effect";
  if (row.outcome.well == WellAgain::Never) return "never";
  if (row.outcome.well == WellAgain::CutOff) return "not by the horizon";
  const std::string soonest = duration_text(row.soonest);
  const std::string latest = duration_text(row.latest);
  return soonest == latest ? soonest : soonest + " to " + latest;
}

std::vector<WalkViolation> walk_violations(const WalkReport& report, const WalkOutcome& outcome) {
  const RunResult& run = report.plan->undisturbed;
  std::vector<WalkViolation> violations;
  for (std::size_t i = 0; i < invariants().size(); ++i) {
    if ((outcome.violated >> i & 1U) == 0) continue;
    const std::string_view name = invariants()[i].name;
    WalkViolation violation{std::string(name), ""};
    if ((outcome.unexpected >> i & 1U) == 0) {
      violation.why_allowed = is_expected_violation(run, name) ? "as expected" : "not promised";
    }
    violations.push_back(std::move(violation));
  }
  return violations;
}

std::string sign_of(WalkClass of) {
  constexpr std::array<const char*, kWalkClasses> kSigns = {"✗", "!", "?", "~", "≠", "=", "·"};
  return kSigns[static_cast<std::size_t>(of)];
}

std::string meaning_of(WalkClass of) {
  constexpr std::array<const char*, kWalkClasses> kMeanings = {
      "an invariant is violated that the scenario does not expect to be violated",
      "an invariant is violated, as the scenario expects or as the protocol allows",
      "nothing more is violated, but not all is well again",
      "all is well again, and clients are left without an answer",
      "all is well again, and the outcome differs from the undisturbed run",
      "all is well again, and the outcome is that of the undisturbed run",
      "the fault has no effect there"};
  return kMeanings[static_cast<std::size_t>(of)];
}

std::uint64_t runs_of(const WalkResult& result, WalkClass of) {
  std::uint64_t runs = 0;
  for (const WalkRow& row : result.rows) {
    if (result.class_of(row.outcome) == of) runs += row.runs;
  }
  return runs;
}

std::vector<std::size_t> worst_rows(const WalkResult& result, std::size_t fault, std::size_t most) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    if (result.rows[i].first.fault == fault) rows.push_back(i);
  }
  if (rows.size() <= most) return rows;
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    return result.class_of(result.rows[a].outcome) < result.class_of(result.rows[b].outcome);
  });
  rows.resize(most);
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::string text_walk(const WalkReport& report, const Paint& paint) {
  return WalkTextWriter(report, paint).write();
}

}  // namespace txsim
