// Reports of a hand-made run.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "reports/json.h"
#include "reports/mermaid.h"
#include "reports/names.h"
#include "reports/paint.h"
#include "reports/text.h"
#include "reports/timeline.h"
#include "reports/trace_lines.h"
#include "tests/contains.h"
#include "tests/golden.h"
#include "tests/reports/sample_run.h"

namespace {

using namespace txsim;

Report report_on(const RunResult& result) {
  return {&result, {}, "txsim run scenarios/order/sample.ini --seed 7"};
}

std::string trace_text(const RunResult& result) {
  std::string text = trace_header(result);
  const TraceLines lines(result);
  for (const TraceRecord& record : result.trace) lines.append(record, text);
  return text;
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("reports: a run as one screen of text") {
  const RunResult result = sample::broken_commit();
  const std::string text = text_report(report_on(result), {});
  CHECK(text == golden("reports/broken-commit.txt", text));
}

TEST_CASE("reports: a run as a Mermaid sequence diagram") {
  const RunResult result = sample::broken_commit();
  const std::string text = mermaid_diagram(report_on(result));
  CHECK(text == golden("reports/broken-commit.mmd", text));
}

TEST_CASE("reports: a trace as JSON Lines") {
  const RunResult result = sample::broken_commit();
  const std::string text = trace_text(result);
  CHECK(text == golden("reports/broken-commit.jsonl", text));
}

TEST_CASE("reports: a run as JSON") {
  const RunResult result = sample::broken_commit();
  const std::string text = json_report(report_on(result)) + "\n";
  CHECK(text == golden("reports/broken-commit.json", text));
}

TEST_CASE("reports: every line of a trace is one JSON object with the same fields") {
  const RunResult result = sample::broken_commit();
  const std::string text = trace_text(result);
  std::istringstream lines(text);
  std::string line;
  REQUIRE(std::getline(lines, line));
  const auto header = nlohmann::json::parse(line);
  CHECK(header["format"] == "txsim-trace");
  CHECK(header["version"] == 2);
  std::size_t records = 0;
  while (std::getline(lines, line)) {
    const auto record = nlohmann::json::parse(line);
    CHECK(record.size() == 13);
    CHECK(record["seq"] == ++records);
  }
  CHECK(records == result.trace.size());
}

TEST_CASE("reports: the violated invariant is shown with the message that violated it") {
  const RunResult result = sample::broken_commit();
  const std::string text = text_verdicts(report_on(result), {});
  CHECK(contains(text, "✗ violated       atomicity, as expected"));
  CHECK(contains(text, "──Commit──✗ point (partition)"));
}

TEST_CASE("reports: quiet prints nothing if all expectations are met") {
  RunResult result = sample::broken_commit();
  CHECK(contains(text_failures(report_on(result), {}), "convergence holds, but"));
  result.all_met = true;
  CHECK(text_failures(report_on(result), {}).empty());
}

TEST_CASE("reports: without colour there is no escape character, with colour text is the same") {
  const RunResult result = sample::broken_commit();
  const std::string plain = text_report(report_on(result), {});
  std::string colored = text_report(report_on(result), {Paint(true), 100, 60});
  CHECK_FALSE(contains(plain, "\x1b"));
  CHECK(contains(colored, "\x1b[31m"));
  for (std::size_t at = colored.find('\x1b'); at != std::string::npos; at = colored.find('\x1b')) {
    colored.erase(at, colored.find('m', at) - at + 1);
  }
  CHECK(colored == plain);
}

TEST_CASE("reports: no line of the text exceeds the requested width") {
  const RunResult result = sample::broken_commit();
  std::istringstream lines(text_report(report_on(result), {Paint(false), 100, 60}));
  std::string line;
  while (std::getline(lines, line)) {
    INFO(line);
    CHECK(columns(line) <= 100);
  }
}

TEST_CASE("reports: text beside a name is on its line, in a column, or below it") {
  const auto told = [](std::size_t width) {
    return beside("name  ", 6, {{Tone::Plain, "some words on what it is"}, {Tone::Faint, "(more)"}},
                  width, Paint());
  };
  CHECK(told(0) == "name  some words on what it is  (more)\n");
  CHECK(told(80) == "name  some words on what it is\n      (more)\n");
  CHECK(told(46) == told(80));
  CHECK(told(30) == "name\n    some words on what it is\n    (more)\n");
  CHECK(beside("name  ", 6, {{Tone::Plain, ""}}, 80, Paint()) == "name  \n");
}

TEST_CASE("reports: a long timeline is cut in the middle, with the number of omitted events") {
  const RunResult result = sample::many_orders(100);
  const std::string cut = timeline(result, {}, {10, 100, Paint()});
  CHECK(lines_of(cut) == 11);
  CHECK(contains(cut, "T1 "));
  CHECK(contains(cut, "T100"));
  CHECK(contains(cut, "… 180 events left out here"));
  const std::string all = timeline(result, {}, {TimelineSettings::kAll, 100, Paint()});
  CHECK(lines_of(all) == 100);
}

TEST_CASE("reports: a very long timeline omits events") {
  const RunResult result = sample::many_orders(30'000);
  const std::string cut = timeline(result, {}, {10, 100, Paint()});
  CHECK(lines_of(cut) == 11);
  CHECK(contains(cut, "T30000"));
  CHECK(contains(cut, "… 59980 events left out here"));
}

TEST_CASE("reports: of many transactions the unusual ones are listed") {
  RunResult result = sample::many_orders(100);
  result.verdicts.transactions[50].ending = Ending::Mixed;
  const std::string text = text_transactions(result, {});
  CHECK(lines_of(text) == 13);
  CHECK(contains(text, "T51 "));
  CHECK(contains(text, "… and 90 more"));
}

TEST_CASE("reports: a Mermaid diagram of a long run stays within Mermaid's limit") {
  const RunResult result = sample::many_orders(10'000);
  const std::string text = mermaid_diagram(report_on(result));
  CHECK(text.size() < 50'000);
  CHECK(contains(text, "more left out"));
}

TEST_CASE(
    "reports: a violated invariant that is not promised is named if there are no expectations") {
  RunResult result = sample::many_orders(1);
  CHECK(contains(text_report(report_on(result), {}), "none, and no invariant is violated"));
  Judgement blocked;
  blocked.invariant = "non-blocking";
  blocked.verdict = Verdict::Violated;
  blocked.violations = 1;
  result.verdicts.judgements.push_back(blocked);
  const std::string text = text_report(report_on(result), {});
  CHECK_FALSE(contains(text, "no invariant is violated"));
  CHECK(contains(text, "none; violated and not promised: non-blocking"));
}

TEST_CASE("reports: an empty run can be reported") {
  RunResult result = sample::many_orders(0);
  CHECK(contains(text_report(report_on(result), {}), "none was submitted"));
  CHECK(contains(mermaid_diagram(report_on(result)), "sequenceDiagram"));
  CHECK(nlohmann::json::parse(json_report(report_on(result)))["events"] == 0);
}

TEST_CASE("reports: facts with invalid numbers are shown, but not used as indices") {
  RunResult result = sample::broken_commit();
  for (TraceRecord& record : result.trace) {
    record.extra = amount_and_kind(1, 999);
    record.step = 200;
    record.value = 1'000'000;
    if (record.peer != kNoNode) record.peer = 77;
  }
  CHECK(contains(text_report(report_on(result), {}), "node 77?"));
  CHECK_FALSE(mermaid_diagram(report_on(result)).empty());
  CHECK_FALSE(trace_text(result).empty());
}

TEST_CASE("reports: names and numbers read well") {
  CHECK(transaction_text(transaction_id(7, 0)) == "T7");
  CHECK(transaction_text(transaction_id(7, 1)) == "T7.2");
  CHECK(duration_text(milliseconds(1500)) == "1.5s");
  CHECK(duration_text(microseconds(1500)) == "1.5ms");
  CHECK(duration_text(nanoseconds(250)) == "250ns");
  CHECK(duration_text(seconds(0)) == "0ms");
  CHECK(time_text(Time{12'345'678}) == "12.345ms");
  CHECK(printable("a\x1b[31mb\n") == "a [31mb ");
}
