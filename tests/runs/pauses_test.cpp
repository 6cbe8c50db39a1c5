// A pause of any length, at any event, of any service or of the lock service: an order that is
// submitted again is executed once, under every protocol.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "runs/run.h"
#include "tests/scenarios/parse.h"

using namespace txsim;

namespace {

// Shorter than the lock's expiry and longer; the client submits once more after 30 s.
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

// Whether a run with a pause at some event executes the order twice.
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

// Of the events at which nobody is to be executed twice.
constexpr std::uint64_t kPauseStride = TXSIM_SANITIZED ? 11 : 1;

// A saga's deadline undoes what waited for too long, also an execution that is one too many.
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

TEST_CASE("pauses: without fencing some pause executes an order twice, where services are asked") {
  for (const char* protocol : {"two-phase-commit", "tcc", "saga-orchestration"}) {
    CAPTURE(protocol);
    CHECK(is_ever_executed_twice(protocol, {"idempotent-receiver.fencing=off", kNoDeadline}));
  }
}

TEST_CASE("pauses: a grant that is late for longer than the expiry begins nothing") {
  for (const char* protocol : kProtocols) {
    for (const char* late : {"29s", "31s", "45s", "70s"}) {
      CAPTURE(protocol, late);
      const std::string fault =
          fmt::format("faults.fault=slow LockAcquired lock -> worker 1st by {}", late);
      CHECK_FALSE(is_executed_twice(run(protocol, {fault})));
    }
  }
}
