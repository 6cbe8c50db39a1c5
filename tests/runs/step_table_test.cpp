// Every kind of step at every place under every protocol, with a crash at each event of the run and
// each message lost. Prints the numbers of runs as a table, which docs/findings.md shows.
#include "tests/runs/step_table.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <utility>

#include "tests/runs/promises.h"

namespace txsim::tests {
namespace {

constexpr Duration kDowns[] = {milliseconds(1), milliseconds(2800)};

Settings settings_of(const StepRow& row, const StepColumn& column) {
  Settings settings = column.settings;
  if (row[kFlow] != 0 && column.parallel != nullptr) settings.emplace_back(column.parallel);
  return settings;
}

std::shared_ptr<const Scenario> parsed(const std::string& written, const Settings& settings) {
  const auto read = [&](const std::string&) -> FileText { return {written, ""}; };
  const ParsedScenario parsed = parse_scenario("step.ini", read, settings);
  std::string errors;
  for (const ScenarioError& error : parsed.errors) errors += txsim::text(error) + "\n";
  INFO(written);
  INFO(errors);
  REQUIRE(parsed.scenario != nullptr);
  return parsed.scenario;
}

// The runs of one cell: without a fault, with a crash at each event, with each message lost.
Walked walk_cell(const std::string& text, const Settings& settings) {
  Walked walked;
  FaultWalk walk(parsed(text, settings), settings);
  walked.note(walk.run_as_it_is());
  for (const Duration down : kDowns) {
    if (walks_all()) {
      crash_everywhere(walk, down, walked);
    } else {
      crash_at_own_events(walk, down, walked);
    }
  }
  harm_each_message(walk, FaultKind::Drop, {}, walked);
  walked.add(walk);
  if (!walked.broken.empty()) walked.broken.front() += "\n  where step.ini is\n" + text;
  return walked;
}

// Identifies all rows with the same step at the same place.
using Place = std::tuple<std::size_t, std::size_t, std::size_t>;

void print(const std::map<Place, std::vector<Walked>>& table) {
  const std::vector<StepFactor>& factors = step_factors();
  fmt::print("| step |");
  for (const StepColumn& column : step_columns()) fmt::print(" {} |", column.name);
  fmt::print("\n| --- |");
  for (std::size_t i = 0; i < step_columns().size(); ++i) fmt::print(" ---: |");
  std::vector<Walked> sums(step_columns().size());
  for (const auto& [place, cells] : table) {
    const auto& [kind, service, position] = place;
    fmt::print("\n| {} {}, {} |", factors[kKind].levels[kind], factors[kService].levels[service],
               factors[kPosition].levels[position]);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      fmt::print(" {} |", cells[i].runs);
      sums[i].runs += cells[i].runs;
      sums[i].broken.insert(sums[i].broken.end(), cells[i].broken.begin(), cells[i].broken.end());
    }
  }
  fmt::print("\n| all |");
  for (const Walked& sum : sums) fmt::print(" {} |", sum.runs);
  fmt::print("\n| violations |");
  for (const Walked& sum : sums) fmt::print(" {} |", sum.broken.size());
  fmt::print("\n");
}

// A sample of all rows for slow builds. Choosing the few rows with the best coverage takes even
// longer there.
std::vector<StepRow> rows_to_walk() {
  if (walks_all()) return all_rows();
  if (!TXSIM_SANITIZED) return few_rows();
  constexpr std::size_t kEvery = 397;
  const std::vector<StepRow> all = all_rows();
  std::vector<StepRow> some;
  for (std::size_t i = 0; i < all.size(); i += kEvery) some.push_back(all[i]);
  return some;
}

}  // namespace

TEST_CASE("steps of every kind at every place: a crash at each event breaks no promise") {
  const std::vector<StepRow> rows = rows_to_walk();
  std::map<Place, std::vector<Walked>> table;
  Walked all;
  std::set<std::pair<StepRow, std::size_t>> seen;
  for (const StepRow& row : rows) {
    std::vector<Walked>& cells = table[{row[kKind], row[kService], row[kPosition]}];
    cells.resize(step_columns().size());
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const StepColumn& column = step_columns()[c];
      const StepRow known = as_known(row, column);
      if (!seen.insert({known, c}).second) continue;
      const bool beside = column.holds_gifts && row[kKind] == kGive;
      const Walked walked = walk_cell(scenario_text(known, beside), settings_of(known, column));
      cells[c].runs += walked.runs;
      for (const std::string& broken : walked.broken) cells[c].broken.push_back(broken);
      if (!walked.broken.empty()) all.note(walked.broken.front());
      all.runs += walked.runs;
    }
  }
  fmt::print("{} rows, {} runs\n", rows.size(), all.runs);
  print(table);
  all.require_nothing_broken();
  CHECK((TXSIM_SANITIZED || table.size() == 30));
}

}  // namespace txsim::tests
