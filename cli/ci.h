// Reports to CI servers on the scenarios that ran: a JUnit file if --junit names one, and on
// GitHub (GITHUB_ACTIONS=true) an annotation for each failure and a table in the step's summary.
#pragma once

#include <string>
#include <vector>

#include "reports/junit.h"
#include "scenarios/language.h"

namespace CLI {
class App;
}

namespace txsim {

class CiReport {
 public:
  // Adds the option --junit.
  void add_option(CLI::App& command);
  // Throws InputError if the file cannot be written, or is one of the scenarios.
  void check(const std::vector<std::string>& scenarios) const;
  bool takes_standard_output() const { return junit_ == "-"; }

  void add(const Report& report);
  void add(const SweepSummary& summary);
  void add(const ExploreReport& report);
  void add(const MatrixReport& report);
  // For incomplete work: a case that did not pass, whatever the results of what was done.
  void add_incomplete(const std::string& why);
  void add_unreadable(const std::string& file, const std::vector<ScenarioError>& errors);
  // Writes the reports. Throws InputError if one cannot be written.
  void finish() const;

 private:
  // `file`: what the annotation names; empty: none.
  void add_case(const JUnitCase& one, const std::string& file);
  void write_summary(const std::string& path) const;

  std::string junit_;
  std::vector<JUnitCase> cases_;
};

}  // namespace txsim
