// A pause of any length, at any event, of any service or the lock service. Under every protocol, an
// order that is submitted again is executed once.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "runs/run.h"
#include "tests/scenarios/parse.h"

using namespace txsim;

namespace {

// Pauses are shorter or longer than the lock's expiry. The client submits once more after 30 s.
std::string paused_order(const std::string& protocol) {
  return fmt::format(
      "[scenario]\nprotocol = {}\nhorizon = 5m\n[service worker]\nrecords = runs\n"
      "[service storage]\nresource = writes 0\n[transaction write]\nbegins_at = worker\n"
      "step = create runs at worker\nstep = give 1 writes at storage\n[disk]\ndelay = 2ms\n"
      "[workload]\ntimeout = 30s\nretries = 2\n",
      protocol);
}

RunResult run(const std::string& protocol, const std::vector<std::string>& settings) {
  const tests::Files files{{"test.ini", paused_order(protocol)}};
  const ParsedScenario parsed = tests::parse(files, settings);
  for (const ScenarioError& error : parsed.errors) FAIL(text(error));
  return run_scenario(parsed.scenario);
}

bool is_executed_twice(const RunResult& result) {
  const auto& judgements = result.verdicts.judgements;
  return std::any_of(judgements.begin(), judgements.end(), [](const Judgement& judgement) {
    return judgement.invariant == "exactly-once" && judgement.verdict == Verdict::Violated;
  });
}

// True if a pause at some event makes the order execute twice.
bool is_ever_executed_twice(const std::string& protocol, const std::vector<std::string>& settings,
                            std::uint64_t stride = 1) {
  const std::uint64_t events = run(protocol, settings).statistics.events;
  for (std::uint64_t event = 1; event <= events; event += stride) {
    for (const char* node : {"worker", "storage", "lock"}) {
      for (const char* length : {"29999ms", "31s", "61s"}) {
        std::vector<std::string> all = settings;
        all.push_back(fmt::format("faults.fault=pause {} at event {} for {}", node, event, length));
        if (!is_executed_twice(run(protocol, all))) continue;
        UNSCOPED_INFO(all.back());
        return true;
      }
    }
  }
  return false;
}

// The stride for walks that must find no second execution.
constexpr std::uint64_t kPauseStride = TXSIM_SANITIZED ? 11 : 1;

// A saga's deadline would undo a slow execution, and so hide a second one.
constexpr const char* kNoDeadline = "saga-orchestration.deadline=never";

constexpr const char* kProtocols[] = {"local", "uncoordinated",      "two-phase-commit",
                                      "tcc",   "saga-orchestration", "saga-choreography"};

}  // namespace

TEST_CASE("pauses: with fencing no pause at any event executes an order twice") {
  for (const char* protocol : kProtocols) {
    CAPTURE(protocol);
    CHECK_FALSE(is_ever_executed_twice(protocol, {}, kPauseStride));
  }
  CHECK_FALSE(is_ever_executed_twice("saga-orchestration", {kNoDeadline}, kPauseStride));
}

TEST_CASE(
    "pauses: without fencing some pause executes an order twice, if the protocol calls services") {
  for (const char* protocol : {"two-phase-commit", "tcc", "saga-orchestration"}) {
    CAPTURE(protocol);
    CHECK(is_ever_executed_twice(protocol, {"idempotent-receiver.fencing=off", kNoDeadline}));
  }
}

TEST_CASE("pauses: a grant that is delayed beyond the lock's expiry starts no execution") {
  for (const char* protocol : kProtocols) {
    for (const char* late : {"29s", "31s", "45s", "70s"}) {
      CAPTURE(protocol, late);
      const std::string fault =
          fmt::format("faults.fault=slow LockAcquired lock -> worker 1st by {}", late);
      CHECK_FALSE(is_executed_twice(run(protocol, {fault})));
    }
  }
}
