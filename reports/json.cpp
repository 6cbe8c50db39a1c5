#include "reports/json.h"

#include <map>
#include <nlohmann/json.hpp>

#include "reports/names.h"
#include "reports/outcomes_json.h"

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;

Json transactions_json(const RunResult& result, const RunNames& names) {
  Json list = Json::array();
  for (const TransactionSummary& transaction : result.verdicts.transactions) {
    Json entry;
    entry["transaction"] = transaction_text(transaction.id);
    entry["kind"] = names.kind(transaction.kind);
    entry["submission"] = text(transaction.fate);
    entry["ending"] = transaction.is_begun() ? Json(text(transaction.ending)) : Json();
    entry["told"] = transaction.told ? Json(text(transaction.reply)) : Json();
    entry["submitted_ns"] = transaction.submitted.ns;
    entry["answered_ns"] = transaction.told ? Json(transaction.answered.ns) : Json();
    list.push_back(std::move(entry));
  }
  return list;
}

Json verdicts_json(const RunResult& result) {
  Json list = Json::array();
  for (const Judgement& judgement : result.verdicts.judgements) {
    Json entry;
    entry["invariant"] = judgement.invariant;
    entry["verdict"] = text(judgement.verdict);
    if (judgement.verdict == Verdict::Violated) {
      entry["expected"] = is_expected_violation(result, judgement.invariant);
      entry["violations"] = judgement.violations;
      entry["event"] = judgement.event == 0 ? Json() : Json(judgement.event);
      const std::string transaction = transaction_text(judgement.transaction);
      entry["transaction"] = transaction.empty() ? Json() : Json(transaction);
      entry["explanation"] = judgement.explanation;
      entry["sides"] = Json::array();
      for (const std::uint64_t side : judgement.sides) {
        if (side != 0) entry["sides"].push_back(side);
      }
    } else {
      entry["explanation"] = judgement.explanation.empty() ? Json() : Json(judgement.explanation);
    }
    list.push_back(std::move(entry));
  }
  return list;
}

Json messages_json(const RunResult& result) {
  const Statistics& counts = result.statistics;
  std::map<std::string, std::uint64_t> by_type;
  for (const auto& [type, count] : counts.messages()) {
    by_type[std::string(result.spec->dictionary.text(type))] += count;
  }
  return {{"sent", counts.sent},       {"delivered", counts.delivered},
          {"lost", counts.lost},       {"duplicated", counts.duplicated},
          {"refused", counts.refused}, {"by_type", by_type}};
}

Json counters_json(const RunResult& result) {
  const Counters& counters = result.verdicts.counters;
  Json json;
  json.update(outcomes_json(counters));
  json["messages"] = messages_json(result);
  json["latency"] = spread_json(counters.latency);
  json["lock_hold"] = spread_json(counters.lock_hold);
  json["lock_wait"] = spread_json(counters.lock_wait);
  json["reservation_hold"] = spread_json(counters.reservation_hold);
  json["in_doubt"] = spread_json(counters.in_doubt);
  json["dirty_uses"] = counters.dirty_uses;
  json["dirty_reads"] = counters.dirty_reads;
  json["lost_updates"] = counters.lost_updates;
  json["write_skews"] = counters.write_skews;
  json["retries"] = counters.retries;
  json["critical_path"] = {{"count", counters.path_count},
                           {"message_delays", counters.path_message_delays},
                           {"write_delays", counters.path_write_delays}};
  return json;
}

Json nodes_json(const RunResult& result, const RunNames& names) {
  Json list = Json::array();
  for (NodeId node = 0; node < result.statistics.nodes.size(); ++node) {
    const NodeCounts& counts = result.statistics.nodes[node];
    list.push_back({{"name", names.node(node)},
                    {"records", counts.records},
                    {"forced", counts.forces},
                    {"disk_writes", counts.writes}});
  }
  return list;
}

Json amounts_json(const RunResult& result, const RunNames& names) {
  Json list = Json::array();
  for (std::size_t i = 0; i < result.verdicts.amounts.size(); ++i) {
    const auto& [available, reserved] = result.verdicts.amounts[i];
    list.push_back({{"service", names.node(result.scenario->plan.resources[i].service)},
                    {"resource", names.resource(static_cast<std::int64_t>(i))},
                    {"available", available},
                    {"reserved", reserved},
                    {"records", result.scenario->plan.resources[i].is_records
                                    ? Json(result.verdicts.records[i])
                                    : Json()}});
  }
  return list;
}

Json expectations_json(const RunResult& result) {
  Json list = Json::array();
  for (const Met& met : result.expectations) {
    list.push_back({{"expectation", met.expectation.text}, {"met", met.met}, {"seen", met.seen}});
  }
  return list;
}

Json never_struck_json(const RunResult& result) {
  Json list = Json::array();
  for (const std::size_t place : never_struck(result)) {
    list.push_back(
        {{"fault", result.scenario->fault_texts[place]}, {"why", why_never_struck(result, place)}});
  }
  return list;
}

Json livelock_json(const RunResult& result) {
  if (!result.standstill) return {};
  return {{"at_ns", result.standstill->at.ns},
          {"events", result.standstill->events},
          {"loop", result.standstill->loop}};
}

}  // namespace

std::string json_report(const Report& report) {
  const RunResult& result = *report.result;
  const Scenario& scenario = *result.scenario;
  const RunNames names(result);
  Json json;
  json["format"] = "txsim-run";
  json["version"] = 2;
  json["scenario"] = scenario.name;
  json["title"] = scenario.title;
  json["source"] = scenario.source;
  json["protocol"] = scenario.protocol_name();
  json["seed"] = std::to_string(scenario.seed);
  json["as_expected"] = result.all_met;
  json["digest"] = digest_text(result.digest);
  json["events"] = result.statistics.events;
  json["end_ns"] = result.end.ns;
  json["idle"] = result.idle;
  json["under_way"] = {{"messages", result.messages_under_way},
                       {"timers", result.timers_under_way}};
  json["livelock"] = livelock_json(result);
  json["transactions"] = transactions_json(result, names);
  json["verdicts"] = verdicts_json(result);
  json["expectations"] = expectations_json(result);
  json["counters"] = counters_json(result);
  json["nodes"] = nodes_json(result, names);
  json["amounts"] = amounts_json(result, names);
  json["faults"] = scenario.fault_texts;
  json["faults_that_never_struck"] = never_struck_json(result);
  json["faults_met"] = report.faults_met;
  json["again"] = report.again;
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string json_array(const std::vector<std::string>& objects) {
  std::string text = "[\n";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    text += objects[i] + (i + 1 < objects.size() ? ",\n" : "\n");
  }
  return text + "]";
}

}  // namespace txsim
