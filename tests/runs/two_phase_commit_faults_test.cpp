// The promises of two-phase commit, under one more fault at every place of every cured scenario,
// and in bad weather.
#include <catch2/catch.hpp>

#include "tests/runs/coverage.h"

namespace txsim::tests {

Coverage two_phase_commit_coverage() {
  Coverage coverage{.protocol = find_protocol("two-phase-commit"),
                    .title = "2PC",
                    .downs = {milliseconds(1), milliseconds(2500)},
                    .delays = {seconds(2)},
                    .copies = {milliseconds(1), seconds(2)},
                    .seeds = 50,
                    .least = {.scenarios = 30,
                              .crashes = 40'000,
                              .losses = 1'000,
                              .delays = 1'000,
                              .copies = 2'000,
                              .storms = 6'000}};
  // Choices: each variant. Further choices, each on and off: cooperative termination; repeated
  // orders at an idempotent receiver; equal delays, so that many events share an instant; updates
  // that travel with Prepare; heuristic decisions.
  coverage.choices = {
      {{"two-phase-commit.variant=basic"},
       {"two-phase-commit.variant=presumed-abort"},
       {"two-phase-commit.variant=presumed-commit"}},
      {{}, {"two-phase-commit.cooperative_termination=on"}},
      {{},
       {"idempotent-receiver.enabled=on", "faults.duplication=5%", "workload.retries=2",
        "workload.repeats=1", "workload.repeat_after=300ms"}},
      {{},
       {"network.delay=1ms", "disk.delay=1ms", "service point.disk=2ms",
        "workload.arrivals=every 15ms", "store.lock_timeout=12ms",
        "two-phase-commit.update_timeout=15ms", "two-phase-commit.vote_timeout=15ms",
        "two-phase-commit.idle_timeout=40ms", "two-phase-commit.decision_timeout=8ms",
        "two-phase-commit.resend_after=5ms", "faults.crash_every=80ms", "faults.crash_for=1ms",
        "faults.pause_every=150ms", "faults.pause_for=2ms", "faults.partition_every=150ms",
        "faults.partition_for=3ms", "faults.quiet_after=200ms"}},
      {{}, {"two-phase-commit.with_prepare=on"}},
      {{}, {"two-phase-commit.heuristic_after=1s"}}};
  return coverage;
}

TEST_CASE("2PC: a crash of any node after any event breaks no promise") {
  hold_in_crashes(two_phase_commit_coverage());
}

TEST_CASE("2PC: the loss of any one message breaks no promise") {
  hold_in_losses(two_phase_commit_coverage());
}

TEST_CASE("2PC: a delay of two seconds of any one message breaks no promise") {
  hold_in_delays(two_phase_commit_coverage());
}

TEST_CASE("2PC: any one message arriving twice breaks no promise") {
  hold_in_copies(two_phase_commit_coverage());
}

TEST_CASE("2PC: keeps its promises in bad weather") {
  hold_in_bad_weather(two_phase_commit_coverage());
}

// Two participants in each variant, two conflicting transactions, three participants.
TEST_CASE("2PC: with a mechanism switched off some fault breaks a promise") {
  const std::string folder = "scenarios/order/two-phase-commit/";
  find_broken({"two-phase-commit.force_prepare=off", "two-phase-commit.force_commit=off",
               "two-phase-commit.force_decision=off", "two-phase-commit.resend=off",
               "two-phase-commit.unanimity=off", "two-phase-commit.votes_as_set=off",
               "two-phase-commit.hold_locks=off"},
              {{folder + "basic.ini", {}},
               {folder + "presumed-commit.ini", {}},
               {folder + "lock-wait.ini", {}},
               {folder + "one-no-of-three.ini", {"service point.resource=balance 1000"}}});
}

}  // namespace txsim::tests
