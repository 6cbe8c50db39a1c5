// The same workload under each protocol. The random draws are the same, so only the protocol makes
// a difference.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "runs/run.h"
#include "runs/sweep.h"
#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

const std::vector<std::string> kProtocols = {"two-phase-commit", "tcc", "saga-orchestration",
                                             "saga-choreography", "uncoordinated"};

struct Draws {
  std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>> orders;  // time, order, kind
  std::vector<std::tuple<std::string, std::string, std::int64_t, std::int64_t>> failures;

  friend bool operator==(const Draws&, const Draws&) = default;
};

// Random failures of the services, and the arrivals of orders.
Draws draws_under(const std::string& protocol, Settings settings) {
  settings.push_back("scenario.protocol=" + protocol);
  const auto scenario = load("scenarios/order/tcc/storm.ini", settings);
  RunOptions options;
  options.keep_trace = true;
  const RunResult result = run_scenario(scenario, options);
  Draws draws;
  for (const TraceRecord& record : result.trace) {
    if (record.kind != EventKind::Announced) continue;
    if (record.what != fact_word(FactKind::Submitted)) continue;
    if (submission_of(record.transaction) > 0) continue;
    draws.orders.emplace_back(record.time.ns, record.value, record.extra);
  }
  for (const Fault& fault : result.faults_met) {
    if (fault.is_message_fault() || fault.nodes.front() == scenario->broker) continue;
    draws.failures.emplace_back(scenario->plan.nodes[fault.nodes.front()],
                                std::to_string(static_cast<int>(fault.kind)), fault.at.ns,
                                fault.duration->ns);
  }
  std::sort(draws.failures.begin(), draws.failures.end());
  return draws;
}

TEST_CASE("comparison: orders arrive and nodes fail at the same times under each protocol") {
  for (const std::string seed : {"1", "2", "3"}) {
    const Settings settings = {"scenario.seed=" + seed,
                               "expect.that=", "idempotent-receiver.enabled=on"};
    const Draws first = draws_under(kProtocols.front(), settings);
    CHECK(first.orders.size() == 150);
    CHECK(first.failures.size() > 30);
    for (const std::string& protocol : kProtocols) {
      INFO(protocol << ", seed " << seed);
      CHECK(draws_under(protocol, settings) == first);
    }
  }
}

TEST_CASE("comparison: a placed fault hits the same node in the same phase under each protocol") {
  for (const std::string& protocol : kProtocols) {
    if (protocol == "uncoordinated") continue;  // it has no phase `finishing`
    INFO(protocol);
    RunOptions options;
    options.keep_trace = true;
    const RunResult result =
        run_scenario(load("scenarios/compare/coordinator-crash.ini",
                          {"scenario.protocol=" + protocol, "workload.poll_every=100ms"}),
                     options);
    std::size_t crashes = 0;
    for (const TraceRecord& record : result.trace) {
      if (record.kind != EventKind::Crashed) continue;
      ++crashes;
      CHECK(result.scenario->plan.nodes[record.node] == "order");
      // Only announcements may stand between the two records.
      std::size_t place = record.sequence - 2;
      const auto is_cause = [&](const TraceRecord& before) {
        return before.what == fact_word(FactKind::PhaseEntered) &&
               before.value == static_cast<std::int64_t>(Phase::Finishing);
      };
      while (place > 0 && !is_cause(result.trace[place]) &&
             result.trace[place].kind == EventKind::Announced) {
        --place;
      }
      CHECK(is_cause(result.trace[place]));
      CHECK(result.trace[place].time == record.time);
      CHECK(result.trace[place].node == record.node);
    }
    CHECK(crashes == 1);
  }
}

}  // namespace
}  // namespace txsim::tests
