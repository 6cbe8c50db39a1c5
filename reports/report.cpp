#include "reports/report.h"

#include <algorithm>

namespace txsim {

std::vector<std::string> fault_texts(const Report& report) {
  std::vector<std::string> texts = report.result->scenario->fault_texts;
  texts.resize(report.result->scenario->faults.size());
  texts.insert(texts.end(), report.faults_met.begin(), report.faults_met.end());
  return texts;
}

bool is_expected_violation(const RunResult& result, std::string_view invariant) {
  const auto& expectations = result.scenario->expectations;
  return std::any_of(expectations.begin(), expectations.end(), [&](const Expectation& e) {
    return e.kind == Expectation::Kind::Verdict && e.subject == invariant &&
           e.verdict == text(Verdict::Violated);
  });
}

}  // namespace txsim
