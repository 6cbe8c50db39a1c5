// From a scenario to the world it describes: one prototype a node, the network, the faults.
#include "protocols/catalogue.h"
#include "protocols/local/local.h"
#include "protocols/saga_choreography/saga_choreography.h"
#include "protocols/saga_orchestration/saga_orchestration.h"
#include "protocols/tcc/tcc.h"
#include "protocols/two_phase_commit/two_phase_commit.h"
#include "protocols/uncoordinated/uncoordinated.h"
#include "scenarios/language.h"
#include "services/broker.h"
#include "services/client.h"
#include "services/lock_service.h"
#include "sim/assert.h"

namespace txsim {
namespace {

using SharedPlan = std::shared_ptr<const Plan>;

// An event of a committed local transaction reaches all who are to hear of it, sooner or later:
// neither the outbox nor the broker ever gives one up.
bool reaches_all(const OutboxSettings& outbox, const BrokerSettings& broker) {
  const bool is_published = outbox.enabled && outbox.publish_attempts == 0 &&
                            (outbox.relay_marks || outbox.relay == Relay::Tailing);
  return is_published && broker.max_attempts == 0 && !broker.retention && broker.force_publish &&
         broker.durable_queues;
}

// A cancellation that reaches all is published once.
SagaChoreographySettings settings_of_choreography(const Settings& settings) {
  SagaChoreographySettings choreography = settings.saga_choreography;
  if (reaches_all(choreography.outbox, settings.broker)) choreography.cancel_every.reset();
  return choreography;
}

std::shared_ptr<const Node> make_service(const Scenario& scenario, const SharedPlan& plan,
                                         const Choreography& choreography, NodeId self) {
  const Settings& s = scenario.settings;
  switch (scenario.protocol) {
    case ProtocolName::Local:
      return std::make_shared<LocalService>(plan, self, s.entrance, s.store, s.local);
    case ProtocolName::Uncoordinated:
      return std::make_shared<UncoordinatedService>(plan, self, s.entrance, s.store,
                                                    s.uncoordinated);
    case ProtocolName::TwoPhaseCommit:
      return std::make_shared<TwoPhaseCommitService>(plan, self, s.entrance, s.store,
                                                     s.two_phase_commit);
    case ProtocolName::Tcc:
      return std::make_shared<TccService>(plan, self, s.entrance, s.store, s.tcc);
    case ProtocolName::SagaOrchestration:
      return std::make_shared<SagaOrchestrationService>(plan, self, s.entrance, s.store,
                                                        s.saga_orchestration);
    case ProtocolName::SagaChoreography:
      return std::make_shared<SagaChoreographyService>(plan, self, s.entrance, s.store,
                                                       choreography, settings_of_choreography(s));
  }
  fail_assertion("scenario.protocol", __FILE__, __LINE__, "a protocol without a service");
}

std::shared_ptr<const Node> make_node(const Scenario& scenario, const SharedPlan& plan,
                                      const Choreography& choreography, NodeId self) {
  if (self == scenario.client) {
    return std::make_shared<Client>(plan, self, scenario.workload);
  }
  if (self == scenario.lock_service) {
    return std::make_shared<LockService>(scenario.settings.lock_service);
  }
  if (self == scenario.broker) {
    return std::make_shared<Broker>(choreography.subscriptions, scenario.settings.broker);
  }
  return make_service(scenario, plan, choreography, self);
}

// Every protocol's words, so that a dictionary made for one run reads the traces of any.
Dictionary make_dictionary() {
  Dictionary dictionary;
  declare_facts(dictionary);
  for (const ProtocolInfo& info : protocol_infos()) {
    for (const auto* list : {&info.messages, &info.records, &info.timers}) {
      for (const NamedText& named : *list) dictionary.declare(named.name);
    }
  }
  return dictionary;
}

}  // namespace

std::shared_ptr<const WorldSpec> build_world(const Scenario& scenario, bool keep_trace) {
  const SharedPlan plan = std::make_shared<const Plan>(scenario.plan);
  Choreography choreography;
  if (scenario.broker != kNoNode) {
    choreography = make_choreography(*plan, scenario.broker, plan->steps_in_parallel);
  }
  auto spec = std::make_shared<WorldSpec>();
  spec->seed = scenario.seed;
  for (NodeId node = 0; node < plan->nodes.size(); ++node) {
    spec->nodes.push_back(
        {plan->nodes[node], make_node(scenario, plan, choreography, node), scenario.disks[node]});
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
