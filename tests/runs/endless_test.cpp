// Endless runs: which of them are fair, and which invariants stay violated in them.
#include "runs/endless.h"

#include <catch2/catch.hpp>

#include "runs/explore.h"
#include "scenarios/language.h"

namespace {

using namespace txsim;

using Sets = std::vector<std::vector<std::uint32_t>>;

Edges graph(const Sets& successors) {
  Edges edges;
  for (const auto& of : successors) {
    edges.first.push_back(edges.to.size());
    edges.to.insert(edges.to.end(), of.begin(), of.end());
  }
  edges.first.push_back(edges.to.size());
  return edges;
}

ExploreResult explored(const std::string& text, const FaultBudget& budget = {}) {
  const auto read = [&](const std::string&) { return FileText{text, ""}; };
  const ParsedScenario parsed = parse_scenario("endless.ini", read, {});
  REQUIRE(parsed.scenario);
  ExploreSettings settings;
  settings.budget = budget;
  settings.invariants = {"non-blocking"};
  return explore(parsed.scenario, settings);
}

// Point votes yes on its first order and crashes for good. The coordinator resends Commit forever,
// which is harmless.
constexpr const char* kSentForever = R"(
[scenario]
protocol = two-phase-commit
[service order]
[service desk]
[service product]
resource = stock 100
[service point]
resource = balance 1000
[workload]
orders = 2
[two-phase-commit]
with_prepare = on
one_phase = off
[idempotent-receiver]
enabled = off
[faults]
fault = crash point when point sends VoteYes, 1st
)";

}  // namespace

TEST_CASE("endless: a fair run stays in a component without exits, and visits all of its states") {
  // State 0 leads to an end and to two loops. An edge leads from the loop of 1 and 2 to the loop of
  // 4.
  CHECK(find_endless(graph({{1, 3, 5}, {2}, {1, 4}, {}, {4}, {6}, {5}})) == Sets{{4}, {5, 6}});
}

TEST_CASE("endless: a run that can end ends, and an optional fault is not required to happen") {
  CHECK(find_endless(graph({{1}, {0, 2}, {}})).empty());
  CHECK(find_endless(graph({{1}, {0, 2 | Edges::kMay}, {}})) == Sets{{0, 1}});
}

TEST_CASE("endless: loops that share a state are one loop") {
  CHECK(find_endless(graph({{1, 2}, {0}, {3}, {2, 0}})) == Sets{{0, 1, 2, 3}});
}

TEST_CASE("endless: a timer that is set fires, no matter how often another one fires") {
  // Point never votes in the second order. Its coordinator stops waiting, although the timer that
  // resends the first order's Commit could always fire first.
  const ExploreResult result = explored(std::string(kSentForever) +
                                        "[transaction order]\n"
                                        "begins_at = order\n"
                                        "step = take 2 stock at product\n"
                                        "step = take 500 balance at point\n");
  CHECK(result.search.end == SearchEnd::Exhausted);
  CHECK_FALSE(result.counterexample);
}

TEST_CASE("endless: a violating loop is found, even if a harmless loop is nearer") {
  // Desk crashes for good before it sends product the decision. Product asks forever.
  const ExploreResult result = explored(std::string(kSentForever) +
                                            "[transaction order]\n"
                                            "begins_at = order\n"
                                            "step = take 500 balance at point\n"
                                            "[transaction sale]\n"
                                            "begins_at = desk\n"
                                            "step = take 2 stock at product\n",
                                        {.crash_stops = 1});
  CHECK(result.search.end == SearchEnd::Exhausted);
  REQUIRE(result.counterexample);
  CHECK(result.counterexample->schedule.violated == "non-blocking");
  // The reported loop is fair: the coordinator resends Commit, and product asks again.
  std::string loop;
  const std::vector<Schedule::Step>& steps = result.counterexample->schedule.steps;
  REQUIRE(result.counterexample->loop <= steps.size());
  for (auto step = steps.end() - static_cast<std::ptrdiff_t>(result.counterexample->loop);
       step != steps.end(); ++step) {
    loop += step->label + "\n";
  }
  CHECK_THAT(loop, Catch::Contains("resend-after") && Catch::Contains("decision-timeout"));
}
