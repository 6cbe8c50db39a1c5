// The files that `txsim run` writes of one run, each in a format of its own.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "reports/report.h"

namespace txsim {

class RunFiles {
 public:
  // Adds an option for each format.
  void add_options(CLI::App& command);

  bool any() const { return !wanted().empty(); }
  bool takes_standard_output() const;
  // Throws InputError for files that cannot be written, that are the same, or one of the scenarios
  // itself; and for several scenarios, since these files are of one run.
  void check(const std::vector<std::string>& scenarios) const;
  // Throws InputError for the first that could not be written.
  void write(const Report& report) const;

 private:
  std::vector<std::size_t> wanted() const;  // places in the table of formats

  std::vector<std::string> paths_;  // by format; empty: not wanted
};

}  // namespace txsim
