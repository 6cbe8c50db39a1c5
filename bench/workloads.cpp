#include "bench/workloads.h"

#include <fmt/format.h>

#include <algorithm>

#include "runs/run.h"
#include "scenarios/language.h"
#include "sim/assert.h"

namespace txsim::bench {
namespace {

constexpr Word kBall = word("Ball");

class Passer : public NodeOf<Passer> {
 public:
  Passer(NodeId self, std::uint32_t nodes, std::uint32_t starts_with)
      : self_(self),
        nodes_(nodes),
        starts_with_(starts_with),
        stream_(42, fmt::format("{}", self)) {}

  void start(Context& context, std::span<const LogRecord> /*log*/) override {
    for (std::uint32_t i = 0; i < starts_with_; ++i) pass_on(context);
  }
  void on(Context& context, const Message& /*message*/) override {
    ++received_;
    pass_on(context);
  }
  void on(Context& /*context*/, const Timer& /*timer*/) override {}
  void on_refused(Context& /*context*/, const Message& /*message*/) override {}

 private:
  void pass_on(Context& context) {
    Message message;
    message.to = static_cast<NodeId>(stream_.below(nodes_ - 1));
    if (message.to >= self_) ++message.to;
    message.type = kBall;
    context.send(message);
  }

  NodeId self_;
  std::uint32_t nodes_;
  std::uint32_t starts_with_;
  Stream stream_;
  std::uint64_t received_ = 0;
};

// Orders in flight are of different kinds, and each kind has a row of its own at each participant:
// they lock, but do not wait for one another.
std::string commit_text(const CommitLoad& load) {
  const std::uint32_t kinds =
      load.kinds != 0 ? load.kinds : std::min<std::uint32_t>(load.clients * 2, 10'000);
  std::string text = fmt::format(
      "[scenario]\ntitle = W2\nprotocol = two-phase-commit\nhorizon = 1000000h\n"
      "[disk]\ndelay = {}ns\n[network]\ndelay = 1ms to 5ms\n[idempotent-receiver]\nenabled = off\n"
      "[workload]\norders = {}\narrivals = {} clients\ntimeout = 50s\n"
      "[two-phase-commit]\nvariant = basic\nwith_prepare = {}\n[service order]\n",
      load.disk.ns, load.orders, load.clients, load.with_prepare ? "on" : "off");
  for (const char service : {'a', 'b', 'c'}) {
    text += fmt::format("[service {}]\n", service);
    for (std::uint32_t kind = 0; kind < kinds; ++kind) {
      text += fmt::format("resource = {}{} 0\n", service, kind);
    }
  }
  for (std::uint32_t kind = 0; kind < kinds; ++kind) {
    text += fmt::format("[transaction kind{}]\nbegins_at = order\n", kind);
    for (const char service : {'a', 'b', 'c'}) {
      text += fmt::format("step = give 1 {0}{1} at {0}\n", service, kind);
    }
  }
  return text;
}

}  // namespace

World message_world(std::uint32_t nodes, std::uint32_t in_flight) {
  auto spec = std::make_shared<WorldSpec>();
  for (NodeId node = 0; node < nodes; ++node) {
    spec->nodes.push_back(
        {fmt::format("node{}", node), std::make_shared<Passer>(node, nodes, in_flight / nodes)});
  }
  spec->network = Network({.delay = Delay::uniform(milliseconds(1), milliseconds(5))});
  World world(spec);
  for (NodeId node = 0; node < nodes; ++node) world.step();  // boot
  return world;
}

std::shared_ptr<const Scenario> commit_scenario(const CommitLoad& load) {
  const std::string text = commit_text(load);
  const ParsedScenario parsed = parse_scenario("w2.ini", [&](const std::string&) {
    return FileText{text, {}};
  });
  TXSIM_ASSERT(parsed.scenario != nullptr, txsim::text(parsed.errors.front()));
  return parsed.scenario;
}

World commit_world(const Scenario& scenario, Checks checks) {
  return World(build_world(scenario, false),
               checks == Checks::On ? make_judge_for(scenario, false) : nullptr);
}

}  // namespace txsim::bench
