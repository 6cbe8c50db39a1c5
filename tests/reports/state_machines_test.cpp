// State machines that are extracted from runs.
#include <catch2/catch.hpp>

#include "reports/state_machines.h"
#include "tests/golden.h"
#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

RunResult traced(const std::string& file, const Settings& settings = {}) {
  RunOptions options;
  options.keep_trace = true;
  return run_scenario(load(file, settings), options);
}

const std::map<StateMachines::Step, StateMachines::Causes>& machine(const StateMachines& machines,
                                                                    const std::string& protocol,
                                                                    const std::string& role) {
  const auto found = machines.machines().find({protocol, role});
  REQUIRE(found != machines.machines().end());
  return found->second;
}

TEST_CASE("state machines: of one commit, drawn") {
  StateMachines machines;
  machines.add(traced("scenarios/order/two-phase-commit/commit.ini"));
  CHECK(machines.dot() == golden("reports/commit.dot", machines.dot()));
}

TEST_CASE("state machines: several runs are merged, in any order") {
  const RunResult commit = traced("scenarios/order/two-phase-commit/commit.ini");
  const RunResult abort = traced("scenarios/order/two-phase-commit/votes-no.ini");
  const RunResult saga = traced("scenarios/order/saga-orchestration/points-refused.ini");
  StateMachines one;
  for (const RunResult* run : {&commit, &abort, &saga, &commit}) one.add(*run);
  StateMachines other;
  for (const RunResult* run : {&saga, &commit, &commit, &abort}) other.add(*run);
  CHECK(one.dot() == other.dot());
  CHECK(one.machines().size() == 6);
  const auto& participant = machine(one, "two-phase-commit", "participant");
  CHECK(participant.at({"updated", "prepared"}) ==
        StateMachines::Causes{{"Prepare; forces prepared", 5}});
  CHECK(participant.contains({"prepared", "applied"}));
  CHECK(participant.contains({"prepared", "undone"}));
  const auto& steps = machine(one, "saga-orchestration", "participant");
  CHECK(steps.contains({"applied", "compensated"}));
}

TEST_CASE("state machines: a crash leads to down, and a restart to the logged state") {
  StateMachines machines;
  machines.add(traced("scenarios/order/two-phase-commit/product-crashes-after-its-vote.ini"));
  const auto& participant = machine(machines, "two-phase-commit", "participant");
  CHECK(participant.at({"prepared", "down"}) == StateMachines::Causes{{"crash", 1}});
  CHECK(participant.at({"down", "prepared"}) == StateMachines::Causes{{"restart", 1}});
}

TEST_CASE(
    "state machines: a prepared participant leaves its state by a decision, a crash or a "
    "heuristic") {
  StateMachines machines;
  for (const std::string& file : library_files()) {
    if (file.find("two-phase-commit/") != std::string::npos) machines.add(traced(file));
  }
  for (const auto& [step, causes] : machine(machines, "two-phase-commit", "participant")) {
    if (step.from != "prepared") continue;
    for (const auto& [cause, count] : causes) {
      INFO(step.to << " by " << cause);
      CHECK((cause.starts_with("Commit") || cause.starts_with("Abort") || cause == "crash" ||
             cause == "restart" || cause.starts_with("heuristic-after")));
    }
  }
  for (const auto& [step, causes] : machine(machines, "two-phase-commit", "coordinator")) {
    if (step.from.empty()) CHECK(step.to == "begun");
  }
}

}  // namespace
}  // namespace txsim::tests
