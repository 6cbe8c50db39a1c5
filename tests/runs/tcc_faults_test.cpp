// The promises of TCC, under one more fault at every place of every cured scenario, and in bad
// weather.
#include <catch2/catch.hpp>

#include "tests/runs/coverage.h"

namespace txsim::tests {

// Scenarios with an operator are also walked with the scheduler instead.
Coverage tcc_coverage() {
  Coverage coverage{.protocol = find_protocol("tcc"),
                    .title = "TCC",
                    .downs = {milliseconds(1), milliseconds(4500)},
                    .delays = {seconds(2), seconds(8)},
                    .copies = {milliseconds(1), seconds(8)},
                    .seeds = 50,
                    .least = {.scenarios = 13,
                              .crashes = 5'000,
                              .losses = 200,
                              .delays = 400,
                              .copies = 400,
                              .storms = 6'000}};
  for (const char* file : {"pending-reserved-reserved.ini", "pending-confirmed-reserved.ini",
                           "pending-confirmed-confirmed.ini"}) {
    coverage.besides.push_back(
        {std::string("scenarios/order/tcc/") + file, {"tcc.pending_policy=retry"}});
  }
  // Choices, each on and off: parallel steps; repeated orders at an idempotent receiver; equal
  // delays, so that many events share an instant; no retries; few retries and an automatic
  // confirmation; no retries and an operator.
  coverage.choices = {
      {{}, {"tcc.parallel=on"}},
      {{},
       {"idempotent-receiver.enabled=on", "faults.duplication=5%", "workload.retries=2",
        "workload.repeats=1", "workload.repeat_after=300ms"}},
      {{},
       {"network.delay=1ms", "disk.delay=1ms", "service point.disk=2ms",
        "workload.arrivals=every 15ms", "tcc.try_timeout=12ms", "tcc.back_off=2ms",
        "tcc.sweep_after=40ms", "tcc.pending_every=20ms", "tcc.cancel_every=50ms",
        "faults.crash_every=80ms", "faults.crash_for=1ms", "faults.pause_every=150ms",
        "faults.pause_for=2ms", "faults.partition_every=150ms", "faults.partition_for=3ms",
        "faults.quiet_after=200ms"}},
      {{},
       {"tcc.retries=0"},
       {"tcc.pending_policy=confirm-after", "tcc.retries=1"},
       {"tcc.pending_policy=alert", "tcc.retries=0", "tcc.operator_after=1s"}}};
  return coverage;
}

TEST_CASE("TCC: a crash of any node after any event breaks no promise") {
  hold_in_crashes(tcc_coverage());
}

TEST_CASE("TCC: the loss of any one message breaks no promise") { hold_in_losses(tcc_coverage()); }

TEST_CASE("TCC: a delay of any one message breaks no promise") { hold_in_delays(tcc_coverage()); }

TEST_CASE("TCC: any one message arriving twice breaks no promise") {
  hold_in_copies(tcc_coverage());
}

TEST_CASE("TCC: keeps its promises in bad weather") { hold_in_bad_weather(tcc_coverage()); }

TEST_CASE("TCC: with a mechanism switched off some fault breaks a promise") {
  find_broken({"tcc.idempotence=off", "tcc.empty_cancel=off", "tcc.suspension=off"},
              {{"scenarios/order/tcc/all-confirm.ini", {"tcc.retries=0"}}});
}

}  // namespace txsim::tests
