#include "tests/fuzz/targets.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/sweep_rows.h"
#include "reports/sweep_summary.h"
#include "runs/rehearsal.h"
#include "runs/run.h"
#include "runs/schedule.h"
#include "scenarios/language.h"
#include "sim/assert.h"

namespace txsim::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "scenarios/order/tcc/fuzz.ini";
constexpr int kMostSteps = 2'000;
constexpr std::size_t kMostChoices = 200;

// The files that a scenario may include, read once. No other file is ever opened.
const std::map<std::string, std::string>& library() {
  static const auto files = [] {
    std::map<std::string, std::string> all;
    const fs::path root = TXSIM_SOURCE_DIR;
    for (const auto& entry : fs::recursive_directory_iterator(root / "scenarios/order")) {
      if (entry.path().extension() != ".ini") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      all[fs::relative(entry.path(), root).generic_string()] = {
          std::istreambuf_iterator<char>(file), {}};
    }
    return all;
  }();
  return files;
}

ParsedScenario parse(std::string_view text, const std::vector<std::string>& settings) {
  const auto read = [&](const std::string& path) -> FileText {
    const std::string name = fs::path(path).lexically_normal().generic_string();
    if (name == kFile) return {std::string(text), ""};
    const auto found = library().find(name);
    if (found == library().end()) return {std::nullopt, "no such file"};
    return {found->second, ""};
  };
  return parse_scenario(kFile, read, settings);
}

// Every fault's sentence must parse back to the same fault.
void check_sentences(std::string_view text, const Scenario& scenario, const WorldSpec& spec,
                     const std::vector<Fault>& faults) {
  if (faults.empty()) return;
  std::vector<std::string> settings;
  for (const Fault& fault : faults) {
    settings.push_back("faults.fault=" + fault_text(fault, scenario, spec.dictionary));
  }
  const ParsedScenario again = parse(text, settings);
  if (!again.scenario) throw Defect("a fault that was written out: " + again.errors[0].message);
  if (again.scenario->faults != faults) throw Defect("a fault is read back as another");
}

void run_parsed(std::string_view text, const ParsedScenario& parsed) {
  TXSIM_ASSERT(parsed.scenario != nullptr || !parsed.errors.empty(), "neither scenario nor error");
  if (!parsed.scenario) return;
  const Scenario& scenario = *parsed.scenario;
  const auto spec = build_world(scenario, false);
  check_sentences(text, scenario, *spec, scenario.faults);
  World world(spec, make_judge_for(scenario, false));
  const Time until{std::min(scenario.horizon, seconds(60)).ns};
  for (int i = 0; i < kMostSteps && world.has_pending(until); ++i) world.step();
  finish_run(parsed.scenario, spec, world);
}

}  // namespace

void scenario(std::string_view bytes) { run_parsed(bytes, parse(bytes, {})); }

void faults(std::string_view bytes) {
  std::vector<std::string> settings;
  while (!bytes.empty() && settings.size() < 8) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const char* key = settings.empty() ? "scenario.protocol=" : "faults.fault=";
    settings.push_back(key + std::string(bytes.substr(0, end)));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  constexpr std::string_view kText =
      "include = ../domain.ini\n[workload]\norders = 3\n[scenario]\nhorizon = 5s\n";
  run_parsed(kText, parse(kText, settings));
}

void results(std::string_view bytes) {
  std::optional<SweepSummary> summary;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (const ReadHeader read = read_header(line); read.header) {
      const std::string text = header_line(*read.header);
      const ReadHeader again = read_header(text);
      if (!again.header || header_line(*again.header) != text) {
        throw Defect("a header is read back as another: " + text);
      }
      if (read.header->cells.size() <= 8) summary.emplace(*read.header);
    }
    if (const ReadRow read = read_row(line); read.run) {
      std::string text;
      append_row(*read.run, text);
      const ReadRow again = read_row(text);
      std::string twice;
      if (again.run) append_row(*again.run, twice);
      if (twice != text) throw Defect("a row is read back as another: " + text);
      if (summary && read.run->cell < summary->cells().size()) summary->add(*read.run);
    }
  }
  if (summary) text_summary(*summary, Paint());
}

void schedules(std::string_view bytes) {
  const ParsedSchedule parsed = parse_schedule(std::string(bytes));
  if (!parsed.error.empty()) return;
  const std::string written = schedule_text(parsed.schedule);
  const ParsedSchedule again = parse_schedule(written);
  if (!again.error.empty()) throw Defect("a schedule that was written out: " + again.error);
  if (schedule_text(again.schedule) != written) throw Defect("a schedule is read back as another");
  const auto found = library().find(parsed.schedule.scenario);
  if (found == library().end()) return;
  const ParsedScenario read = parse(found->second, parsed.schedule.settings);
  if (!read.scenario || read.scenario->workload.orders > 100) return;
  Schedule some = parsed.schedule;
  if (some.steps.size() > kMostChoices) some.steps.resize(kMostChoices);
  const WorldModel model(read.scenario, some.budget, ~std::uint32_t{0});
  Rehearsal rehearsal(model);
  const Replay replayed = replay(some, rehearsal);
  TXSIM_ASSERT(replayed.differs || replayed.steps == some.steps.size(),
               "steps that were not taken");
  World& world = rehearsal.world();
  const Time until{std::min(read.scenario->horizon, seconds(60)).ns};
  for (int i = 0; i < kMostSteps && world.has_pending(until); ++i) world.step();
  finish_run(read.scenario, model.spec(false), world);
}

}  // namespace txsim::fuzz
