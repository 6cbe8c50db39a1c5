// Symmetry: which services are interchangeable, whether the twins mirror every event, and which
// states are skipped.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "runs/rehearsal.h"
#include "runs/symmetry.h"
#include "tests/runs/explored.h"

namespace {

using namespace txsim;
using tests::alike;
using tests::explored;
using tests::for_each_state;
using tests::parsed;
using tests::verdict;

constexpr std::uint64_t kMostStates = 2'000'000;
const Reductions kSymmetry{.symmetry = true};

// An order at a shop and services b1, b2 ..., with differences between them.
struct Text {
  std::string protocol = "two-phase-commit";
  std::string settings = "with_prepare = on";
  std::vector<std::string> services = {"stock 5",
                                       "stock 5"};  // each with its resource and more lines
  std::vector<std::string> steps = {"take 1 stock at b1", "take 1 stock at b2"};
  std::string more{};

  std::shared_ptr<const Scenario> scenario() const {
    std::string text = fmt::format("[scenario]\ntitle = like services\nprotocol = {}\n[{}]\n{}\n",
                                   protocol, protocol, settings);
    text += "[service shop]\nrecords = orders\nresource = money 5\n";
    for (std::size_t i = 0; i < services.size(); ++i) {
      text += fmt::format("[service b{}]\nresource = {}\n", i + 1, services[i]);
    }
    text += "[transaction order]\nbegins_at = shop\n";
    for (const std::string& step : steps) text += "step = " + step + "\n";
    return parsed(
        text +
        "[network]\ndelay = 1ms\n[disk]\ndelay = 2ms\n[idempotent-receiver]\nenabled = off\n" +
        more);
  }
};

std::string pairs_of(const Scenario& scenario) {
  std::string text;
  for (const SymmetricPair& pair : symmetric_pairs(scenario)) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", scenario.plan.nodes[pair.first],
                        scenario.plan.nodes[pair.second]);
  }
  return text;
}

const std::string kParallel = "parallel = on";
const Text kTcc{.protocol = "tcc", .settings = kParallel};
const Text kSaga{.protocol = "saga-orchestration", .settings = kParallel};

// A second order may spend the gifts to two accounts before they can be taken back. The
// compensation is retried forever. The accounts are interchangeable.
std::shared_ptr<const Scenario> spent_deposits() {
  return Text{.protocol = "saga-orchestration",
              .settings = "parallel = on\nsemantic_lock = off",
              .services = {"stock 0", "stock 0"},
              .steps = {"give 1 stock at b1", "give 1 stock at b2", "take 9 money at shop"},
              .more =
                  "[transaction spend]\nbegins_at = shop\nstep = take 1 stock at b1\n"
                  "step = take 1 stock at b2\n[workload]\norders = 2\ntimeout = 10s\n"}
      .scenario();
}

struct Case {
  const char* name;
  std::shared_ptr<const Scenario> scenario;
};
std::vector<Case> like_scenarios() {
  const auto two_phase = [](const std::string& more) {
    return Text{.settings = "with_prepare = on\n" + more}.scenario();
  };
  const auto with = [](Text text, const std::string& settings) {
    text.settings += "\n" + settings;
    return text.scenario();
  };
  return {{"two-phase commit", two_phase("")},
          {"presumed abort", two_phase("variant = presumed-abort")},
          {"votes counted", two_phase("votes_as_set = off")},
          {"a majority", two_phase("unanimity = off")},
          {"prepare not forced", two_phase("force_prepare = off")},
          {"nothing resent", two_phase("resend = off")},
          {"they ask each other", two_phase("cooperative_termination = on")},
          {"short of stock", Text{.services = {"stock 0", "stock 0"}}.scenario()},
          {"tcc", kTcc.scenario()},
          {"tcc, short of stock", Text{"tcc", kParallel, {"stock 0", "stock 0"}}.scenario()},
          {"tcc without idempotence", with(kTcc, "idempotence = off")},
          {"tcc without retry", with(kTcc, "retry = off")},
          {"saga", kSaga.scenario()},
          {"saga, short of stock",
           Text{"saga-orchestration", kParallel, {"stock 0", "stock 0"}}.scenario()},
          {"saga without idempotence", with(kSaga, "idempotence = off")},
          {"saga without registry", with(kSaga, "registry = off")}};
}

}  // namespace

TEST_CASE("symmetry: services that differ only in their names are interchangeable") {
  CHECK(pairs_of(*alike(4)) == "p1=p2 p2=p3 p3=p4");
  CHECK(pairs_of(*Text{}.scenario()) == "b1=b2");
  CHECK(pairs_of(*kTcc.scenario()) == "b1=b2");
  CHECK(pairs_of(*kSaga.scenario()) == "b1=b2");
  CHECK(pairs_of(*spent_deposits()) == "b1=b2");
  const Text between{.services = {"stock 5", "stock 7", "stock 5"},
                     .steps = {"take 1 stock at b1", "take 1 stock at b2", "take 1 stock at b3"}};
  CHECK(pairs_of(*between.scenario()) == "b1=b3");
}

TEST_CASE("symmetry: services with any other difference are not interchangeable") {
  const std::string one = "take 1 stock at b1";
  const std::string other = "take 1 stock at b2";
  const std::string own = "take 1 money at shop";
  const std::vector<std::pair<const char*, Text>> unlike = {
      {"their amounts", {.services = {"stock 5", "stock 6"}}},
      {"how many they own", {.services = {"stock 5", "stock 5\nresource = gold 5"}}},
      {"their disks", {.services = {"stock 5", "stock 5\ndisk = 7ms"}}},
      {"that they prepare", {.services = {"stock 5", "stock 5\nprepares = off"}}},
      {"that both are last", {.services = {"stock 5\nprepares = off", "stock 5\nprepares = off"}}},
      {"how much is taken", {.steps = {one, "take 2 stock at b2"}}},
      {"what is done", {.steps = {one, "give 1 stock at b2"}}},
      {"how often", {.steps = {one, other, other}}},
      {"a fault", {.more = "[faults]\nfault = crash b1 at 5ms for 1s\n"}},
      {"a link", {.more = "[link shop -> b1]\norder = fifo\n"}},
      {"where an order begins",
       {.more = "[transaction back]\nbegins_at = b1\nstep = take 1 money at shop\n"}},
      {"another order",
       {.more = "[transaction part]\nbegins_at = shop\nstep = take 1 stock at b1\n"}},
      {"updates in turn", {.settings = "with_prepare = off"}},
      {"tries in turn", {"tcc", "parallel = off"}},
      {"actions in turn", {"saga-orchestration", "parallel = off"}},
      {"an action between",
       {"saga-orchestration", kParallel, {"stock 5", "stock 5"}, {one, own, other}}},
      {"a broker", {"saga-choreography", kParallel}},
      {"no protocol", {"uncoordinated", ""}}};
  for (const auto& [what, text] : unlike) {
    CAPTURE(what);
    CHECK(pairs_of(*text.scenario()).empty());
  }
}

TEST_CASE("symmetry: a twin mirrors its state after any event") {
  const std::size_t most = TXSIM_SANITIZED ? 60 : 1'500;
  std::size_t looked_at = 0;
  for (const Case& one : like_scenarios()) {
    const std::vector<FaultBudget> budgets = {{.losses = 1}, {.duplicates = 1}, {.timeouts = 1}};
    for (const FaultBudget& budget : budgets) {
      CAPTURE(one.name, budget.packed());
      const WorldModel model(one.scenario, budget, ~std::uint32_t{0}, kSymmetry);
      REQUIRE(model.pairs().size() == 1);
      std::size_t unlike = 0;
      looked_at += for_each_state(model, most, [&](const WorldModel::State& state) {
        if (!model.is_mirrored(state)) ++unlike;
      });
      CHECK(unlike == 0);
    }
  }
  CHECK(looked_at > (TXSIM_SANITIZED ? 1'000U : 10'000U));
}

TEST_CASE("symmetry: the same verdict, with a run of the same length and fewer states") {
  std::size_t fewer = 0;
  std::size_t violated = 0;
  for (const Case& one : like_scenarios()) {
    std::vector<FaultBudget> budgets = {{}, {.losses = 1}, {.duplicates = 1}, {.timeouts = 1}};
    if (TXSIM_SANITIZED) budgets.resize(2);
    for (const FaultBudget& budget : budgets) {
      CAPTURE(one.name, budget.packed());
      const ExploreResult without = explored(one.scenario, budget, {}, 20'000);
      if (without.search.end == SearchEnd::StatesReached) continue;
      const ExploreResult with = explored(one.scenario, budget, kSymmetry, kMostStates);
      CHECK(verdict(with) == verdict(without));
      CHECK(verdict(explored(one.scenario, budget, Reductions::all(), kMostStates)) ==
            verdict(without));
      CHECK(with.search.states <= without.search.states);
      if (with.search.states < without.search.states) ++fewer;
      if (without.counterexample) ++violated;
    }
  }
  CHECK(fewer > (TXSIM_SANITIZED ? 8U : 40U));
  CHECK(violated > (TXSIM_SANITIZED ? 1U : 6U));
}

TEST_CASE(
    "symmetry: three interchangeable services, with safe and unsafe settings, under each fault") {
  const std::vector<std::string> three = {"stock 5", "stock 5", "stock 5"};
  const std::vector<std::string> steps = {"take 1 stock at b1", "take 1 stock at b2",
                                          "take 1 stock at b3"};
  const std::vector<Text> texts = {
      {"two-phase-commit", "with_prepare = on", three, steps},
      {"two-phase-commit", "with_prepare = on\nvotes_as_set = off", three, steps},
      {"tcc", kParallel, three, steps},
      {"saga-orchestration", kParallel + "\ncompensate_unknown = off", three, steps}};
  for (const Text& text : texts) {
    std::vector<FaultBudget> budgets = {{}, {.losses = 1}, {.duplicates = 1}};
    if (TXSIM_SANITIZED) budgets.resize(2);
    for (const FaultBudget& budget : budgets) {
      CAPTURE(text.protocol, text.settings, budget.packed());
      const auto scenario = text.scenario();
      const ExploreResult without = explored(scenario, budget, {}, 60'000);
      if (without.search.end == SearchEnd::StatesReached) continue;
      const ExploreResult with = explored(scenario, budget, kSymmetry, kMostStates);
      CHECK(verdict(with) == verdict(without));
      CHECK(with.search.states < without.search.states);
    }
  }
}

TEST_CASE("symmetry: a livelock among interchangeable services is found, with a real loop") {
  const auto scenario = spent_deposits();
  std::uint64_t states_without = kMostStates;
  if (!TXSIM_SANITIZED) {
    const ExploreResult without = explored(scenario, {}, {}, kMostStates);
    CHECK(verdict(without) == "violated: convergence by a loop");
    states_without = without.search.states;
  }
  for (const Reductions& reductions : {Reductions::all(), kSymmetry}) {
    if (TXSIM_SANITIZED && !reductions.order) continue;
    const ExploreResult with = explored(scenario, {}, reductions, kMostStates);
    CHECK(verdict(with) == "violated: convergence by a loop");
    CHECK(with.search.states < states_without);
    REQUIRE(with.counterexample);
    const WorldModel model(scenario, {}, ~std::uint32_t{0});
    Rehearsal rehearsal(model);
    const std::vector<Schedule::Step>& steps = with.counterexample->schedule.steps;
    std::uint64_t at_loop = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (i + with.counterexample->loop == steps.size()) {
        at_loop = model.fingerprint(rehearsal.state());
      }
      Schedule::Step done;
      REQUIRE(rehearsal.take(steps[i], done));
    }
    CHECK(model.fingerprint(rehearsal.state()) == at_loop);
  }
}

TEST_CASE(
    "symmetry: interchangeable participants have one state for each assignment of their numbers") {
  const ExploreResult four = explored(alike(4), {}, Reductions::all(), kMostStates);
  CHECK(four.search.states == 28);
  CHECK(four.search.transitions == 38);
  const ExploreResult six = explored(alike(6), {}, Reductions::all(), kMostStates);
  CHECK(six.search.states == 45);
  CHECK(six.search.transitions == 66);
  CHECK(verdict(six) == "exhausted");
  const ExploreResult lossy = explored(alike(4), {.losses = 1}, Reductions::all(), kMostStates);
  CHECK(lossy.search.states == 416);
  CHECK(explored(alike(4), {.losses = 1}, Reductions::all(), kMostStates, 3).search.states == 416);
}

TEST_CASE("symmetry: a search with crashes skips no state") {
  const FaultBudget crash = {.crashes = 1};
  const ExploreResult with = explored(alike(2), crash, kSymmetry, kMostStates);
  const ExploreResult without = explored(alike(2), crash, {}, kMostStates);
  CHECK(with.search.states == without.search.states);
  CHECK(WorldModel(alike(2), crash, 0, kSymmetry).pairs().empty());
}

// `symmetric_pairs` must not return such a pair. The search detects it and starts over.
TEST_CASE("symmetry: services wrongly taken as interchangeable are detected") {
  const Text text{.services = {"stock 5", "stock 0"}};
  const auto scenario = text.scenario();
  Reductions wrong = kSymmetry;
  wrong.claimed = {{1, 2}};
  REQUIRE(scenario->plan.nodes[1] == "b1");
  const WorldModel model(scenario, {}, ~std::uint32_t{0}, wrong);
  std::size_t unlike = 0;
  for_each_state(model, kMostStates, [&](const WorldModel::State& state) {
    if (!model.is_mirrored(state)) ++unlike;
  });
  CHECK(unlike > 0);
  const ExploreResult without = explored(scenario, {}, {}, kMostStates);
  const ExploreResult with = explored(scenario, {}, wrong, kMostStates);
  CHECK(verdict(with) == verdict(without));
  CHECK(with.search.states == without.search.states);
}
