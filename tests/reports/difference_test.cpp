// Two runs that should be equal, and the report if they differ.
#include "reports/difference.h"

#include <catch2/catch.hpp>

#include "tests/runs/fault_walk.h"

namespace txsim::tests {
namespace {

RunResult traced(const std::vector<std::string>& settings) {
  return run_scenario(load("scenarios/order/two-phase-commit/commit.ini", settings),
                      {.keep_trace = true});
}

TEST_CASE("difference: two runs of one scenario have none") {
  CHECK(text_difference(traced({}), traced({})).empty());
}

TEST_CASE("difference: the first different event of two runs is reported in both forms") {
  const RunResult once = traced({});
  RunResult again = traced({});
  again.trace[16].value += 1;
  again.trace[20].value += 1;
  const std::string text = text_difference(once, again);
  INFO(text);
  CHECK(text.starts_with("event 17 differs\n  once:  {\"time_ns\":"));
  CHECK(text.find("\n  again: {\"time_ns\":") != std::string::npos);
}

TEST_CASE("difference: a run that ends early differs at its end") {
  const RunResult once = traced({});
  RunResult again = traced({});
  again.trace.pop_back();
  CHECK(text_difference(once, again).ends_with("\n  again: nothing more"));
  CHECK(text_difference(again, once).find("once:  nothing more\n") != std::string::npos);
}

}  // namespace
}  // namespace txsim::tests
