// The verdicts of the text report, each violation with what led to it; and the counters.
#include <fmt/format.h>

#include <algorithm>

#include "reports/causes.h"
#include "reports/text.h"

namespace txsim {
namespace {

constexpr std::size_t kMostCauses = 8;
constexpr std::size_t kMostMishaps = 5;

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

// `told_before`: what went wrong as it was told last, so that it is not told twice.
std::string evidence(const Report& report, const Judgement& judgement, const TextSettings& settings,
                     std::string& told_before) {
  const RunResult& result = *report.result;
  if (result.trace.empty()) {
    return judgement.event == 0 ? "" : fmt::format("      broken by event {}\n", judgement.event);
  }
  const Names names(result);
  const TraceIndex index(result.trace);
  const std::vector<std::string> faults = fault_texts(report);
  const Paint& paint = settings.paint;
  const std::size_t width = settings.width > 60 ? settings.width - 34 : 30;
  std::string text;
  const auto wrong = mishaps(result, faults, judgement.event, judgement.transaction, kMostMishaps);
  const std::string told = indent(lay_out(wrong, names, paint));
  if (!told.empty() && told != told_before) {
    text += paint(Tone::Faint, "      what went wrong before\n") + told;
    told_before = told;
  }
  if (judgement.event != 0) {
    const auto chain = causes(result, index, faults, judgement.event, kMostCauses);
    const bool cut = !chain.empty() && result.trace[chain.front().place].cause != 0;
    text += paint(Tone::Faint,
                  fmt::format("      {}what led there, the last line broke it (event {})\n",
                              cut ? "the end of " : "", judgement.event));
    text += indent(lay_out(chain, names, paint));
  } else if (judgement.transaction != 0) {
    const auto lines = last_of(result, index, faults, judgement.transaction, kMostCauses, width);
    text += paint(Tone::Faint, fmt::format("      the last of {} before the end\n",
                                           transaction_text(judgement.transaction)));
    text += indent(lay_out(lines, names, paint));
  }
  return text;
}

std::string violation(const Report& report, const Judgement& judgement,
                      const TextSettings& settings, std::string& told_before) {
  const bool expected = is_expected_violation(*report.result, judgement.invariant);
  std::string often;
  if (judgement.violations > 1) often = fmt::format(", {} times", judgement.violations);
  std::string text = fmt::format(
      "  {} {}{}{}\n", settings.paint(expected ? Tone::Warning : Tone::Bad, "✗ violated      "),
      settings.paint(Tone::Strong, judgement.invariant), often, expected ? ", as expected" : "");
  for (const std::string& line : wrap_words(printable(judgement.explanation), settings.width - 6)) {
    text += "      " + line + "\n";
  }
  return text + evidence(report, judgement, settings, told_before);
}

std::string listed(const RunResult& result, Verdict verdict, const std::string& label,
                   const TextSettings& settings) {
  std::vector<std::string> names;
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict == verdict) names.emplace_back(judgement.invariant);
  }
  std::string text;
  for (const std::string& line : wrap_items(names, settings.width - 19)) {
    text += fmt::format("{}{} {}\n", text.empty() ? "  " : std::string(18, ' '),
                        text.empty() ? label : "", line);
  }
  return text;
}

std::string row(const std::string& label, const std::string& value) {
  return value.empty() ? "" : "  " + pad(label, 16) + " " + value + "\n";
}

std::string spread_text(const Spread& spread) {
  if (spread.count == 0) return "";
  const Duration mean{spread.total.ns / static_cast<std::int64_t>(spread.count)};
  if (spread.count == 1) return duration_text(spread.most);
  if (mean == spread.most) {
    return fmt::format("{} ({} times)", duration_text(mean), spread.count);
  }
  return fmt::format("{} on average, {} at most ({} times)", duration_text(mean),
                     duration_text(spread.most), spread.count);
}

// A mean with two decimals, without zeros at its end.
std::string mean_text(std::uint64_t total, std::uint64_t count) {
  const std::uint64_t hundredths = (total * 100 + count / 2) / count;
  if (hundredths % 100 == 0) return fmt::format("{}", hundredths / 100);
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

std::string messages_text(const RunResult& result, const TextSettings& settings) {
  const Statistics& counts = result.statistics;
  std::string total = fmt::format("{} sent, {} delivered", counts.sent, counts.delivered);
  if (counts.lost > 0) total += fmt::format(", {} lost", counts.lost);
  if (counts.duplicated > 0) total += fmt::format(", {} duplicated", counts.duplicated);
  if (counts.refused > 0) total += fmt::format(", {} refused", counts.refused);
  std::vector<std::string> types;
  for (const auto& [type, count] : counts.messages()) {
    types.push_back(fmt::format("{} {}", result.spec->dictionary.text(type), count));
  }
  std::sort(types.begin(), types.end());
  std::string text = row("messages", total);
  for (const std::string& line : wrap_items(types, settings.width - 19)) text += row("", line);
  return text;
}

std::string log_text(const RunResult& result, const TextSettings& settings) {
  NodeCounts all;
  std::vector<std::string> nodes;
  const Names names(result);
  for (NodeId node = 0; node < result.statistics.nodes.size(); ++node) {
    const NodeCounts& counts = result.statistics.nodes[node];
    if (counts.records == 0 && counts.forces == 0) continue;
    all.records += counts.records;
    all.forces += counts.forces;
    all.writes += counts.writes;
    nodes.push_back(fmt::format("{} {}/{}", names.node(node), counts.records, counts.forces));
  }
  if (nodes.empty()) return "";
  std::string text = row("log", fmt::format("{} records, {} forced, {} disk writes", all.records,
                                            all.forces, all.writes));
  if (nodes.size() == 1 || nodes.size() > 12) return text;
  for (const std::string& line : wrap_items(nodes, settings.width - 19)) text += row("", line);
  return text;
}

}  // namespace

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
  const Counters& counters = result.verdicts.counters;
  std::string text = "\n" + settings.paint(Tone::Strong, "Counters") + "\n";
  text += messages_text(result, settings);
  text += log_text(result, settings);
  if (counters.path_count > 0) {
    text += row("critical path",
                fmt::format("{} message delays, {} write delays",
                            mean_text(counters.path_message_delays, counters.path_count),
                            mean_text(counters.path_write_delays, counters.path_count)));
  }
  text += row("latency", spread_text(counters.latency));
  text += row("lock hold", spread_text(counters.lock_hold));
  text += row("lock wait", spread_text(counters.lock_wait));
  text += row("in doubt", spread_text(counters.in_doubt));
  if (counters.retries > 0) text += row("retries", fmt::format("{}", counters.retries));
  return text + row("events", fmt::format("{}, the last at {}; {}", result.statistics.events,
                                          time_text(result.end),
                                          result.idle ? "nothing was pending any more"
                                                      : "the horizon cut the run off"));
}

}  // namespace txsim
