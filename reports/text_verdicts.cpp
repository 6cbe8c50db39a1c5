// The verdicts of the text report, with what led to each violation; and the counters.
#include <fmt/format.h>

#include <algorithm>

#include "reports/causes.h"
#include "reports/counter_rows.h"
#include "reports/text.h"
#include "runs/expectations.h"

namespace txsim {
namespace {

constexpr std::size_t kMostCauses = 8;
constexpr std::size_t kMostFaultsBefore = 5;

std::string indent(const std::string& text) {
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at) + 1;
    result += "    " + text.substr(at, end - at);
    at = end;
  }
  return result;
}

std::string violation(const Report& report, const Judgement& judgement,
                      const TextSettings& settings, std::string& told_before) {
  const bool expected = is_expected_violation(*report.result, judgement.invariant);
  std::string often;
  if (judgement.violations > 1) often = fmt::format(", {} times", judgement.violations);
  const bool told_only = is_told_only(*report.result, judgement.invariant);
  const std::string how = expected
                              ? ", as expected"
                              : (told_only ? fmt::format(", not promised by {}",
                                                         report.result->scenario->protocol_name())
                                           : "");
  std::string text = fmt::format(
      "  {} {}{}{}\n",
      settings.paint(expected || told_only ? Tone::Warning : Tone::Bad, "✗ violated      "),
      settings.paint(Tone::Strong, judgement.invariant), often, how);
  for (const std::string& line : wrap_words(printable(judgement.explanation), settings.width - 6)) {
    text += "      " + line + "\n";
  }
  return text + text_evidence(report, judgement, settings, told_before);
}

std::string listed(const RunResult& result, Verdict verdict, const std::string& label,
                   const TextSettings& settings) {
  std::vector<std::string> names;
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict == verdict) names.push_back(name_with_reason(judgement));
  }
  std::string text;
  for (const std::string& line : wrap_items(names, settings.width - 19)) {
    text += fmt::format("{}{} {}\n", text.empty() ? "  " : std::string(18, ' '),
                        text.empty() ? label : "", line);
  }
  return text;
}

}  // namespace

std::string name_with_reason(const Judgement& judgement) {
  std::string text(judgement.invariant);
  if (!judgement.explanation.empty()) text += " (" + judgement.explanation + ")";
  return text;
}

std::string text_evidence(const Report& report, const Judgement& judgement,
                          const TextSettings& settings, std::string& told_before) {
  const RunResult& result = *report.result;
  if (result.trace.empty()) {
    return judgement.event == 0 ? "" : fmt::format("      broken by event {}\n", judgement.event);
  }
  const RunNames names(result);
  const TraceIndex index(result.trace);
  const std::vector<std::string> faults = fault_texts(report);
  const Paint& paint = settings.paint;
  const std::size_t width = settings.width > 60 ? settings.width - 34 : 30;
  std::string text;
  const auto wrong =
      faults_before(result, faults, judgement.event, judgement.transaction, kMostFaultsBefore);
  const std::string told = indent(lay_out(wrong, names, paint));
  if (!told.empty() && told != told_before) {
    text += paint(Tone::Faint, "      what went wrong before\n") + told;
    told_before = told;
  }
  const auto chain_of = [&](std::uint64_t event, const char* what) {
    const auto chain = causes(result, index, faults, event, kMostCauses);
    const bool cut = !chain.empty() && result.trace[chain.front().place].cause != 0;
    text += paint(Tone::Faint,
                  fmt::format("      {}{} (event {})\n", cut ? "the end of " : "", what, event));
    text += indent(lay_out(chain, names, paint));
  };
  for (const std::uint64_t side : judgement.sides) {
    if (side != 0 && side != judgement.event) chain_of(side, "what led to the other side");
  }
  if (judgement.event != 0) {
    chain_of(judgement.event, "what led there, the last line broke it");
  } else if (judgement.transaction != 0) {
    const auto lines = last_of(result, index, faults, judgement.transaction, kMostCauses, width);
    text += paint(Tone::Faint, fmt::format("      the last of {} before the end\n",
                                           transaction_text(judgement.transaction)));
    text += indent(lay_out(lines, names, paint));
  }
  return text;
}

std::string text_verdicts(const Report& report, const TextSettings& settings) {
  const RunResult& result = *report.result;
  std::string text = "\n" + settings.paint(Tone::Strong, "Verdicts") + "\n";
  std::string told;
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict != Verdict::Violated) continue;
    text += violation(report, judgement, settings, told);
  }
  text += listed(result, Verdict::Holds, settings.paint(Tone::Good, "✓ holds         "), settings);
  text += listed(result, Verdict::Vacuous, "- vacuous       ", settings);
  text += listed(result, Verdict::NotApplicable, "- not applicable", settings);
  return text;
}

std::string text_counters(const RunResult& result, const TextSettings& settings) {
  std::string text = "\n" + settings.paint(Tone::Strong, "Counters") + "\n";
  for (const CounterRow& row : counter_rows(result)) {
    text += "  " + pad(row.label, 16) + " " + row.value + "\n";
    for (const std::string& line : wrap_items(row.parts, settings.width - 19)) {
      text += "  " + pad("", 16) + " " + line + "\n";
    }
  }
  return text;
}

}  // namespace txsim
