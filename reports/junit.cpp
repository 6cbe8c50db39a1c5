#include "reports/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <sstream>

#include "reports/names.h"
#include "runs/expectations.h"
#include "runs/promises.h"

namespace txsim {
namespace {

// Line by line, because `printable` would replace the ends of lines, too.
std::string printable_lines(const std::string& text) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);) result += printable(line) + "\n";
  return result;
}

std::string count(const std::vector<JUnitCase>& cases, JUnitCase::Result result) {
  return std::to_string(std::count_if(cases.begin(), cases.end(),
                                      [&](const JUnitCase& one) { return one.result == result; }));
}

void add_counts(pugi::xml_node node, const std::vector<JUnitCase>& cases) {
  node.append_attribute("name") = "txsim";
  node.append_attribute("tests") = std::to_string(cases.size()).c_str();
  node.append_attribute("failures") = count(cases, JUnitCase::Result::Failed).c_str();
  node.append_attribute("errors") = count(cases, JUnitCase::Result::Error).c_str();
}

void add_case(pugi::xml_node suite, const JUnitCase& one, const std::string& name) {
  pugi::xml_node node = suite.append_child("testcase");
  node.append_attribute("name") = printable(name).c_str();
  node.append_attribute("classname") = one.group.c_str();
  if (one.result == JUnitCase::Result::Passed) return;
  const bool failed = one.result == JUnitCase::Result::Failed;
  pugi::xml_node why = node.append_child(failed ? "failure" : "error");
  why.append_attribute("message") = printable(one.message).c_str();
  why.append_attribute("type") = failed ? "expectation" : "scenario";
  why.text() = printable_lines(one.details).c_str();
}

// The expectations over all runs that are not met.
void add_unmet(const SweepSummary& summary, std::size_t cell, JUnitCase& one) {
  if (!summary.judges_expectations()) return;
  for (const HeldPortion& held : summary.expectations(cell)) {
    if (held.met) continue;
    const std::string line = fmt::format("expected: {}; seen: {}", held.expected.text, held.seen);
    if (one.result == JUnitCase::Result::Passed) {
      one.details = summary.header().cells[cell].title + "\n";
    }
    one.result = JUnitCase::Result::Failed;
    one.message += (one.message.empty() ? "" : "; ") + line;
    one.details +=
        fmt::format("{} ({}:{})\n", line, held.expected.place.file, held.expected.place.line);
  }
}

// The promises that are not proved with all mechanisms on.
void add_unproved(const MatrixReport& report, std::size_t row, JUnitCase& one) {
  const MatrixPlan& plan = *report.plan;
  for (std::size_t fault = 0; fault < plan.faults.size(); ++fault) {
    for (std::size_t i = 0; i < invariants().size(); ++i) {
      const CellState state = report.result->cell(plan, row, fault, i).state;
      const bool is_kept = state == CellState::Proved || state == CellState::NotApplicable;
      if (is_kept || !is_promised(plan.rows[row].protocol, invariants()[i].name)) continue;
      const bool is_cut = state == CellState::NotExhausted;
      if (one.result != JUnitCase::Result::Failed) {
        one.result = is_cut ? JUnitCase::Result::Error : JUnitCase::Result::Failed;
      }
      const std::string line =
          fmt::format("{} {} under {}", invariants()[i].name, text(state), plan.faults[fault].name);
      if (one.message.empty() || !is_cut) one.message = line;
      one.details += line + "\n";
    }
  }
}

bool is_any_cut(const MatrixReport& report, std::size_t row) {
  for (std::size_t fault = 0; fault < report.plan->faults.size(); ++fault) {
    for (std::size_t i = 0; i < invariants().size(); ++i) {
      if (report.result->cell(*report.plan, row, fault, i).state == CellState::NotExhausted) {
        return true;
      }
    }
  }
  return false;
}

JUnitCase case_of(const Scenario& scenario, bool passes) {
  JUnitCase one;
  one.name = scenario.name;
  one.group = fmt::format("txsim.{}", scenario.protocol_name());
  if (passes) return one;
  one.result = JUnitCase::Result::Failed;
  one.details = scenario.title + "\n";
  return one;
}

}  // namespace

JUnitCase junit_case(const ExploreReport& report) {
  const ExploreResult& result = *report.result;
  JUnitCase one = case_of(*report.scenario, result.passes());
  if (result.passes()) return one;
  if (result.counterexample) {
    const Counterexample& found = *result.counterexample;
    one.message = fmt::format("{} is violated after {} choices", found.schedule.violated,
                              found.schedule.steps.size());
    if (!found.explanation.empty()) one.details += found.explanation + "\n";
    for (const Schedule::Step& step : found.schedule.steps) one.details += step.label + "\n";
  } else if (result.search.end == SearchEnd::Exhausted) {
    one.message = "nothing is violated, and the scenario expects a violation";
  } else {
    one.result = JUnitCase::Result::Error;
    one.message = fmt::format("not exhausted: {} stopped the search after {} states",
                              bound_text(report), result.search.states);
    if (!report.resume.empty()) one.details += "to go on: " + report.resume + "\n";
  }
  one.details += "again: " + report.again + "\n";
  return one;
}

std::vector<JUnitCase> junit_cases(const MatrixReport& report) {
  const std::vector<std::string> unneeded = unneeded_mechanisms(*report.plan, *report.result);
  std::vector<JUnitCase> cases;
  for (std::size_t row = 0; row < report.plan->rows.size(); ++row) {
    const MatrixPlan::Row& of = report.plan->rows[row];
    JUnitCase one;
    one.name = of.protocol + " " + row_name(*report.plan, row);
    one.group = "txsim." + of.protocol;
    const std::string& key = of.mechanism.key;
    if (of.is_all_on()) {
      add_unproved(report, row, one);
    } else if (std::find(unneeded.begin(), unneeded.end(), key) != unneeded.end()) {
      const bool is_cut = is_any_cut(report, row);
      one.result = is_cut ? JUnitCase::Result::Error : JUnitCase::Result::Failed;
      one.message = fmt::format("nothing is violated without {}{}", key,
                                is_cut ? " in what was searched" : "");
    }
    if (one.result != JUnitCase::Result::Passed) one.details += "again: " + report.again + "\n";
    cases.push_back(std::move(one));
  }
  return cases;
}

JUnitCase junit_case(const Report& report) {
  const RunResult& result = *report.result;
  JUnitCase one = case_of(*result.scenario, result.all_met);
  if (result.all_met) return one;
  for (const Met& met : result.expectations) {
    if (met.met) continue;
    const std::string line = fmt::format("expected: {}; seen: {}", met.expectation.text, met.seen);
    if (one.message.empty()) one.message = line;
    one.details += line + "\n";
  }
  for (const Judgement& judgement : result.verdicts.judgements) {
    if (judgement.verdict != Verdict::Violated) continue;
    if (is_expected_violation(result, judgement.invariant)) continue;
    if (is_told_only(result, judgement.invariant)) continue;
    one.details += fmt::format("{} violated: {}\n", judgement.invariant, judgement.explanation);
  }
  one.details += "again: " + report.again + "\n";
  return one;
}

std::vector<JUnitCase> junit_cases(const SweepSummary& summary) {
  std::vector<JUnitCase> cases;
  const SweepHeader& header = summary.header();
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    const SweepCellName& cell = header.cells[i];
    const SweepTotals& totals = summary.cells()[i];
    JUnitCase one;
    one.name = cell.file;
    for (const std::string& setting : cell.varied) one.name += " " + setting;
    one.group = "txsim." + cell.protocol;
    if (totals.violated > 0) {
      one.result = JUnitCase::Result::Failed;
      one.message = fmt::format("{} of {} runs violate an invariant", totals.violated, totals.runs);
      one.details = cell.title + "\n";
    }
    add_unmet(summary, i, one);
    for (std::size_t place = 0; place < invariants().size(); ++place) {
      if (!totals.first_violated[place]) continue;
      SweepRun first;
      first.cell = static_cast<std::uint32_t>(i);
      first.seed = *totals.first_violated[place];
      one.details +=
          fmt::format("{} violated in {} runs, first: {}\n", invariants()[place].name,
                      totals.verdicts[place][static_cast<std::size_t>(Verdict::Violated)],
                      header.replay(first));
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

std::string junit_report(const std::vector<JUnitCase>& cases) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("testsuites");
  add_counts(root, cases);
  pugi::xml_node suite = root.append_child("testsuite");
  add_counts(suite, cases);
  std::map<std::string, int> times;  // the same scenario may have run more than once
  for (const JUnitCase& one : cases) {
    const int time = ++times[one.name];
    add_case(suite, one, time == 1 ? one.name : fmt::format("{} ({})", one.name, time));
  }
  std::ostringstream text;
  document.save(text, "  ", pugi::format_default, pugi::encoding_utf8);
  return text.str();
}

}  // namespace txsim
