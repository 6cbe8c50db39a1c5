#include "cli/ci.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/terminal.h"
#include "reports/names.h"

namespace txsim {
namespace {

bool is_on_github() {
  const char* value = std::getenv("GITHUB_ACTIONS");
  return value != nullptr && std::string_view(value) == "true";
}

// A workflow command ends at the end of its line, and one of its properties at ',' or ':'.
std::string escape(std::string_view text, bool is_property) {
  std::string result;
  for (const char c : text) {
    const bool special =
        c == '%' || c == '\n' || c == '\r' || (is_property && (c == ',' || c == ':'));
    result += special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return result;
}

void annotate(const std::string& file, int line, std::string_view title, std::string_view text) {
  const std::string where = file.empty() ? "" : fmt::format("file={},", escape(file, true));
  const std::string at = line > 0 ? fmt::format("line={},", line) : "";
  print_error(
      fmt::format("::error {}{}title={}::{}", where, at, escape(title, true), escape(text, false)));
}

std::string table_cell(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) result += c == '|' ? std::string("\\|") : std::string(1, c);
  return result;
}

}  // namespace

void CiReport::add_option(CLI::App& command) {
  command.add_option("--junit", junit_, "Write a test report for CI servers (- for stdout)")
      ->type_name("FILE");
}

void CiReport::check(const std::vector<std::string>& scenarios) const {
  if (junit_.empty()) return;
  check_writable(junit_);
  check_no_input(junit_, scenarios);
}

void CiReport::add(const Report& report) {
  cases_.push_back(junit_case(report));
  if (!is_on_github()) return;
  for (const Met& met : report.result->expectations) {
    if (met.met) continue;
    annotate(
        met.expectation.place.file, met.expectation.place.line, report.result->scenario->title,
        fmt::format("expected: {}; seen: {}\n{}", met.expectation.text, met.seen, report.again));
  }
}

void CiReport::add(const SweepSummary& summary) {
  const std::vector<JUnitCase> cases = junit_cases(summary);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    add_case(cases[i], summary.header().cells[i].file);
  }
}

void CiReport::add(const ExploreReport& report) {
  add_case(junit_case(report), report.scenario->name);
}

void CiReport::add(const MatrixReport& report) {
  for (const JUnitCase& one : junit_cases(report)) add_case(one, "");
}

void CiReport::add_case(const JUnitCase& one, const std::string& file) {
  cases_.push_back(one);
  if (!is_on_github() || one.result == JUnitCase::Result::Passed) return;
  annotate(file, 0, one.message, one.details);
}

void CiReport::add_incomplete(const std::string& why) {
  cases_.push_back({"all runs", "txsim", JUnitCase::Result::Error, why, {}});
  if (is_on_github()) annotate("", 0, "txsim", why);
}

void CiReport::add_unreadable(const std::string& file, const std::vector<ScenarioError>& errors) {
  JUnitCase one{file, "txsim", JUnitCase::Result::Error, "cannot be read as a scenario", {}};
  for (const ScenarioError& error : errors) {
    one.details += text(error) + "\n";
    if (is_on_github()) annotate(error.place.file, error.place.line, one.message, error.message);
  }
  cases_.push_back(one);
}

void CiReport::finish() const {
  if (!junit_.empty()) {
    OutputFile file(junit_);
    file.write(junit_report(cases_));
    file.finish();
  }
  const char* summary = std::getenv("GITHUB_STEP_SUMMARY");
  if (is_on_github() && summary != nullptr && *summary != '\0') write_summary(summary);
}

// Earlier commands of the step may have written to GitHub's file.
void CiReport::write_summary(const std::string& path) const {
  std::ofstream file(path, std::ios::app | std::ios::binary);
  std::size_t bad = 0;
  for (const JUnitCase& one : cases_) bad += one.result == JUnitCase::Result::Passed ? 0U : 1U;
  file << fmt::format("### txsim: {} cases, {} not as expected\n\n", cases_.size(), bad);
  if (bad > 0) file << "| scenario | why |\n| --- | --- |\n";
  for (const JUnitCase& one : cases_) {
    if (one.result == JUnitCase::Result::Passed) continue;
    file << fmt::format("| {} | {} |\n", table_cell(one.name), table_cell(one.message));
  }
  file << "\n";
  file.flush();
  if (!file) throw InputError(path + ": cannot write the step's summary");
}

}  // namespace txsim
