// In no run does virtual time stand still: keys reject settings that would cause it, and a run in
// which it happens anyway stops with a report. Faults that never struck are reported, too.
#include <catch2/catch.hpp>

#include "protocols/saga_choreography/settings.h"
#include "protocols/saga_orchestration/settings.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/run_page.h"
#include "reports/text.h"
#include "runs/run.h"
#include "runs/sweep.h"
#include "tests/scenarios/parse.h"

using namespace txsim;
using tests::parse;

namespace {

// The step behind the pivot is always refused, so the saga retries it forever.
std::string sale(const std::string& where) {
  return "[scenario]\nprotocol = saga-orchestration\n[service shop]\nrecords = sales\n"
         "resource = credit 0\n[service bank]\nresource = credit 0\n[transaction sale]\n"
         "step = create sales at shop\nstep = take 1 credit at " +
         where + "\npivot = 1\n[idempotent-receiver]\nenabled = off\n[network]\ndelay = 0s\n";
}

// A back-off of 0s, which the scenario language rejects.
std::shared_ptr<const Scenario> without_back_off(const std::string& text) {
  const ParsedScenario parsed = parse(text);
  REQUIRE(parsed.scenario);
  auto scenario = std::make_shared<Scenario>(*parsed.scenario);
  settings_as<SagaOrchestrationSettings>(scenario->settings.protocol).back_off = Duration{0};
  return scenario;
}

const char* const kFaults =
    "[scenario]\nprotocol = two-phase-commit\nhorizon = 30s\n[service desk]\nrecords = sales\n"
    "[service wallet]\nresource = balance 1000\n[service depot]\nresource = stock 100\n"
    "[transaction sale]\nstep = create sales at desk\nstep = take 5 balance at wallet\n"
    "step = take 1 stock at depot\nstep = complete sales at desk\n[network]\ndelay = 1ms\n"
    "[disk]\ndelay = 2ms\n[faults]\n";

RunResult run_with(const std::string& faults) {
  const ParsedScenario parsed = parse(kFaults + faults + "[expect]\nthat = every fault strikes\n");
  for (const ScenarioError& error : parsed.errors) FAIL(text(error));
  return run_scenario(parsed.scenario, {.keep_trace = true});
}

}  // namespace

// The broker lost an event behind the pivot. Nothing replaces it, and the initiator retries
// forever.
TEST_CASE("endless: a cancellation that is repeated forever publishes once each round") {
  const auto events = [](const char* horizon) {
    const ParsedScenario parsed = parse(
        "[scenario]\nprotocol = saga-choreography\n[service desk]\nresource = items 5\n"
        "[service depot]\nresource = items 3\n[service wallet]\nresource = coins 5\n"
        "[transaction sale]\npivot = 3\nstep = read items at desk\nstep = give 1 items at depot\n"
        "step = read items at depot\nstep = take 4 coins at wallet\n[workload]\norders = 4\n"
        "[saga-choreography]\ncancel_every = 40ms\n[broker]\nretention = 200ms\n",
        {std::string("scenario.horizon=") + horizon});
    REQUIRE(parsed.scenario);
    return run_scenario(parsed.scenario).statistics.events;
  };
  const std::uint64_t in_half_a_minute = events("30s");
  CHECK(in_half_a_minute > 10'000);
  CHECK(events("60s") < 3 * in_half_a_minute);
}

TEST_CASE("endless: a back-off of 0s is refused, with its line and a way out") {
  for (const char* key : {"saga-orchestration.back_off", "tcc.back_off", "tcc.cancel_every",
                          "tcc.operator_after", "saga-choreography.cancel_every"}) {
    CAPTURE(key);
    const ParsedScenario parsed = parse(sale("shop"), {std::string(key) + "=0s"});
    REQUIRE(parsed.errors.size() == 1);
    CHECK_THAT(text(parsed.errors[0]), Catch::Contains("must be over 0, such as 1ms"));
  }
  CHECK(parse(sale("shop"), {"tcc.cancel_every=never"}).scenario);
}

TEST_CASE("endless: a run in which time stands still is stopped, reported, and not as expected") {
  for (const char* where : {"shop", "bank"}) {
    CAPTURE(where);
    const auto scenario = without_back_off(sale(where));
    const RunResult result = run_scenario(scenario);
    REQUIRE(result.standstill);
    CHECK_FALSE(result.all_met);
    CHECK_FALSE(result.standstill->loop.empty());
    CHECK(result.statistics.events < 5'000'000);
    const Report report{&result, {}, "txsim run test.ini"};
    const std::string told = text_report(report, {});
    CHECK_THAT(told, Catch::Contains("Livelock"));
    CHECK_THAT(told, Catch::Contains(result.standstill->loop.front()));
    CHECK_THAT(text_failures(report, {}), Catch::Contains("Livelock"));
    CHECK_THAT(json_report(report), Catch::Contains("\"livelock\": {"));
    CHECK(junit_case(report).result == JUnitCase::Result::Failed);
    CHECK_THAT(junit_case(report).details, Catch::Contains("livelock"));
    const SweepRun swept = SweepCell(scenario, {}).run(1);
    CHECK(swept.is_violated("saga-orchestration"));
  }
}

TEST_CASE("endless: a livelock does not meet the expectation that convergence is violated") {
  const auto scenario =
      without_back_off(sale("shop") + "[expect]\nthat = convergence is violated\n");
  const RunResult result = run_scenario(scenario);
  REQUIRE(result.standstill);
  CHECK_FALSE(result.all_met);
}

TEST_CASE("durations: 0s is a duration of zero, not never") {
  const ParsedScenario parsed =
      parse(sale("shop"),
            {"store.lock_timeout=0s", "saga-orchestration.deadline=0s", "lock-service.expiry=0s",
             "checks.longest_lock_wait=0s", "broker.retention=never"});
  REQUIRE(parsed.scenario);
  const Settings& settings = parsed.scenario->settings;
  CHECK(settings.store.lock_timeout == Duration{0});
  CHECK(settings_as<SagaOrchestrationSettings>(settings.protocol).deadline == Duration{0});
  CHECK(settings.lock_service.expiry == Duration{0});
  CHECK(parsed.scenario->longest_lock_wait == Duration{0});
  CHECK_FALSE(settings.broker.retention);
  const ParsedScenario other = parse(
      sale("shop"), {"scenario.protocol=saga-choreography", "saga-choreography.deadline=never"});
  REQUIRE(other.scenario);
  const AnySettings& own = other.scenario->settings.protocol;
  CHECK_FALSE(settings_as<SagaChoreographySettings>(own).deadline);
}

TEST_CASE("durations: the shortest wait for a lock exceeds a bound of 0s") {
  const std::vector<std::string> set = {"workload.arrivals=at 0ms, 1ms",
                                        "checks.longest_lock_wait=0s"};
  const ParsedScenario parsed = parse(std::string(kFaults), set);
  REQUIRE(parsed.scenario);
  const RunResult result = run_scenario(parsed.scenario);
  const auto& judgements = result.verdicts.judgements;
  const auto bounded = std::find_if(judgements.begin(), judgements.end(), [](const auto& one) {
    return one.invariant == "bounded-blocking";
  });
  REQUIRE(bounded != judgements.end());
  CHECK(bounded->verdict == Verdict::Violated);
}

TEST_CASE("durations: a saga with a deadline of 0s compensates") {
  const ParsedScenario parsed = parse(
      "[scenario]\nprotocol = saga-orchestration\n[service shop]\nrecords = sales\n"
      "[service bank]\nresource = credit 10\n[transaction sale]\nstep = create sales at shop\n"
      "step = take 1 credit at bank\n",
      {"saga-orchestration.deadline=0s", "expect.that=1 transaction is compensated"});
  REQUIRE(parsed.scenario);
  CHECK(run_scenario(parsed.scenario).all_met);
}

TEST_CASE("faults: each fault that never strikes is reported with its reason") {
  struct Never {
    const char* fault;
    const char* why;
  };
  for (const Never& never :
       {Never{"crash wallet when wallet sends VoteYes 7th for 1s", "its event came 1 time"},
        Never{"drop Inquiry wallet -> desk 1st", "its event never came"},
        Never{"partition desk | wallet from 25s to 26s", "it met nothing"},
        Never{"crash depot at event 5000 for 1s", "the run has"},
        Never{"slow disk at wallet by 5ms from 20s to 21s", "it met nothing"},
        Never{"refuse depot from 20s to 21s", "it met nothing"},
        Never{"skew wallet by 5ms from 20s to 21s", "it met nothing"},
        Never{"drop Prepare desk -> wallet from 20s to 21s", "no such message was sent"}}) {
    CAPTURE(never.fault);
    const RunResult result = run_with("fault = " + std::string(never.fault) + "\n");
    REQUIRE(never_struck(result) == std::vector<std::size_t>{0});
    CHECK_THAT(why_never_struck(result, 0), Catch::Contains(never.why));
    CHECK_FALSE(result.all_met);
    CHECK_THAT(result.expectations[0].seen, Catch::Contains(never.fault));
    const Report report{&result, {}, ""};
    CHECK_THAT(text_report(report, {}), Catch::Contains("Faults that never struck"));
    CHECK_THAT(text_report(report, {}), Catch::Contains("(test.ini:"));
    CHECK_THAT(json_report(report), Catch::Contains(never.why));
    CHECK_THAT(run_page(report), Catch::Contains("never struck: "));
  }
}

TEST_CASE("faults: a crash of a node that is down and a delay of a lost message never strike") {
  const RunResult result = run_with(
      "fault = crash depot at 1ms for 10s\nfault = crash depot at 5ms for 1s\n"
      "fault = pause depot at 6ms for 1s\nfault = partition desk | wallet from 0s to 9s\n"
      "fault = slow Update desk -> wallet 1st by 1s\n"
      "fault = duplicate Update desk -> wallet 1st\n");
  CHECK(never_struck(result) == std::vector<std::size_t>{1, 2, 4, 5});
  CHECK(why_never_struck(result, 1) == "its node was down already");
}

TEST_CASE("faults: each kind strikes if it has an effect") {
  for (const char* fault :
       {"crash wallet when wallet sends VoteYes for 1s", "pause wallet at 1ms for 1s",
        "partition desk | wallet from 0s to 1s", "partition desk -> wallet from 0s to 1s",
        "refuse depot from 0s to 1s", "slow disk at wallet by 5ms", "skew wallet by 10%",
        "drop Prepare desk -> wallet 1st", "slow Prepare desk -> wallet by 5ms",
        "duplicate Prepare desk -> wallet 1st", "crash depot at event 30 for 1s"}) {
    CAPTURE(fault);
    const RunResult result = run_with("fault = " + std::string(fault) + "\n");
    CHECK(never_struck(result).empty());
    CHECK(result.expectations[0].met);
    CHECK(result.fates[0].strikes > 0);
  }
}

TEST_CASE("faults: without placed faults, not every fault strikes") {
  const RunResult result = run_with("");
  CHECK_FALSE(result.expectations[0].met);
  CHECK(result.expectations[0].seen == "no fault is placed");
}

TEST_CASE("faults: a fault that a walk adds does not belong to the scenario") {
  const ParsedScenario parsed = parse(
      std::string(kFaults) + "fault = skew wallet by 10%\n[expect]\nthat = every fault strikes\n");
  REQUIRE(parsed.scenario);
  const std::shared_ptr<const WorldSpec> spec = build_world(*parsed.scenario, false);
  auto more = std::make_shared<WorldSpec>(*spec);
  more->faults.push_back(more->faults[0]);
  more->faults[1].at = Time{parsed.scenario->horizon.ns + 1};
  World world(std::move(more), make_judge_for(*parsed.scenario, false));
  world.run(Time{parsed.scenario->horizon.ns});
  const RunResult result = finish_run(parsed.scenario, spec, world);
  CHECK(result.fates.size() == 1);
  CHECK(never_struck(result).empty());
  CHECK(result.all_met);
}

TEST_CASE("faults: a fault placed behind the horizon is an error with its line") {
  for (const char* fault : {"crash depot at 3h for 1s", "partition desk | wallet from 31s to 40s",
                            "drop Prepare desk -> wallet from 31s to 32s"}) {
    CAPTURE(fault);
    const ParsedScenario parsed =
        parse(kFaults + std::string("fault = pause depot at 30s for 1s\nfault = ") + fault + "\n");
    REQUIRE(parsed.errors.size() == 1);
    CHECK_THAT(text(parsed.errors[0]), Catch::Contains("the run ends at 30s (scenario.horizon)"));
    CHECK(parsed.errors[0].place.line == 21);
  }
}
