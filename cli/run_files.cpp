#include "cli/run_files.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>

#include "cli/command.h"
#include "cli/files.h"
#include "reports/chrome_trace.h"
#include "reports/mermaid.h"
#include "reports/run_page.h"
#include "reports/shiviz.h"
#include "reports/time_space.h"
#include "reports/trace_lines.h"
#include "scenarios/language.h"

namespace txsim {
namespace {

// A trace may be too large to hold as one text.
void write_trace(const Report& report, OutputFile& file) {
  constexpr std::size_t kPiece = 1U << 20;
  std::string text = trace_header(*report.result);
  const TraceLines lines(*report.result);
  for (const TraceRecord& record : report.result->trace) {
    lines.append(record, text);
    if (text.size() < kPiece) continue;
    file.write(text);
    text.clear();
  }
  file.write(text);
}

template <std::string (*Render)(const Report&)>
void write_whole(const Report& report, OutputFile& file) {
  file.write(Render(report));
}

std::string mermaid(const Report& report) { return mermaid_diagram(report); }
std::string time_space(const Report& report) { return time_space_diagram(report); }

struct Format {
  const char* option;
  const char* help;
  void (*write)(const Report&, OutputFile&);  // null: one file for all runs together
};

constexpr Format kFormats[] = {
    {"--trace", "Write every event as JSON Lines (- for stdout)", write_trace},
    {"--svg", "Draw a time-space diagram (- for stdout)", write_whole<time_space>},
    {"--html", "Write an HTML page that shows the run moment by moment (- for stdout)",
     write_whole<run_page>},
    {"--mermaid", "Write a sequence diagram (- for stdout)", write_whole<mermaid>},
    {"--shiviz", "Write a log with vector clocks for ShiViz (- for stdout)",
     write_whole<shiviz_log>},
    {"--chrome-trace", "Write trace events that Perfetto opens (- for stdout)",
     write_whole<chrome_trace>},
    {"--dot", "Write the observed state machines for Graphviz (- for stdout)", nullptr},
};

}  // namespace

Report report_on(const RunResult& result, std::string again) {
  Report report{&result, {}, std::move(again)};
  for (const Fault& fault : result.faults_met) {
    report.faults_met.push_back(fault_text(fault, *result.scenario, result.spec->dictionary));
  }
  return report;
}

void RunFiles::add_options(CLI::App& command) {
  paths_.resize(std::size(kFormats));
  for (std::size_t i = 0; i < std::size(kFormats); ++i) {
    command.add_option(kFormats[i].option, paths_[i], kFormats[i].help)->type_name("FILE");
  }
}

std::vector<std::size_t> RunFiles::wanted() const {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    if (!paths_[i].empty()) places.push_back(i);
  }
  return places;
}

bool RunFiles::takes_standard_output() const {
  return std::find(paths_.begin(), paths_.end(), "-") != paths_.end();
}

void RunFiles::check(const std::vector<std::string>& scenarios) const {
  const std::vector<std::size_t> places = wanted();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::string& path = paths_[places[i]];
    for (std::size_t j = 0; j < i; ++j) {
      if (paths_[places[j]] != path) continue;
      const char* first = kFormats[places[j]].option;
      const char* second = kFormats[places[i]].option;
      throw InputError(
          path == "-" ? fmt::format("{} and {} cannot both go to standard output", first, second)
                      : fmt::format("{} and {} name the same file", first, second));
    }
    check_writable(path);
    if (scenarios.size() != 1 && kFormats[places[i]].write != nullptr) {
      throw InputError(fmt::format("{} writes one run; {} scenarios are given",
                                   kFormats[places[i]].option, scenarios.size()));
    }
    check_no_input(path, scenarios);
  }
}

void RunFiles::write(const Report& report) {
  for (const std::size_t place : wanted()) {
    if (kFormats[place].write == nullptr) {
      machines_.add(*report.result);
      continue;
    }
    OutputFile file(paths_[place]);
    kFormats[place].write(report, file);
    file.finish();
  }
}

void RunFiles::finish() const {
  for (const std::size_t place : wanted()) {
    if (kFormats[place].write != nullptr) continue;
    OutputFile file(paths_[place]);
    file.write(machines_.dot());
    file.finish();
  }
}

}  // namespace txsim
