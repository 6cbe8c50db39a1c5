// The JSON of a walk.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "reports/walk_text.h"

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;

const char* class_name(WalkClass of) {
  constexpr std::array<const char*, kWalkClasses> kNames = {
      "violated", "violated, allowed", "not well again", "unanswered", "otherwise",
      "same",     "no effect"};
  return kNames[static_cast<std::size_t>(of)];
}

const char* well_name(WellAgain well) {
  constexpr std::array<const char*, 3> kNames = {"after", "never", "cut off"};
  return kNames[static_cast<std::size_t>(well)];
}

Json outcome_json(const WalkReport& report, const WalkOutcome& outcome) {
  Json json;
  json["transactions"] = Json::object();
  for (int i = 0; i < kEndings; ++i) {
    json["transactions"][std::string(text(static_cast<Ending>(i)))] =
        outcome.endings[static_cast<std::size_t>(i)];
  }
  json["never_begun"] = outcome.never_begun;
  json["orders_told"] = {{"done", outcome.told_done},
                         {"failed", outcome.told_failed},
                         {"nothing", outcome.told_nothing}};
  json["submissions_told_busy"] = outcome.told_busy;
  json["violated"] = Json::array();
  json["unexpected"] = Json::array();
  for (const WalkViolation& violation : walk_violations(report, outcome)) {
    json["violated"].push_back(violation.name);
    if (violation.why_allowed.empty()) json["unexpected"].push_back(violation.name);
  }
  return json;
}

Json moment_json(const WalkReport& report, const WalkPlace& place) {
  return {{"event", place.event}, {"time_ns", place.at.ns}, {"what", moment_words(report, place)}};
}

Json row_json(const WalkReport& report, std::size_t place) {
  const WalkRow& row = report.result->rows[place];
  const bool is_well = row.outcome.struck && row.outcome.well == WellAgain::After;
  Json json;
  json["class"] = class_name(report.result->class_of(row.outcome));
  json["from"] = moment_json(report, row.first);
  json["to"] = moment_json(report, row.last);
  json["runs"] = row.runs;
  json["struck"] = row.outcome.struck;
  json.update(outcome_json(report, row.outcome));
  json["well_again"] = well_name(row.outcome.well);
  json["soonest_ns"] = is_well ? Json(row.soonest.ns) : Json(nullptr);
  json["latest_ns"] = is_well ? Json(row.latest.ns) : Json(nullptr);
  json["first_fault"] = report.first_faults[place];
  return json;
}

}  // namespace

std::string json_walk(const WalkReport& report) {
  const WalkPlan& plan = *report.plan;
  const WalkResult& result = *report.result;
  Json json;
  json["format"] = "txsim-walk";
  json["version"] = 1;
  json["scenario"] = plan.scenario->name;
  json["title"] = plan.scenario->title;
  json["protocol"] = plan.scenario->protocol_name();
  json["seed"] = std::to_string(plan.scenario->seed);
  json["as_expected"] = result.is_as_expected();
  json["runs"] = plan.places.size();
  json["places"] = plan.moments;
  json["undisturbed"] = outcome_json(report, result.undisturbed);
  json["walks"] = Json::array();
  for (std::size_t fault = 0; fault < plan.faults.size(); ++fault) {
    Json rows = Json::array();
    for (std::size_t row = 0; row < result.rows.size(); ++row) {
      if (result.rows[row].first.fault == fault) rows.push_back(row_json(report, row));
    }
    json["walks"].push_back({{"fault", walk_fault_text(report, fault)}, {"rows", rows}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace txsim
