// Explorations by the clock: they agree with timed runs, in both directions, and their runs are
// possible.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <deque>
#include <set>
#include <string>

#include "checks/judge.h"
#include "runs/cover.h"
#include "runs/explore.h"
#include "runs/rehearsal.h"
#include "runs/run.h"
#include "runs/shrink_schedule.h"
#include "scenarios/draft.h"
#include "tests/judge/generator.h"
#include "tests/runs/explored.h"
#include "tests/runs/fault_walk.h"

namespace {

using namespace txsim;

constexpr std::uint64_t kMostTimedStates = 200'000;

std::shared_ptr<const Scenario> two_services(std::string_view protocol,
                                             std::vector<std::string> settings) {
  settings.push_back("scenario.protocol=" + std::string(protocol));
  return tests::load("tests/runs/two_services.ini", settings);
}

// What an end of a run says: which invariants are violated, what happened to transactions, and the
// amounts.
std::string end_text(const Verdicts& verdicts) {
  std::string text;
  for (const Judgement& judgement : verdicts.judgements) {
    const bool counts = judgement.invariant != "bounded-blocking";
    if (counts) text += judgement.verdict == Verdict::Violated ? '!' : '.';
  }
  for (const auto& [available, reserved] : verdicts.amounts) {
    text += ' ' + std::to_string(available) + '/' + std::to_string(reserved);
  }
  const Outcomes& outcomes = verdicts.counters;
  for (const std::uint64_t count : outcomes.endings) text += ' ' + std::to_string(count);
  for (const std::uint64_t count : {outcomes.told_done, outcomes.told_failed, outcomes.told_busy}) {
    text += ' ' + std::to_string(count);
  }
  return text;
}

Draft draft_of_two_services(const std::vector<std::string>& settings) {
  const ReadDraft read = read_draft("tests/runs/two_services.ini", tests::read_text, settings);
  REQUIRE(read.draft);
  return *read.draft;
}

// All ends that an exploration by the clock reaches; empty: it has more states. Without crashes in
// the middle of a step, which no timed run has unless an event says so.
std::set<std::string> explored_ends(const std::shared_ptr<const Scenario>& scenario,
                                    std::size_t most_states) {
  const WorldModel model(scenario, {}, ~std::uint32_t{0}, {}, Timing::Clock);
  std::set<std::string> ends;
  Visited visited;
  Cover cover;
  std::deque<std::pair<std::uint32_t, WorldModel::State>> waiting;
  const auto meet = [&](const WorldModel::State& state) {
    auto times = std::make_unique<Zone>(WorldModel::times(state));
    const Visited::Met met =
        cover.meet(visited, model.fingerprint(state), std::move(times), 0, 0, 0);
    if (met.is_new) waiting.emplace_back(met.number, state);
  };
  meet(model.initial());
  for (; !waiting.empty() && visited.states() < most_states; waiting.pop_front()) {
    const auto& [number, state] = waiting.front();
    if (cover.covered_by(number) != Visited::kNone) continue;
    if (model.is_end(state)) {
      const EndOfRun end = end_of_run(state.world, Time{scenario->horizon.ns});
      ends.insert(end_text(judge(*state.world.observer(), end)));
    }
    WorldModel::State scratch = state;
    const WorldModel::State& before = state;
    model.expand(before, scratch, [&](WorldModel::State& next, Turn, Visited::Step step) {
      if (!model.option(before, step).move.struck_by) meet(next);
    });
  }
  const bool is_lost = model.lost().what != LostTrack::What::Nothing;
  return waiting.empty() && !is_lost ? ends : std::set<std::string>{};
}

// The delay, or only its least, its greatest, or its middle values: rare timings are made of
// extremes.
Delay narrowed(const Delay& delay, std::uint64_t choice) {
  const Duration tenth{(delay.high.ns - delay.low.ns) / 10};
  switch (choice % 4) {
    case 0:
      return Delay::uniform(delay.low, delay.low + tenth);
    case 1:
      return Delay::uniform(delay.high - tenth, delay.high);
    case 2:
      return Delay::uniform(delay.low + tenth * 4, delay.low + tenth * 6);
    default:
      return delay;
  }
}

// The ends of many timed runs, whose delays are drawn.
std::set<std::string> timed_ends(const std::shared_ptr<const Scenario>& scenario,
                                 std::uint64_t runs) {
  std::set<std::string> ends;
  Scenario one = *scenario;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    one.seed = seed;
    Stream choices(seed, "test");
    const NodeId nodes = static_cast<NodeId>(one.plan.nodes.size());
    one.network.delay = narrowed(scenario->network.delay, choices.next());
    one.links.clear();  // scenarios of these tests have none
    for (NodeId from = 0; from < nodes; ++from) {
      for (NodeId to = 0; to < nodes; ++to) {
        if (from == to) continue;
        Link link = scenario->network;
        link.delay = narrowed(link.delay, choices.next());
        one.links.push_back({from, to, link});
      }
    }
    for (std::size_t node = 0; node < one.disks.size(); ++node) {
      one.disks[node] = narrowed(scenario->disks[node], choices.next());
    }
    const auto shared = std::make_shared<const Scenario>(one);
    const RunResult run = run_scenario(shared, {});
    if (run.idle) ends.insert(end_text(run.verdicts));
  }
  return ends;
}

struct TimedCase {
  const char* protocol;
  std::vector<std::string> settings;
};

// Delays are so long, and timeouts so short, that it depends on the delays what comes first.
std::vector<TimedCase> timed_cases() {
  const std::vector<std::string> slow = {"network.delay=1ms to 9ms", "disk.delay=1ms to 4ms",
                                         "workload.timeout=31ms"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), slow.begin(), slow.end());
    return more;
  };
  return {
      {"two-phase-commit", with({"two-phase-commit.vote_timeout=11700us"})},
      {"two-phase-commit", with({"two-phase-commit.vote_timeout=23300us",
                                 "faults.fault=crash order at 17100us for 40ms"})},
      {"two-phase-commit",
       with({"faults.fault=pause product at 12300us for 9100us", "workload.retries=1"})},
      {"two-phase-commit", with({"faults.fault=drop any any -> any from 11100us to 14700us"})},
      {"two-phase-commit", with({"faults.fault=crash product at 13300us"})},
      {"two-phase-commit", with({"two-phase-commit.heuristic_after=13100us",
                                 "faults.fault=partition order | product "
                                 "from 15300us to 60ms"})},
      {"three-phase-commit", with({"faults.fault=crash order at 21100us for 90ms"})},
      {"tcc", with({"faults.fault=slow Try order -> product 1st by 33300us"})},
      {"tcc", with({"faults.fault=crash order at 15100us for 70ms"})},
      {"saga-orchestration", with({"saga-orchestration.deadline=14300us"})},
      {"saga-orchestration", with({"saga-orchestration.deadline=17700us",
                                   "faults.fault=crash order at 9700us for 12ms"})},
      {"saga-orchestration",
       with({"saga-orchestration.recovery=forward", "saga-orchestration.deadline=301100us",
             "faults.fault=crash order at 9700us for 5ms"})},
      {"saga-choreography", with({"saga-choreography.deadline=41300us", "scenario.horizon=100h"})},
      {"uncoordinated", with({"faults.fault=slow disk at product by 41ms from 5300us to 8100us"})},
      {"two-phase-commit",
       with({"idempotent-receiver.enabled=on", "lock-service.expiry=37100us", "workload.retries=1",
             "faults.fault=pause order at 21300us for 51ms"})},
  };
}

}  // namespace

TEST_CASE("by the clock: explorations and timed runs reach the same ends") {
  for (const TimedCase& one : timed_cases()) {
    CAPTURE(one.protocol, one.settings);
    const auto scenario = two_services(one.protocol, one.settings);
    const std::set<std::string> explored = explored_ends(scenario, kMostTimedStates);
    const std::set<std::string> timed = timed_ends(scenario, TXSIM_SANITIZED ? 200 : 10'000);
    CHECK(std::includes(explored.begin(), explored.end(), timed.begin(), timed.end()));
    if (!TXSIM_SANITIZED) CHECK(explored == timed);
  }
}

TEST_CASE("by the clock: the alarms that only a timer out of turn raises are gone") {
  for (const TimedCase& one : {TimedCase{"two-phase-commit",
                                         {"two-phase-commit.heuristic_after=60s",
                                          "faults.fault=crash order when order has forced commit, "
                                          "1st, for 20s"}}}) {
    const auto scenario = two_services(one.protocol, one.settings);
    ExploreSettings settings;
    CHECK(explore(scenario, settings).counterexample);
    settings.timing = Timing::Clock;
    const ExploreResult result = explore(scenario, settings);
    CHECK(result.search.end == SearchEnd::Exhausted);
    CHECK_FALSE(result.counterexample);
  }
}

TEST_CASE("by the clock: what only a slow disk or a long outage does is found, with a witness") {
  const std::vector<TimedCase> cases = {
      {"two-phase-commit",
       {"two-phase-commit.heuristic_after=10s",
        "faults.fault=crash order when order has forced commit, 1st, for 20s"}},
      {"uncoordinated",
       {"uncoordinated.call_timeout=5s", "faults.fault=slow disk at product by 7s"}},
      {"uncoordinated", {"uncoordinated.call_timeout=1s", "disk.delay=1ms to 1001ms"}},
  };
  for (const TimedCase& one : cases) {
    CAPTURE(one.protocol, one.settings);
    const auto scenario = two_services(one.protocol, one.settings);
    ExploreSettings settings;
    settings.timing = Timing::Clock;
    const ExploreResult result = explore(scenario, settings);
    REQUIRE(result.counterexample);
    Schedule schedule = result.counterexample->schedule;
    schedule.settings = one.settings;
    const auto parsed = parse_schedule(schedule_text(schedule));
    REQUIRE(parsed.error.empty());
    const WorldModel model(scenario, {}, ~std::uint32_t{0}, {}, Timing::Clock);
    Rehearsal rehearsal(model);
    CHECK_FALSE(replay(parsed.schedule, rehearsal).differs);
    std::vector<std::string> settings_over = one.settings;
    settings_over.push_back("scenario.protocol=" + std::string(one.protocol));
    const TimedSchedule timed = time_schedule(draft_of_two_services(settings_over), schedule);
    CHECK(timed.draft);
  }
}

TEST_CASE("explore: a violation that is found untimed is checked against the clock") {
  const auto checked = [&](std::vector<std::string> settings_over, const FaultBudget& budget) {
    ExploreSettings settings;
    settings.budget = budget;
    settings.checks_by_clock = true;
    return explore(two_services("two-phase-commit", std::move(settings_over)), settings);
  };
  const ExploreResult possible = checked({"two-phase-commit.force_decision=off"}, {.crashes = 1});
  REQUIRE(possible.by_clock);
  CHECK(possible.by_clock->answer == CheckedByClock::Answer::Possible);
  CHECK(possible.counterexample->schedule.timing == Timing::Clock);
  CHECK(possible.counterexample->schedule.violated == "conservation");
  CHECK_FALSE(possible.passes());

  // A participant decides alone before its 1 s timeout: never. Whether it may at all depends on how
  // long it waits.
  const std::string outage = "faults.fault=crash order when order has forced commit, 1st, for 20s";
  for (const auto& [heuristic_after, passes] : {std::pair("10s", false), std::pair("60s", true)}) {
    CAPTURE(heuristic_after);
    const ExploreResult result =
        checked({std::string("two-phase-commit.heuristic_after=") + heuristic_after, outage}, {});
    REQUIRE(result.by_clock);
    CHECK(result.by_clock->answer == CheckedByClock::Answer::Impossible);
    CHECK(result.by_clock->obstacle.find(
              "heuristic-after, order 1' would have to come before 'product times out: "
              "decision-timeout, order 1', at least ") != std::string::npos);
    REQUIRE(result.search_by_clock);
    CHECK(result.search_by_clock->counterexample.has_value() != passes);
    CHECK(result.passes() == passes);
  }
}

TEST_CASE("by the clock: joined copies of a message end a search, and prove what they leave out") {
  // Delays without a greatest value, and an inquiry that is repeated until it is answered.
  const auto scenario = two_services("two-phase-commit", {"network.delay=exponential 2ms"});
  const auto searched = [&](std::uint32_t most_copies, std::uint64_t states) {
    const WorldModel model(scenario, {.losses = 1}, bit_of("agreement"), {}, Timing::Clock,
                           most_copies);
    SearchBounds bounds;
    bounds.states = states;
    return search(model, bounds).end;
  };
  CHECK(searched(World::kEachCopy, 50'000) == SearchEnd::StatesReached);
  CHECK(searched(1, 50'000) == SearchEnd::Exhausted);
  ExploreSettings settings;
  settings.timing = Timing::Clock;
  settings.budget.losses = 1;
  settings.invariants = {"agreement", "convergence"};
  const ExploreResult result = explore(scenario, settings);
  CHECK(result.search.end == SearchEnd::Exhausted);
  CHECK(result.joins_copies);
  CHECK_FALSE(result.counterexample);
}

TEST_CASE("explore: a crash placed by time also strikes between two effects of one step") {
  // The coordinator is to send two Commits at 9 ms: one participant commits, the other, which has
  // heard nothing, aborts alone.
  const std::string text =
      "[scenario]\nprotocol = two-phase-commit\n[service c]\nrecords = x\n"
      "[service p1]\nresource = a 10\n[service p2]\nresource = b 10\n"
      "[transaction t]\nbegins_at = c\nstep = take 1 a at p1\nstep = take 1 b at p2\n"
      "[disk]\ndelay = 1ms\n[idempotent-receiver]\nenabled = off\n"
      "[two-phase-commit]\nheuristic_after = 2s\n[faults]\nfault = crash c at ";
  const auto agreement_falls = [&](const std::string& at, Timing timing) {
    ExploreSettings settings;
    settings.timing = timing;
    const ExploreResult result = explore(tests::parsed(text + at + "\n"), settings);
    return result.counterexample && result.counterexample->schedule.violated == "agreement";
  };
  CHECK(agreement_falls("3ms", Timing::Untimed));
  CHECK_FALSE(agreement_falls("3ms", Timing::Clock));
  CHECK(agreement_falls("9ms", Timing::Clock));
}

TEST_CASE("by the clock: a crash in a pause does not lose the time of what has arrived") {
  const auto scenario =
      two_services("two-phase-commit",
                   {"network.delay=1ms to 9ms", "disk.delay=1ms to 4ms", "workload.timeout=31ms",
                    "workload.retries=1", "faults.fault=pause product at 5300us for 80ms",
                    "faults.fault=crash product at 11ms for 5ms"});
  const std::set<std::string> explored = explored_ends(scenario, kMostTimedStates);
  const std::set<std::string> timed = timed_ends(scenario, TXSIM_SANITIZED ? 200 : 4'000);
  CHECK(std::includes(explored.begin(), explored.end(), timed.begin(), timed.end()));
}

// TXSIM_RUNS scenarios from number TXSIM_FIRST_SEED on.
TEST_CASE("by the clock: random scenarios end only as their explorations say", "[.long]") {
  const auto number_in = [](const char* name, std::uint64_t usual) {
    const char* text = std::getenv(name);
    return text == nullptr ? usual : std::stoull(text);
  };
  const std::uint64_t first = number_in("TXSIM_FIRST_SEED", 1);
  std::uint64_t explored_in_full = 0;
  for (std::uint64_t i = first; i < first + number_in("TXSIM_RUNS", 1000); ++i) {
    const std::string text = reference::generate(i, reference::Mechanisms::Mixed);
    auto scenario = std::make_shared<Scenario>(*tests::parsed(text));
    if (!why_not_by_clock(*scenario).empty() || !scenario->links.empty()) continue;
    scenario->random_faults = {};
    scenario->network.loss = scenario->network.duplication = {};
    scenario->workload.orders = std::min<std::uint64_t>(scenario->workload.orders, 1);
    const std::set<std::string> explored = explored_ends(scenario, 3'000);
    if (explored.empty()) continue;
    ++explored_in_full;
    INFO(text);
    CAPTURE(i);
    const std::set<std::string> timed = timed_ends(scenario, 50);
    CHECK(std::includes(explored.begin(), explored.end(), timed.begin(), timed.end()));
  }
  WARN(explored_in_full << " explored in full");
  CHECK(explored_in_full > 0);
}
