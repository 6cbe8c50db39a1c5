// The matrix of guarantees, mechanisms and faults: some guarantee needs each mechanism, and a cell
// claims no more than its searches have shown.
#include "runs/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "reports/matrix_page.h"
#include "reports/matrix_text.h"
#include "scenarios/language.h"
#include "tests/reports/html_page.h"
#include "tests/runs/fault_walk.h"

namespace {

using namespace txsim;

constexpr FaultBudget kNone{};
constexpr FaultBudget kCrash{.crashes = 1};
constexpr FaultBudget kLoss{.losses = 1};
constexpr FaultBudget kDuplicate{.duplicates = 1};
constexpr FaultBudget kCrashStop{.crash_stops = 1};
constexpr FaultBudget kTimeout{.timeouts = 1};

MatrixSource source(const std::string& name) {
  const std::string file = "scenarios/matrix/" + name + ".ini";
  return {tests::load(file), {}, [file](const std::vector<std::string>& settings) {
            return tests::load(file, settings);
          }};
}

MatrixPlan plan_of(const std::vector<std::string>& names, const std::vector<std::string>& switches,
                   const std::vector<MatrixFault>& faults, unsigned jobs = 1) {
  std::vector<MatrixSource> sources;
  for (const std::string& name : names) sources.push_back(source(name));
  MatrixPlan plan;
  plan.faults = faults;
  plan.bounds.jobs = jobs;
  add_scenarios(sources, {{}, switches}, plan);
  return plan;
}

MatrixResult explored(const MatrixPlan& plan) {
  return explore_matrix(plan, [](std::uint64_t, std::uint64_t) {});
}

std::size_t invariant(const std::string& name) {
  const std::vector<InvariantInfo>& all = invariants();
  return static_cast<std::size_t>(
      std::find_if(all.begin(), all.end(), [&](const auto& info) { return info.name == name; }) -
      all.begin());
}

// The smallest scenario that needs a mechanism, and the bounds of its search.
struct Missed {
  const char* key;
  const char* scenario;
  FaultBudget budget;
};
const Missed kMissed[] = {
    {"idempotent-receiver.order_id", "local/submitted-twice-without-lock", kNone},
    {"idempotent-receiver.lock", "uncoordinated/submitted-twice", kNone},
    {"idempotent-receiver.fencing", "tcc/submitted-twice", kTimeout},
    {"lock-service.expiry", "local/submitted-twice", kCrash},
    {"lock-service.owner_check", "uncoordinated/late-release", kNone},
    {"local.transaction", "local/refused", kNone},
    {"two-phase-commit.idle_timeout", "two-phase-commit/done", kCrash},
    {"two-phase-commit.force_prepare", "two-phase-commit/refused", kCrash},
    {"two-phase-commit.force_commit", "two-phase-commit/done", kCrash},
    {"two-phase-commit.force_decision", "two-phase-commit/done", kCrash},
    {"two-phase-commit.resend", "two-phase-commit/refused", kLoss},
    {"two-phase-commit.unanimity", "two-phase-commit/refused", kLoss},
    {"two-phase-commit.votes_as_set", "two-phase-commit/refused", kDuplicate},
    {"two-phase-commit.hold_locks", "two-phase-commit/one-row", kNone},
    {"two-phase-commit.keeps_context", "two-phase-commit/one-row", kNone},
    {"two-phase-commit.unlock_with_end", "two-phase-commit/done", kCrash},
    {"two-phase-commit.rollback_by_id", "two-phase-commit/two-updates", kNone},
    {"three-phase-commit.precommit", "three-phase-commit/done", kCrash},
    {"three-phase-commit.terminate", "three-phase-commit/done", kCrashStop},
    {"three-phase-commit.force_prepare", "three-phase-commit/done", kCrash},
    {"three-phase-commit.force_precommit", "three-phase-commit/done", kCrash},
    {"three-phase-commit.force_commit", "three-phase-commit/done", kCrash},
    {"three-phase-commit.force_decision", "three-phase-commit/one-participant", kCrash},
    {"tcc.idempotence", "tcc/done", kDuplicate},
    {"tcc.empty_cancel", "tcc/done", kCrash},
    {"tcc.suspension", "tcc/refused", kDuplicate},
    {"tcc.atomic_fence", "tcc/done", kCrash},
    {"tcc.refusal_is_final", "tcc/refused", kNone},
    {"tcc.resume_reserved", "tcc/done", kCrash},
    {"tcc.retry", "tcc/refused-without-sweep", kLoss},
    {"tcc.sweep", "tcc/refused-asked-once", kLoss},
    {"saga-orchestration.deadline", "saga-orchestration/done", kCrash},
    {"saga-orchestration.progress_log", "saga-orchestration/done", kCrash},
    {"saga-orchestration.compensate_unknown", "saga-orchestration/done", kLoss},
    {"saga-orchestration.reverse_order", "saga-orchestration/refused", kNone},
    {"saga-orchestration.registry", "saga-orchestration/refused", kCrash},
    {"saga-orchestration.registry_blocks", "saga-orchestration/refused", kCrash},
    {"saga-orchestration.registry_back_off", "saga-orchestration/one-at-a-time", kNone},
    {"saga-orchestration.refusal_decides", "saga-orchestration/refused-forward", kNone},
    {"saga-orchestration.idempotence", "saga-orchestration/done", kDuplicate},
    {"saga-orchestration.suspension", "saga-orchestration/refused", kDuplicate},
    {"saga-orchestration.semantic_lock", "saga-orchestration/bonus", kNone},
    {"saga-choreography.deadline", "saga-choreography/dead-letter", kNone},
    {"saga-choreography.late_events", "saga-choreography/late-event", kNone},
    {"saga-choreography.inbox", "saga-choreography/no-deadline", kDuplicate},
    {"saga-choreography.outbox", "saga-choreography/no-deadline", kCrash},
    {"saga-choreography.relay_marks", "saga-choreography/overtaken-row", kNone},
    {"broker.force_publish", "saga-choreography/no-deadline", kCrash},
    {"broker.durable_queues", "saga-choreography/no-deadline", kCrash},
    {"broker.exclusive", "saga-choreography/two-members", kNone},
};

// The longest run among the library's scenarios that turn this switch off and expect a violation,
// in events.
std::map<std::string, std::uint64_t> longest_broken() {
  std::map<std::string, std::uint64_t> longest;
  for (const std::string& file : tests::library_files()) {
    const auto scenario = tests::load(file);
    const auto& expected = scenario->expectations;
    const bool is_broken = std::any_of(expected.begin(), expected.end(), [](const auto& that) {
      return that.kind == Expectation::Kind::Verdict && that.verdict == "violated";
    });
    if (!is_broken) continue;
    const std::uint64_t events = run_scenario(scenario).statistics.events;
    for (const std::string& key : scenario->switched_off) {
      longest[key] = std::max(longest[key], events);
    }
  }
  return longest;
}

}  // namespace

TEST_CASE(
    "matrix: each mechanism, if off, gives a violation in a run no longer than its scenario") {
  const std::map<std::string, std::uint64_t> broken = longest_broken();
  std::set<std::string> missed;
  for (const Missed& one : kMissed) {
    const std::string file = fmt::format("scenarios/matrix/{}.ini", one.scenario);
    CAPTURE(one.key, file);
    missed.insert(one.key);
    if (TXSIM_SANITIZED && missed.size() % 4 != 0) continue;
    const auto as_is = tests::load(file);
    std::string setting;
    for (const Mechanism& mechanism : mechanisms_of(*as_is)) {
      if (mechanism.key == one.key) setting = mechanism.setting();
    }
    REQUIRE(!setting.empty());
    ExploreSettings settings;
    settings.budget = one.budget;
    const ExploreResult found = explore(tests::load(file, {setting}), settings);
    REQUIRE(found.counterexample);
    CHECK(found.counterexample->run.statistics.events <= broken.at(one.key));
    // With the mechanism on there is no violation.
    settings.bounds.depth = static_cast<std::uint32_t>(found.search.depth);
    settings.invariants = {found.counterexample->schedule.violated};
    CHECK_FALSE(explore(as_is, settings).counterexample);
  }
  for (const KeyInfo& key : scenario_keys()) {
    if (!key.is_switch) continue;
    CHECK(missed.contains(key.section + "." + key.key));
  }
}

TEST_CASE("matrix: with all mechanisms on, one lost or duplicate message violates nothing") {
  const std::vector<std::string> names = {"local/refused",
                                          "two-phase-commit/done",
                                          "two-phase-commit/refused",
                                          "three-phase-commit/done",
                                          "three-phase-commit/refused",
                                          "tcc/done",
                                          "tcc/refused",
                                          "saga-orchestration/done",
                                          "saga-orchestration/refused"};
  const MatrixPlan plan =
      plan_of(names, {"none"}, {{"none", kNone}, {"loss", kLoss}, {"duplicate", kDuplicate}});
  REQUIRE(plan.tries.size() == names.size());
  const MatrixResult result = explored(plan);
  CHECK(is_as_it_should_be(plan, result));
  std::uint64_t proved = 0;
  for (const MatrixCell& cell : result.cells) {
    CHECK((cell.state == CellState::Proved || cell.state == CellState::NotApplicable));
    if (cell.state == CellState::Proved) ++proved;
  }
  CHECK(proved > 60);
}

TEST_CASE(
    "matrix: a violation that the mechanism does not prevent is not attributed to its absence") {
  const MatrixPlan plan = plan_of({"tcc/refused", "tcc/refused-without-sweep"}, {"tcc.retry"},
                                  {{"loss", kLoss}, {"crash", kCrash}});
  const MatrixResult result = explored(plan);
  const std::size_t convergence = invariant("convergence");
  // Without a sweep nothing cancels a reservation after a lost Cancel. After a crash the
  // reservation remains even if all messages are resent.
  CHECK(result.cell(plan, 1, 0, convergence).state == CellState::Violated);
  CHECK(result.cell(plan, 1, 1, convergence).state == CellState::Proved);
  CHECK(result.cell(plan, 0, 0, convergence).state == CellState::Proved);
  CHECK(unneeded_mechanisms(plan, result).empty());
  const Counterexample* example = result.example(plan, 1, 0, convergence);
  REQUIRE(example != nullptr);
  CHECK(choices_of(*example) == worst_of(plan, result, 1, 0).choices);
}

TEST_CASE("matrix: an incomplete search proves nothing") {
  MatrixPlan plan = plan_of({"tcc/done"}, {"tcc.sweep"}, {{"crash", kCrash}});
  plan.bounds.states = 50;
  const MatrixResult result = explored(plan);
  CHECK(tally(plan, result).proved == 0);
  CHECK(result.cell(plan, 0, 0, invariant("atomicity")).state == CellState::NotExhausted);
  CHECK_FALSE(is_as_it_should_be(plan, result));
}

TEST_CASE("matrix: a mechanism that no search needs is reported") {
  const MatrixPlan plan = plan_of({"tcc/done"}, {"tcc.sweep"}, {{"loss", kLoss}});
  const MatrixResult result = explored(plan);
  CHECK(unneeded_mechanisms(plan, result) == std::vector<std::string>{"tcc.sweep"});
  CHECK_FALSE(is_as_it_should_be(plan, result));
}

TEST_CASE("matrix: text, JSON and page do not depend on the number of jobs") {
  const auto all = [](unsigned jobs) {
    const MatrixPlan plan = plan_of({"tcc/refused"}, {"tcc.suspension", "tcc.idempotence"},
                                    {{"none", kNone}, {"duplicate", kDuplicate}}, jobs);
    const MatrixResult result = explored(plan);
    const MatrixReport report{&plan, &result, {}, ""};
    return text_matrix(report, Paint()) + json_matrix(report) + matrix_page(report);
  };
  const std::string alone = all(1);
  CHECK(alone == all(3));
  CHECK(alone.find("no-hanging 13") != std::string::npos);
}

TEST_CASE("matrix: every violated cell of the page leads to its run") {
  MatrixPlan plan = plan_of({"tcc/refused"}, {"tcc.suspension"}, {{"duplicate", kDuplicate}});
  const MatrixResult result = explored(plan);
  const std::string page = matrix_page({&plan, &result, {}, "txsim matrix"});
  CHECK(wrong_with_page(page).empty());
  const ParsedPage parsed(page);
  const std::size_t violated = tally(plan, result).violated;
  CHECK(violated > 0);
  CHECK(parsed.count("//table//td[@class='violated']/a") == violated);
  CHECK(parsed.count("//article[@class='violation']/ol/li") > 10);
}
