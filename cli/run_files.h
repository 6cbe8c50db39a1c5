// The files that `txsim run` writes, each in a format of its own: of one run, or of all together.
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
// More orders are not told one by one.
inline constexpr std::uint64_t kMostOrdersListed = 100'000;

// What the reports are made from; `again`: the command that runs it again.
Report report_on(const RunResult& result, std::string again);

class RunFiles {
 public:
  // Adds an option for each format.
  void add_options(CLI::App& command);

  bool any() const { return !wanted().empty(); }
  bool takes_standard_output() const;
  // Throws InputError for files that cannot be written, that are the same, or one of the scenarios
  // itself; and for several scenarios where a file is of one run.
  void check(const std::vector<std::string>& scenarios) const;
  // Of one run. Throws InputError for the first that could not be written.
  void write(const Report& report);
  // Of all runs. Likewise.
  void finish() const;

 private:
  std::vector<std::size_t> wanted() const;  // places in the table of formats

  std::vector<std::string> paths_;  // by format; empty: not wanted
  StateMachines machines_;
};

}  // namespace txsim
