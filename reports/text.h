// A run as one screen of text.
#pragma once

#include <string>
#include <vector>

#include "reports/paint.h"
#include "reports/report.h"

namespace txsim {

struct TextSettings {
  Paint paint;
  std::size_t width = 100;
  std::size_t timeline_lines = 60;  // see TimelineSettings::most_lines; 0: no timeline
};

// The whole report: transactions, timeline, verdicts, counters, expectations, and the command that
// repeats the run.
std::string text_report(const Report& report, const TextSettings& settings);
// Only what is not as expected; empty if all is.
std::string text_failures(const Report& report, const TextSettings& settings);

// One line for each of many runs: "✓ order/commit.ini  Both commit". With a width other than 0 it
// is wrapped.
std::string text_line(const RunResult& result, std::size_t name_width, std::size_t width,
                      const Paint& paint);
// "12 scenarios: 11 as expected, 1 not".
struct Tally {
  std::uint64_t as_expected = 0;
  std::uint64_t not_as_expected = 0;
  std::uint64_t unreadable = 0;
};
std::string text_summary(const Tally& tally, const Paint& paint);

// Parts of the report; each ends with a line break, or is empty if there is nothing to say.
std::string text_transactions(const RunResult& result, const TextSettings& settings);
// What led to a violation. `told_before`: the failures as they were printed last, so that they are
// not printed twice.
std::string text_evidence(const Report& report, const Judgement& judgement,
                          const TextSettings& settings, std::string& told_before);
// "durability"; with the reason if it is vacuous: "convergence (cut off ...)".
std::string name_with_reason(const Judgement& judgement);
std::string text_verdicts(const Report& report, const TextSettings& settings);
std::string text_counters(const RunResult& result, const TextSettings& settings);
std::string text_expectations(const RunResult& result, const TextSettings& settings);

}  // namespace txsim
