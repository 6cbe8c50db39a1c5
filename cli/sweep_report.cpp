#include "cli/sweep_report.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "cli/files.h"
#include "cli/run_files.h"
#include "cli/sweep_results.h"
#include "reports/run_page.h"
#include "reports/sweep_page.h"
#include "scenarios/language.h"

namespace txsim {
namespace {

namespace fs = std::filesystem;

// Nothing if the run cannot be repeated: its scenario is missing or has changed, or the run is
// longer than the longest trace kept.
std::optional<std::string> page_of(const SweepHeader& header, const SweepRun& run) {
  const SweepCellName& cell = header.cells[run.cell];
  std::vector<std::string> settings = header.settings;
  settings.insert(settings.end(), cell.varied.begin(), cell.varied.end());
  settings.push_back(fmt::format("scenario.seed={}", run.seed));
  const ParsedScenario parsed = parse_scenario(cell.file, read_file, settings);
  const bool is_there = parsed.scenario != nullptr && parsed.scenario->digest == cell.scenario;
  if (!is_there || run.events > kMostEventsKept) return std::nullopt;
  RunOptions options;
  options.keep_trace = true;
  options.keep_transactions = parsed.scenario->workload.orders <= kMostOrdersListed;
  const RunResult result = run_scenario(parsed.scenario, options);
  if (result.digest != run.digest) return std::nullopt;  // made by another version
  return run_page(report_on(result, header.replay(run)));
}

}  // namespace

void write_sweep_report(const std::string& folder, const std::string& file,
                        const SweepSummary& summary) {
  std::vector<std::string> links;
  const fs::path runs = fs::path(folder) / "runs";
  for (const SweepRun& run : summary.first_violations()) {
    links.emplace_back();
    const std::optional<std::string> page = page_of(summary.header(), run);
    if (!page) continue;
    const std::string name = fmt::format("cell-{}-seed-{}.html", run.cell, run.seed);
    make_folder(runs.string());
    write_file(runs / name, *page);
    links.back() = "runs/" + name;
  }
  write_file(fs::path(folder) / file, sweep_page(summary, links));
}

}  // namespace txsim
