// Common features of all protocols: phases and roles in faults, and announced facts.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "protocols/registry.h"
#include "runs/run.h"
#include "tests/scenarios/parse.h"

namespace txsim {
namespace {

using tests::order_domain;
using tests::parse;

bool is_atomic(const std::string& protocol) {
  const auto& promises = find_protocol(protocol)->description.promises;
  return std::find(promises.begin(), promises.end(), "atomicity") != promises.end();
}

RunResult run(const std::string& protocol, const std::string& points,
              const std::string& fault = {}) {
  std::vector<std::string> settings = {"scenario.protocol=" + protocol,
                                       "service point.resource=" + points};
  if (!fault.empty()) settings.push_back("faults.fault=" + fault);
  const ParsedScenario parsed = parse(order_domain(), settings);
  CAPTURE(protocol, fault, tests::texts(parsed.errors));
  REQUIRE(parsed.scenario != nullptr);
  return run_scenario(parsed.scenario, {.keep_trace = true});
}

std::vector<Phase> phases_of(const RunResult& result) {
  std::vector<Phase> phases;
  for (const TraceRecord& record : result.trace) {
    if (record.kind != EventKind::Announced) continue;
    if (record.what != fact_word(FactKind::PhaseEntered)) continue;
    phases.push_back(static_cast<Phase>(record.value));
  }
  return phases;
}

bool has(const std::vector<Phase>& phases, Phase phase) {
  return std::find(phases.begin(), phases.end(), phase) != phases.end();
}

constexpr const char* kEnough = "balance 1000";
constexpr const char* kTooLittle = "balance 100";

}  // namespace

TEST_CASE("every protocol: a transaction goes through its phases in their order") {
  CHECK(protocol_names().size() >= 4);
  for (const std::string& protocol : protocol_names()) {
    CAPTURE(protocol);
    for (const char* points : {kEnough, kTooLittle}) {
      const std::vector<Phase> phases = phases_of(run(protocol, points));
      const bool done = points == kEnough;
      REQUIRE(phases.size() >= 3);
      CHECK(phases[0] == Phase::Begun);
      CHECK(phases[1] == Phase::Working);
      CHECK(phases.back() == Phase::Ended);
      CHECK(std::is_sorted(phases.begin(), phases.end()));
      CHECK(std::set<Phase>(phases.begin(), phases.end()).size() == phases.size());
      if (!is_atomic(protocol)) continue;
      CHECK(has(phases, Phase::Finishing) == done);
      CHECK(has(phases, Phase::Undoing) == !done);
      // A local transaction decides at once.
      if (done && protocol != "local") CHECK(has(phases, Phase::Deciding));
    }
  }
}

TEST_CASE("every protocol: a fault placed by a phase hits the coordinator in that phase") {
  for (const std::string& protocol : protocol_names()) {
    for (const char* points : {kEnough, kTooLittle}) {
      const std::vector<Phase> entered = phases_of(run(protocol, points));
      for (const PhaseInfo& phase : phase_infos()) {
        const std::string name(phase.name);
        for (const std::string& fault :
             {"crash coordinator when it enters " + name + " for 1ms",
              "crash coordinator when it enters phase " + name + " for 1ms",
              "crash it when coordinator enters " + name + " for 1ms",
              "crash coordinator when phase " + name + " for 1ms"}) {
          CAPTURE(protocol, fault);
          const RunResult result = run(protocol, points, fault);
          CHECK(result.statistics.failures == (has(entered, phase.phase) ? 1 : 0));
        }
      }
    }
  }
}

TEST_CASE("every protocol: faults can name the broker's words if there is a broker") {
  for (const auto& protocol : protocols()) {
    const ParsedScenario parsed =
        parse(order_domain("[faults]\nfault = drop PublishAck any -> any\n"),
              {"scenario.protocol=" + std::string(protocol->name())});
    CAPTURE(protocol->name(), tests::texts(parsed.errors));
    CHECK((parsed.scenario != nullptr) == protocol->needs_broker);
    if (protocol->needs_broker) continue;
    REQUIRE(parsed.errors.size() == 1);
    CHECK_THAT(text(parsed.errors[0]), Catch::Contains("is a message of broker, not of"));
  }
}

TEST_CASE("every protocol: faults can name each role, or the error gives the reason") {
  for (const std::string& protocol : protocol_names()) {
    const bool has_broker = protocol == "saga-choreography";
    for (const RoleInfo& role : role_infos()) {
      const std::string line = "[faults]\nfault = crash " + std::string(role.name) + " at 1s\n";
      const ParsedScenario parsed = parse(
          order_domain(line), {"scenario.protocol=" + protocol, "idempotent-receiver.enabled=on"});
      CAPTURE(protocol, line, tests::texts(parsed.errors));
      const bool is_node = role.role != Role::Operator && (role.role != Role::Broker || has_broker);
      CHECK((parsed.scenario != nullptr) == is_node);
      if (is_node) continue;
      REQUIRE(parsed.errors.size() == 1);
      CHECK_THAT(
          text(parsed.errors[0]),
          Catch::Contains(role.role == Role::Operator ? "is a person, not a node" : "broker"));
    }
  }
}

}  // namespace txsim
