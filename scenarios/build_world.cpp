// From a scenario to the spec of its world: one prototype for each node, the network, the faults.
#include "protocols/registry.h"
#include "scenarios/language.h"
#include "services/broker.h"
#include "services/client.h"
#include "services/lock_service.h"
#include "sim/assert.h"

namespace txsim {
namespace {

using SharedPlan = std::shared_ptr<const Plan>;

std::shared_ptr<const Node> make_node(const Scenario& scenario, const SharedPlan& plan,
                                      const Services& services, NodeId self) {
  if (self == scenario.client) {
    return std::make_shared<Client>(plan, self, scenario.workload);
  }
  if (self == scenario.lock_service) {
    return std::make_shared<LockService>(scenario.settings.lock_service);
  }
  if (self == scenario.broker) {
    return std::make_shared<Broker>(services.subscriptions, scenario.settings.broker);
  }
  return services.make(self);
}

// Includes every protocol's words, so that the dictionary of one run can read any trace.
Dictionary make_dictionary() {
  Dictionary dictionary;
  declare_facts(dictionary);
  for (const Description* of : descriptions()) {
    for (const auto* list : {&of->messages, &of->records, &of->timers}) {
      for (const NamedText& named : *list) dictionary.declare(named.name);
    }
  }
  return dictionary;
}

}  // namespace

std::shared_ptr<const WorldSpec> build_world(const Scenario& scenario, bool keep_trace) {
  const SharedPlan plan = std::make_shared<const Plan>(scenario.plan);
  const Settings& settings = scenario.settings;
  const Services services = scenario.protocol->make_services(
      {plan, settings.idempotent_receiver, settings.store, scenario.broker, settings.broker},
      settings.protocol);
  auto spec = std::make_shared<WorldSpec>();
  spec->seed = scenario.seed;
  for (NodeId node = 0; node < plan->nodes.size(); ++node) {
    spec->nodes.push_back(
        {plan->nodes[node], make_node(scenario, plan, services, node), scenario.disks[node]});
  }
  spec->network = Network(scenario.network);
  for (const LinkSpec& link : scenario.links) {
    spec->network.set_link(link.from, link.to, link.link);
  }
  spec->faults = scenario.faults;
  spec->random_faults = scenario.random_faults;
  spec->dictionary = make_dictionary();
  spec->keep_trace = keep_trace;
  return spec;
}

}  // namespace txsim
