// Once a world is warm, no event allocates memory: not the kernel, not the protocol with its log
// and its locks, not the checks.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "runs/run.h"
#include "scenarios/language.h"
#include "sim/world.h"
#include "tests/runs/allocation.h"
#include "tests/scenarios/parse.h"

namespace txsim::tests {
namespace {

constexpr Word kBall = word("Ball");
constexpr Word kTick = word("Tick");

// Passes each message on to the node after the next, and sets its timer again each time.
class Passer : public NodeOf<Passer> {
 public:
  Passer(NodeId self, NodeId nodes) : self_(self), nodes_(nodes) {}

  void start(Context& context, std::span<const LogRecord> /*log*/) override {
    for (int i = 0; i < 10; ++i) pass_on(context);
  }
  void on(Context& context, const Message& /*message*/) override { pass_on(context); }
  void on(Context& context, const Timer& /*timer*/) override { pass_on(context); }
  void on_refused(Context& /*context*/, const Message& /*message*/) override {}

 private:
  void pass_on(Context& context) {
    Message message;
    message.to = (self_ + 2) % nodes_;
    message.type = kBall;
    context.send(message);
    context.cancel_timer(timer_);
    timer_ = context.set_timer(kTick, milliseconds(40));
  }

  NodeId self_;
  NodeId nodes_;
  TimerId timer_;
};

World world_of_passers() {
  constexpr NodeId kNodes = 50;
  auto spec = std::make_shared<WorldSpec>();
  for (NodeId node = 0; node < kNodes; ++node) {
    spec->nodes.push_back({fmt::format("node{}", node), std::make_shared<Passer>(node, kNodes)});
  }
  spec->network = Network({.delay = Delay::uniform(milliseconds(1), milliseconds(5))});
  return World(spec);
}

// 32 clients submit orders of eight kinds. Each kind has its own rows, so only orders of one kind
// wait for each other. `settings`: the protocol's sections.
std::shared_ptr<const Scenario> closed_loop(const std::string& protocol,
                                            const std::string& settings) {
  std::string text = "[scenario]\nprotocol = " + protocol +
                     "\nhorizon = 100000h\n"
                     "[workload]\norders = 1000000\narrivals = 32 clients\ntimeout = 60s\n"
                     "[network]\ndelay = 1ms to 5ms\n[disk]\ndelay = 100us\n"
                     "[idempotent-receiver]\nenabled = off\n" +
                     settings + "[store]\nlock_timeout = 30s\n[service order]\nrecords = orders\n";
  for (const char* service : {"a", "b", "c"}) {
    text += fmt::format("[service {}]\n", service);
    for (int row = 0; row < 8; ++row) text += fmt::format("resource = r{} 0\n", row);
  }
  for (int row = 0; row < 8; ++row) {
    text += fmt::format("[transaction kind{}]\nbegins_at = order\n", row);
    for (const char* service : {"a", "b", "c"}) {
      text += fmt::format("step = give 1 r{} at {}\n", row, service);
    }
    text += "step = complete orders at order\n";
  }
  const ParsedScenario parsed = parse(text);
  INFO((parsed.errors.empty() ? "" : txsim::text(parsed.errors.front())));
  REQUIRE(parsed.scenario != nullptr);
  return parsed.scenario;
}

void step_until(World& world, Word message, std::uint64_t count) {
  while (world.statistics().messages(message) < count) {
    for (int i = 0; i < 1000; ++i) world.step();
  }
}

TEST_CASE("allocation: the counter counts") {
  if (!allocations_are_counted()) return;
  const CountAllocations counting;
  const auto* one = new std::vector<int>(7);
  CHECK(counting.count() >= 2);
  delete one;
}

TEST_CASE("allocation: a warm kernel allocates nothing for messages and timers") {
  if (!allocations_are_counted()) return;
  World world = world_of_passers();
  world.run(Time{seconds(2).ns});
  const std::uint64_t before = world.statistics().delivered;
  std::uint64_t count = 0;
  {
    const CountAllocations counting;
    world.run(Time{seconds(4).ns});
    count = counting.count();
  }
  CHECK(count == 0);
  CHECK(world.statistics().delivered - before >= 200'000);
}

// Each transaction brings `times` such messages. A new maximum of concurrent transactions may still
// allocate. Code that allocates for each event, or periodically, would allocate in every ten
// thousand.
void check_allocates_nothing(const std::shared_ptr<const Scenario>& scenario,
                             std::string_view message = "Reply", std::uint64_t times = 1) {
  constexpr std::uint64_t kWarm = 20'000;
  constexpr std::uint64_t kEach = 10'000;
  constexpr int kMostWindows = 6;
  const auto spec = build_world(*scenario, false);
  World world(spec, make_judge_for(*scenario, false));
  std::uint64_t reached = kWarm;
  step_until(world, word(message), times * reached);
  std::uint64_t count = 1;
  for (int window = 0; window < kMostWindows && count != 0; ++window) {
    reached += kEach;
    const CountAllocations counting;
    step_until(world, word(message), times * reached);
    count = counting.count();
    CHECK(count <= 4);
  }
  CHECK(count == 0);
  const RunResult result = finish_run(scenario, spec, world);
  CHECK(result.verdicts.counters.endings[static_cast<int>(Ending::Committed)] >= reached - 1'000);
}

TEST_CASE("allocation: warm two-phase commits with every check allocate nothing") {
  if (!allocations_are_counted()) return;
  for (const char* variant : {"basic", "presumed-abort", "presumed-commit"}) {
    INFO(variant);
    check_allocates_nothing(closed_loop(
        "two-phase-commit", std::string("[two-phase-commit]\nvariant = ") + variant + "\n"));
  }
}

TEST_CASE("allocation: warm orchestrated sagas with every check allocate nothing") {
  if (!allocations_are_counted()) return;
  for (const char* parallel : {"off", "on"}) {
    INFO(parallel);
    check_allocates_nothing(closed_loop(
        "saga-orchestration", std::string("[saga-orchestration]\nparallel = ") + parallel + "\n"));
  }
}

// Each order publishes four events. Outcomes are kept for the configured time, then new outcomes
// reuse their memory.
TEST_CASE("allocation: warm choreographed sagas with every check allocate nothing") {
  if (!allocations_are_counted()) return;
  for (const char* settings : {"parallel = off\nrelay = tailing\n",
                               "parallel = on\nrelay = polling\nrelay_every = 5ms\n"}) {
    INFO(settings);
    const std::string kept = "keep_outcome = 250ms\n[saga-choreography]\n";
    check_allocates_nothing(closed_loop("saga-choreography", kept + settings), "PublishAck", 4);
  }
}

}  // namespace
}  // namespace txsim::tests
