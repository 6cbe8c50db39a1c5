#include "reports/trace_lines.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string trace_header(const RunResult& result) {
  const Scenario& scenario = *result.scenario;
  Json header;
  header["format"] = "txsim-trace";
  header["version"] = 2;
  header["scenario"] = scenario.name;
  header["title"] = scenario.title;
  header["protocol"] = scenario.protocol_name();
  header["seed"] = std::to_string(scenario.seed);
  header["nodes"] = scenario.plan.nodes;
  header["resources"] = Json::array();
  for (const Resource& resource : scenario.plan.resources) {
    header["resources"].push_back({{"name", resource.name},
                                   {"service", scenario.plan.nodes[resource.service]},
                                   {"initial", resource.initial}});
  }
  header["kinds"] = Json::array();
  for (const TransactionKind& kind : scenario.plan.kinds) header["kinds"].push_back(kind.name);
  header["faults"] = scenario.fault_texts;
  return dump(header) + "\n";
}

TraceLines::TraceLines(const RunResult& result) : names_(result) {
  for (const std::string& name : result.scenario->plan.nodes) nodes_.push_back(dump(name));
}

// Written by hand, for speed: a trace has millions of lines, and only names need escaping.
void TraceLines::append(const TraceRecord& record, std::string& text) const {
  const auto node_text = [&](NodeId node) -> std::string {
    if (node == kNoNode) return "null";
    return node < nodes_.size() ? nodes_[node] : fmt::format("{}", node);
  };
  const std::string transaction =
      record.transaction == 0 ? "null" : '"' + transaction_text(record.transaction) + '"';
  fmt::format_to(std::back_inserter(text),
                 R"({{"time_ns":{},"seq":{},"node":{},"kind":"{}","what":{},"peer":{},)"
                 R"("transaction":{},"value":{},"extra":{},"step":{},"cause":{},)"
                 R"("message_delays":{},"write_delays":{}}})"
                 "\n",
                 record.time.ns, record.sequence, node_text(record.node), txsim::text(record.kind),
                 word_text(record), node_text(record.peer), transaction, record.value, record.extra,
                 record.step, record.cause == 0 ? "null" : fmt::format("{}", record.cause),
                 record.message_delays, record.write_delays);
}

std::string TraceLines::word_text(const TraceRecord& record) const {
  return record.what ? dump(names_.word(record.what)) : "null";
}

}  // namespace txsim
