// Test reports as CI servers read them: one suite, with one case for each scenario, for each
// combination of a sweep, or for each row of a matrix.
//
// Source: the format of Ant's junit task, with only those elements and attributes that the common
// schemas know (Jenkins xunit-plugin's junit-10.xsd, Windy Road's JUnit.xsd without its required
// host names and times, which would differ from run to run).
#pragma once

#include <string>
#include <vector>

#include "reports/explore_text.h"
#include "reports/matrix_text.h"
#include "reports/report.h"
#include "reports/sweep_summary.h"

namespace txsim {

struct JUnitCase {
  enum class Result { Passed, Failed, Error };  // Error: it could not be run
  std::string name;                             // the scenario's path, and what is varied
  std::string group;                            // "classname": the protocol
  Result result = Result::Passed;
  std::string message;  // Failed, Error: in one line
  std::string details;  // Failed, Error: also what to do about it
};

// What was not as expected, why, and the command that repeats the run.
JUnitCase junit_case(const Report& report);
// A case for each combination: which invariants were violated, how often, and the command that
// replays the first violated run.
std::vector<JUnitCase> junit_cases(const SweepSummary& summary);
// What the search has found, with the command that repeats it. A search that a bound has stopped
// proves nothing: an error.
JUnitCase junit_case(const ExploreReport& report);
// A case for each row. With all mechanisms on, the promises of the protocol are to be proved;
// without a mechanism, something is to be violated. An error: a search was cut short.
std::vector<JUnitCase> junit_cases(const MatrixReport& report);

// An XML document. Repeated names are numbered. Characters that XML does not allow are replaced.
std::string junit_report(const std::vector<JUnitCase>& cases);

}  // namespace txsim
