// The conditions under which a protocol's promises apply to a scenario.
#include "tests/runs/promises.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <set>

#include "tests/runs/fault_walk.h"
#include "tests/scenarios/parse.h"

using namespace txsim;
using tests::broken_promises;
using tests::is_promised;
using tests::load;
using tests::parse;

namespace {

// Two orders. Each takes 2 items behind its pivot and then reads that at least one is left.
std::string sale(const std::string& protocol, int items) {
  return fmt::format(
      "[scenario]\nprotocol = {}\n[service shop]\nrecords = sales\n[service depot]\n"
      "resource = items {}\nresource = coins 1\n[transaction sale]\nstep = create sales at shop\n"
      "step = take 2 items at depot\nstep = read items at depot at least 1\npivot = 1\n"
      "[workload]\norders = 2\n",
      protocol, items);
}

bool promises(const std::string& text, const std::string& invariant,
              const std::vector<std::string>& settings = {}) {
  const ParsedScenario parsed = parse(text, settings);
  for (const ScenarioError& error : parsed.errors) FAIL(txsim::text(error));
  return is_promised(*parsed.scenario, invariant);
}

}  // namespace

TEST_CASE("promises: sagas converge if each step behind the pivot can succeed at the end") {
  for (const char* protocol : {"saga-orchestration", "saga-choreography"}) {
    CAPTURE(protocol);
    CHECK(promises(sale(protocol, 5), "convergence"));
    CHECK_FALSE(promises(sale(protocol, 4), "convergence"));  // the last read finds no item
    CHECK_FALSE(promises(sale(protocol, 3), "convergence"));
    CHECK(promises(sale(protocol, 3), "conservation"));
    CHECK(promises(sale(protocol, 3), "convergence", {"transaction sale.pivot=3"}));
    CHECK(promises(sale(protocol, 3), "convergence", {"workload.orders=1"}));
    CHECK(promises(sale(protocol, 3) + "[expect]\nthat = convergence holds\n", "convergence"));
  }
  CHECK_FALSE(promises(sale("saga-choreography", 4), "no-lost-event"));
  const std::string as_read =
      "[transaction other]\nstep = read coins at depot\nstep = give 1 coins at depot as read\n";

  CHECK_FALSE(promises(sale("saga-orchestration", 5) + as_read + "pivot = 1\n", "convergence"));
}

TEST_CASE("promises: a saga can take a gift back unless a step `as read` overwrites it") {
  const std::string text =
      sale("saga-orchestration", 5) +
      "[transaction deposit]\nstep = read coins at depot\nstep = give 1 coins at depot\n"
      "step = give 1 coins at depot";
  for (const char* invariant : {"convergence", "atomicity", "truthful-reply"}) {
    CAPTURE(invariant);
    CHECK(promises(text + "\n", invariant));
    CHECK_FALSE(promises(text + " as read\n", invariant));
  }
}

TEST_CASE("promises: a choreographed saga can take back its gift if no other can spend it") {
  const std::string deposit =
      "[transaction deposit]\nstep = give 1 coins at depot\nstep = create sales at shop\n";
  const std::string spending = "[transaction spending]\nstep = take 1 coins at depot\n";
  const std::string without = sale("saga-choreography", 5) + deposit;
  for (const char* invariant : {"convergence", "atomicity", "truthful-reply", "no-lost-event"}) {
    CAPTURE(invariant);
    CHECK(promises(without, invariant));
    CHECK_FALSE(promises(without + spending, invariant));
    CHECK(promises(sale("saga-orchestration", 5) + deposit + spending, invariant) ==
          (invariant != std::string("no-lost-event")));
  }
}

TEST_CASE(
    "promises: before a pivot, repeated cancellations make up for an event that is given up") {
  const std::string text = sale("saga-choreography", 9);
  for (const char* gives_up :
       {"saga-choreography.publish_attempts=2", "broker.max_attempts=2", "broker.retention=3s"}) {
    CAPTURE(gives_up);
    CHECK_FALSE(promises(text, "no-lost-event", {gives_up}));
    CHECK_FALSE(promises(text, "convergence", {gives_up}));
    CHECK(promises(text, "exactly-once", {gives_up}));
  }
  const std::string other =
      "[scenario]\nprotocol = saga-choreography\n[service shop]\n"
      "records = sales\n[transaction sale]\nstep = create sales at shop\n"
      "[broker]\nmax_attempts = 2\n";
  CHECK(promises(other, "convergence"));
  CHECK_FALSE(promises(other, "convergence", {"saga-choreography.cancel_every=never"}));
}

TEST_CASE(
    "promises: two-phase commit needs its decisions, and a heuristic decision gives them up") {
  const std::string text = sale("two-phase-commit", 9);
  for (const char* setting :
       {"two-phase-commit.forget_after=1s", "two-phase-commit.heuristic_after=1s"}) {
    CAPTURE(setting);
    for (const char* invariant : {"agreement", "irrevocable", "atomicity", "truthful-reply"}) {
      CHECK(promises(text, invariant));
      CHECK_FALSE(promises(text, invariant, {setting}));
    }
    const std::vector<std::string> presumed = {setting, "two-phase-commit.variant=presumed-commit"};
    for (const char* invariant : {"unanimity", "durability"}) {
      CHECK(promises(text, invariant, {setting}));
      CHECK_FALSE(promises(text, invariant, presumed));
    }
    CHECK(promises(text, "conservation", presumed));
  }
  CHECK(promises(text, "convergence", {"two-phase-commit.forget_after=1s"}));
  CHECK_FALSE(promises(text, "convergence", {"two-phase-commit.heuristic_after=1s"}));
}

TEST_CASE(
    "promises: two-phase commit isolates if no participant votes before all rows are locked") {
  const std::string text = sale("two-phase-commit", 9);
  const std::string early = "two-phase-commit.with_prepare=on";
  const std::string held = "two-phase-commit.read_only_vote=off";
  CHECK(promises(text, "isolation"));
  CHECK_FALSE(promises(text, "isolation", {early}));
  CHECK(promises(text, "isolation", {early, held}));
  CHECK_FALSE(promises(text, "isolation", {early, held, "two-phase-commit.heuristic_after=1s"}));
}

TEST_CASE("promises: a heuristic decision breaks only invariants that are then not promised") {
  const auto fallen = [](const std::vector<std::string>& settings) {
    std::set<std::string> names;
    for (int seed = 1; seed <= 300; ++seed) {
      std::vector<std::string> all = settings;
      all.push_back(fmt::format("scenario.seed={}", seed));
      const RunResult result = run_scenario(load("tests/runs/decides-alone.ini", all));
      INFO(fmt::format("{}", fmt::join(all, " ")));
      CHECK(broken_promises(result) == "");
      for (const Judgement& judgement : result.verdicts.judgements) {
        if (judgement.verdict == Verdict::Violated) names.emplace(judgement.invariant);
      }
    }
    return names;
  };
  const std::string variant = "two-phase-commit.variant=";
  const std::string commits = "two-phase-commit.heuristic_choice=commit";
  const std::string aborts = "two-phase-commit.heuristic_choice=abort";
  CHECK(fallen({variant + "basic", commits}).contains("convergence"));
  CHECK(fallen({variant + "presumed-abort", commits, "two-phase-commit.with_prepare=on"})
            .contains("irrevocable"));
  CHECK(fallen({variant + "presumed-commit", aborts}).contains("durability"));
  CHECK(fallen({variant + "presumed-commit", "two-phase-commit.heuristic_after=never",
                "two-phase-commit.resource=mariadb"})
            .contains("irrevocable"));
}

TEST_CASE("promises: a service behind an idempotent receiver converges if its locks expire") {
  const std::string text = sale("local", 9);
  CHECK(promises(text, "convergence"));
  CHECK_FALSE(promises(text, "convergence", {"lock-service.expiry=never"}));
  CHECK(promises(text, "convergence",
                 {"lock-service.expiry=never", "idempotent-receiver.enabled=off"}));
}
