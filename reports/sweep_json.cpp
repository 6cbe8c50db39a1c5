// The summary of a sweep, for programs.
#include <nlohmann/json.hpp>

#include "reports/names.h"
#include "reports/outcomes_json.h"
#include "reports/sweep_summary.h"

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;

Json latency_json(const SweepTotals& totals) {
  Json json = spread_json(totals.latency);
  for (const auto& [name, permille] : {std::pair{"p50_ns", 500}, std::pair{"p90_ns", 900},
                                       std::pair{"p95_ns", 950}, std::pair{"p99_ns", 990}}) {
    const bool kept = !totals.latencies.empty();
    json[name] = kept ? Json(totals.latency_of(static_cast<std::uint64_t>(permille)).ns) : Json();
  }
  return json;
}

Json verdicts_json(const SweepTotals& totals) {
  Json list = Json::array();
  for (std::size_t i = 0; i < totals.verdicts.size(); ++i) {
    Json entry;
    entry["invariant"] = invariants()[i].name;
    for (std::size_t verdict = 0; verdict < 4; ++verdict) {
      entry[std::string(text(static_cast<Verdict>(verdict)))] = totals.verdicts[i][verdict];
    }
    const std::optional<std::uint64_t> first = totals.first_violated[i];
    entry["first_seed"] = first ? Json(std::to_string(*first)) : Json();
    list.push_back(std::move(entry));
  }
  return list;
}

Json fault_coverage_json(const SweepTotals& totals) {
  Json list = Json::array();
  for (std::size_t fault = 0; fault < kFaultEffects; ++fault) {
    for (std::size_t part = 0; part < kPartKinds; ++part) {
      Json phases;
      for (std::size_t phase = 0; phase < kPhases; ++phase) {
        phases[phase == 0 ? "none" : text(static_cast<Phase>(phase))] =
            totals.fault_coverage[fault][part][phase];
      }
      list.push_back({{"fault", text(static_cast<FaultEffect>(fault))},
                      {"part", text(static_cast<Part>(part))},
                      {"phases", std::move(phases)}});
    }
  }
  return list;
}

Json totals_json(const SweepTotals& totals) {
  Json json;
  json["runs"] = totals.runs;
  json["violated"] = totals.violated;
  json.update(outcomes_json(totals));
  json["retries"] = totals.retries;
  json["messages"] = totals.messages;
  json["forced"] = totals.forced;
  json["latency"] = latency_json(totals);
  json["lock_hold"] = spread_json(totals.lock_hold);
  json["lock_wait"] = spread_json(totals.lock_wait);
  json["reservation_hold"] = spread_json(totals.reservation_hold);
  json["in_doubt"] = spread_json(totals.in_doubt);
  json["dirty_uses"] = totals.dirty_uses;
  json["verdicts"] = verdicts_json(totals);
  json["fault_coverage"] = fault_coverage_json(totals);
  return json;
}

Json expectations_json(const SweepSummary& summary, std::size_t cell) {
  Json list = Json::array();
  for (const HeldPortion& held : summary.expectations(cell)) {
    list.push_back({{"expectation", held.expected.text},
                    {"file", held.expected.place.file},
                    {"line", held.expected.place.line},
                    {"met", summary.judges_expectations() ? Json(held.met) : Json()},
                    {"seen", held.seen},
                    {"count", held.portion.count},
                    {"of", held.portion.of}});
  }
  return list;
}

}  // namespace

std::string json_summary(const SweepSummary& summary) {
  const SweepHeader& header = summary.header();
  Json json;
  json["format"] = "txsim-sweep-summary";
  json["version"] = 3;
  json["as_expected"] = summary.is_as_expected();
  json["first_seed"] = std::to_string(header.first_seed);
  json["seeds"] = header.seeds;
  json["shard"] = {header.shard.index, header.shard.of};
  json["settings"] = header.settings;
  json["planned_runs"] = header.planned();
  json["complete"] = summary.is_complete();
  json["all"] = totals_json(summary.all());
  json["cells"] = Json::array();
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    const SweepCellName& cell = header.cells[i];
    Json entry = {{"file", cell.file},
                  {"title", cell.title},
                  {"protocol", cell.protocol},
                  {"scenario", digest_text(cell.scenario)},
                  {"varied", cell.varied}};
    entry["expectations"] = expectations_json(summary, i);
    entry.update(totals_json(summary.cells()[i]));
    json["cells"].push_back(std::move(entry));
  }
  json["first_violations"] = Json::array();
  for (const SweepRun& run : summary.first_violations()) {
    Json names = Json::array();
    for (std::size_t i = 0; i < run.verdicts.size(); ++i) {
      if (run.verdicts[i] == Verdict::Violated) names.push_back(invariants()[i].name);
    }
    json["first_violations"].push_back({{"cell", run.cell},
                                        {"seed", std::to_string(run.seed)},
                                        {"invariants", std::move(names)},
                                        {"again", header.replay(run)}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace txsim
