// The promises of the choreographed saga, under one more fault at every place of every cured
// scenario, including faults of the broker, and in bad weather.
#include <algorithm>
#include <catch2/catch.hpp>

#include "runs/run.h"
#include "tests/runs/coverage.h"

namespace txsim::tests {

Coverage saga_choreography_coverage() {
  Coverage coverage{.protocol = find_protocol("saga-choreography"),
                    .title = "choreographed saga",
                    .downs = {milliseconds(1), milliseconds(4500)},
                    .delays = {seconds(2), seconds(15)},
                    .copies = {milliseconds(1), seconds(15)},
                    .seeds = 65,
                    .least = {.scenarios = 15,
                              .crashes = 5'000,
                              .losses = 200,
                              .delays = 400,
                              .copies = 400,
                              .storms = 6'000}};
  // A deadline that passes during the order.
  for (const char* deadline : {"9ms", "16ms", "20ms"}) {
    coverage.besides.push_back({"scenarios/order/saga-choreography/all-done.ini",
                                {std::string("saga-choreography.deadline=") + deadline}});
  }
  coverage.besides.push_back(
      {"scenarios/order/saga-choreography/in-parallel.ini", {"saga-choreography.deadline=12ms"}});
  // Choices, each on and off: a short deadline; parallel steps; repeated orders at an idempotent
  // receiver; equal delays, so that many events share an instant; a polling relay, or a broker that
  // gives events up.
  const std::string between = "link broker <-> order product point seat.duplication=3%";
  coverage.choices = {
      {{"saga-choreography.deadline=3s", between},
       {"saga-choreography.deadline=60ms", "saga-choreography.cancel_every=700ms", between,
        "workload.poll_every=250ms"}},
      {{}, {"saga-choreography.parallel=on"}},
      {{},
       {"idempotent-receiver.enabled=on", "faults.duplication=5%", "workload.retries=2",
        "workload.repeats=1", "workload.repeat_after=300ms"}},
      {{},
       {"network.delay=1ms", "disk.delay=1ms", "service point.disk=2ms",
        "workload.arrivals=every 15ms", "saga-choreography.deadline=40ms",
        "saga-choreography.publish_timeout=12ms", "broker.redeliver_after=11ms",
        "saga-choreography.cancel_every=20ms", "saga-choreography.retry_every=15ms",
        "idempotent-receiver.keep_outcome=200ms", "faults.crash_every=80ms", "faults.crash_for=1ms",
        "faults.pause_every=150ms", "faults.pause_for=2ms", "faults.partition_every=150ms",
        "faults.partition_for=3ms", "faults.quiet_after=200ms"}},
      {{},
       {"saga-choreography.relay=polling", "saga-choreography.relay_every=30ms",
        "broker.partitions=1"},
       {"broker.max_attempts=2", "broker.retention=900ms", "broker.redeliver_after=100ms"}}};
  return coverage;
}

TEST_CASE("choreographed saga: a crash of any node after any event breaks no promise") {
  hold_in_crashes(saga_choreography_coverage());
}

TEST_CASE("choreographed saga: the loss of any one message breaks no promise") {
  hold_in_losses(saga_choreography_coverage());
}

TEST_CASE("choreographed saga: a delay of any one message breaks no promise") {
  hold_in_delays(saga_choreography_coverage());
}

TEST_CASE("choreographed saga: any one message arriving twice breaks no promise") {
  hold_in_copies(saga_choreography_coverage());
}

TEST_CASE("choreographed saga: keeps its promises in bad weather") {
  hold_in_bad_weather(saga_choreography_coverage());
}

// Shipping stays down beyond the deadline, and the initiator crashes after its cancellation.
TEST_CASE("choreographed saga: it is cancelled once, and again only if an event may be given up") {
  const auto rounds = [](Settings settings) {
    settings.emplace_back("faults.fault=crash order at 5.5s for 100ms");
    settings.emplace_back("faults.fault=crash shipping at 1ms for 8s");
    const RunResult run =
        run_scenario(load("scenarios/order/saga-choreography/shipping-down.ini", settings),
                     {.keep_trace = true});
    CHECK(run.all_met);
    return std::count_if(run.trace.begin(), run.trace.end(), [](const TraceRecord& record) {
      return record.kind == EventKind::Appended && record.what == word("saga-cancelled") &&
             record.value > 0;
    });
  };
  CHECK(rounds({}) == 1);
  CHECK(rounds({"saga-choreography.relay=polling"}) == 1);
  CHECK(rounds({"saga-choreography.outbox=off"}) == 3);
  CHECK(rounds({"saga-choreography.relay=polling", "saga-choreography.relay_marks=off"}) == 3);
  CHECK(rounds({"saga-choreography.publish_attempts=1000000"}) == 3);
  for (const char* broker :
       {"max_attempts=1000000", "retention=1h", "force_publish=off", "durable_queues=off"}) {
    CHECK(rounds({std::string("broker.") + broker}) == 3);
  }
  CHECK(rounds({"broker.retention=1h", "saga-choreography.cancel_every=never"}) == 1);
}

TEST_CASE("choreographed saga: with a mechanism switched off some fault breaks a promise") {
  // The deadline cures dead letters: see shipping-refuses-no-deadline.ini. It also makes up for
  // events lost between commit and publish, or by the broker.
  const char* kFile = "scenarios/order/saga-choreography/all-done.ini";
  find_broken({"saga-choreography.outbox=off", "saga-choreography.inbox=off",
               "saga-choreography.late_events=off"},
              {{kFile, {}},
               {kFile, {"saga-choreography.deadline=500ms"}},
               {kFile, {"saga-choreography.dual_write=publish-first"}}});
}

}  // namespace txsim::tests
