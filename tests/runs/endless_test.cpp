// Where runs never end: which of them are fair, and what is broken in these forever.
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

// Point votes yes on its first order and crashes for good: the coordinator sends Commit forever,
// which harms nobody.
constexpr const char* kSentForEver = R"(
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

TEST_CASE("endless: a fair run stays where nothing leads out, and goes through all of it") {
  // 0 leads to an end and to two loops; out of that of 1 and 2 something leads into that of 4.
  CHECK(find_endless(graph({{1, 3, 5}, {2}, {1, 4}, {}, {4}, {6}, {5}})) == Sets{{4}, {5, 6}});
}

TEST_CASE("endless: what can end will, and a fault that may be left out leads nowhere") {
  CHECK(find_endless(graph({{1}, {0, 2}, {}})).empty());
  CHECK(find_endless(graph({{1}, {0, 2 | Edges::kMay}, {}})) == Sets{{0, 1}});
}

TEST_CASE("endless: loops that share a state are one") {
  CHECK(find_endless(graph({{1, 2}, {0}, {3}, {2, 0}})) == Sets{{0, 1, 2, 3}});
}

TEST_CASE("endless: a timer that is set fires, however often another does") {
  // In the second order point never votes. Its coordinator gives up waiting, though the timer by
  // which it sends the first order's Commit again could always fire before.
  const ExploreResult result = explored(std::string(kSentForEver) +
                                        "[transaction order]\n"
                                        "begins_at = order\n"
                                        "step = take 2 stock at product\n"
                                        "step = take 500 balance at point\n");
  CHECK(result.search.end == SearchEnd::Exhausted);
  CHECK_FALSE(result.counterexample);
}

TEST_CASE(
    "endless: what is broken in one place is found, though another that harms nobody is nearer") {
  // Desk crashes for good before it has told product, which asks forever.
  const ExploreResult result = explored(std::string(kSentForEver) +
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
  // The loop that is told is fair: Commit is sent again, and product asks again.
  std::string loop;
  const std::vector<Schedule::Step>& steps = result.counterexample->schedule.steps;
  REQUIRE(result.counterexample->loop <= steps.size());
  for (auto step = steps.end() - static_cast<std::ptrdiff_t>(result.counterexample->loop);
       step != steps.end(); ++step) {
    loop += step->label + "\n";
  }
  CHECK_THAT(loop, Catch::Contains("resend-after") && Catch::Contains("decision-timeout"));
}
