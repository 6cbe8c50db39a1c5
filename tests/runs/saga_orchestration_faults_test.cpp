// The promises of an orchestrated saga, under one more fault at every place of every cured
// scenario, and in bad weather.
#include <catch2/catch.hpp>

#include "tests/runs/coverage.h"

namespace txsim::tests {

Coverage saga_orchestration_coverage() {
  Coverage coverage{.protocol = find_protocol("saga-orchestration"),
                    .title = "orchestrated saga",
                    // The first long crash lasts beyond all retries, the second beyond the
                    // deadline.
                    .downs = {milliseconds(1), milliseconds(2800), seconds(6)},
                    .delays = {seconds(2), seconds(8)},
                    .copies = {milliseconds(1), seconds(8)},
                    .seeds = 65,
                    .least = {.scenarios = 30,
                              .crashes = 40'000,
                              .losses = 700,
                              .delays = 1'400,
                              .copies = 1'400,
                              .storms = 6'000}};
  const std::string order = "scenarios/order/saga-orchestration/";
  const std::string transfer = "scenarios/transfer/saga-orchestration/";
  const std::string forward = "saga-orchestration.recovery=forward";
  const std::string parallel = "saga-orchestration.parallel=on";
  coverage.besides = {
      {order + "in-parallel.ini", {forward}},
      {order + "points-refused.ini", {forward}},
      {order + "compensation-registered.ini", {"saga-orchestration.registry_batch=1"}},
      {order + "bonus-kept-by-the-lock.ini", {parallel}},
      {transfer + "success.ini", {parallel}},
      {transfer + "deposit-kept-by-the-lock.ini", {forward, parallel}},
      {"scenarios/shipping/saga-orchestration/pivot.ini", {parallel}},
      // Forward recovery would succeed, but must not run after the client was told `failed`.
      {"scenarios/payment/saga-orchestration/payment-down.ini",
       {forward, "faults.fault=refuse payment from 0ms to 2500ms"}},
      {transfer + "sender-short.ini", {"saga-orchestration.retries=0"}}};
  // Choices, each on and off: parallel steps; repeated orders at an idempotent receiver; equal
  // delays, so that many events share an instant; few retries, forward recovery, and a pivot behind
  // which the step is not refused forever.
  coverage.choices = {
      {{}, {"saga-orchestration.parallel=on"}},
      {{},
       {"idempotent-receiver.enabled=on", "faults.duplication=5%", "workload.retries=2",
        "workload.repeats=1", "workload.repeat_after=300ms"}},
      {{},
       {"network.delay=1ms", "disk.delay=1ms", "service point.disk=2ms",
        "workload.arrivals=every 15ms", "saga-orchestration.step_timeout=12ms",
        "saga-orchestration.back_off=2ms", "saga-orchestration.registry_every=20ms",
        "saga-orchestration.deadline=80ms", "faults.crash_every=80ms", "faults.crash_for=1ms",
        "faults.pause_every=150ms", "faults.pause_for=2ms", "faults.partition_every=150ms",
        "faults.partition_for=3ms", "faults.quiet_after=200ms"}},
      {{},
       {"saga-orchestration.retries=0", "saga-orchestration.registry_batch=2"},
       {"saga-orchestration.recovery=forward", "saga-orchestration.retries=1"},
       {"transaction order.pivot=3", "service seat.resource=seats 100"}}};
  return coverage;
}

TEST_CASE("orchestrated saga: a crash of any node after any event breaks no promise") {
  hold_in_crashes(saga_orchestration_coverage());
}

TEST_CASE("orchestrated saga: the loss of any one message breaks no promise") {
  hold_in_losses(saga_orchestration_coverage());
}

TEST_CASE("orchestrated saga: a delay of any one message breaks no promise") {
  hold_in_delays(saga_orchestration_coverage());
}

TEST_CASE("orchestrated saga: any one message arriving twice breaks no promise") {
  hold_in_copies(saga_orchestration_coverage());
}

TEST_CASE("orchestrated saga: keeps its promises in bad weather") {
  hold_in_bad_weather(saga_orchestration_coverage());
}

TEST_CASE("orchestrated saga: with a mechanism switched off some fault breaks a promise") {
  find_broken(
      {"saga-orchestration.progress_log=off", "saga-orchestration.idempotence=off",
       "saga-orchestration.deadline=never", "saga-orchestration.registry=off",
       "saga-orchestration.registry_blocks=off", "saga-orchestration.reverse_order=off",
       "saga-orchestration.compensate_unknown=off", "saga-orchestration.semantic_lock=off"},
      {{"scenarios/order/saga-orchestration/all-done.ini", {"saga-orchestration.retries=0"}},
       {"scenarios/order/saga-orchestration/points-refused.ini", {"saga-orchestration.retries=0"}},
       {"scenarios/transfer/saga-orchestration/deposit-kept-by-the-lock.ini",
        {"saga-orchestration.retries=0", "service account.resource=alice 1000",
         "service account.resource=bob 0"}}});
}

}  // namespace txsim::tests
