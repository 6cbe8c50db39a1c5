// The files that `txsim run` writes, each in its own format: for one run, or for all together.
#pragma once

#include <string>
#include <vector>

#include "reports/report.h"
#include "reports/state_machines.h"

namespace CLI {
class App;
}

namespace txsim {

// Longer traces are not kept at all (64 bytes an event).
inline constexpr std::uint64_t kMostEventsKept = 50'000'000;
// More orders are not listed one by one.
inline constexpr std::uint64_t kMostOrdersListed = 100'000;

// The input of the reports; `again`: the command that repeats the run.
Report report_on(const RunResult& result, std::string again);

class RunFiles {
 public:
  // Adds an option for each format.
  void add_options(CLI::App& command);

  bool any() const { return !wanted().empty(); }
  bool takes_standard_output() const;
  // Throws InputError for files that cannot be written, that are equal, or that are a scenario;
  // and for several scenarios if a file holds only one run.
  void check(const std::vector<std::string>& scenarios) const;
  // Writes the files of one run. Throws InputError for the first that could not be written.
  void write(const Report& report);
  // Likewise for all runs together.
  void finish() const;

 private:
  std::vector<std::size_t> wanted() const;  // places in the table of formats

  std::vector<std::string> paths_;  // by format; empty: not wanted
  StateMachines machines_;
};

}  // namespace txsim
