// Small worlds for tests of protocols: a plan, its nodes, and queries of the trace.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocols/saga_choreography/saga_choreography.h"
#include "services/broker.h"
#include "services/client.h"
#include "services/lock_service.h"
#include "services/service.h"
#include "sim/world.h"

namespace txsim::testing {

// The description of a world before it runs. Nodes are in this order: services, the client, the
// lock service, the broker.
struct SmallWorld {
  Plan plan;
  IdempotentReceiverSettings receiver{.enabled = false};
  StoreSettings store;
  Workload workload;
  LockServiceSettings lock_service;
  Link link;  // one millisecond
  Delay disk = Delay::constant(Duration{0});
  std::vector<Fault> faults;
  bool with_client = true;
  bool with_lock_service = false;
  bool with_broker = false;
  BrokerSettings broker_settings;
  NodeId client = kNoNode;
  NodeId locks = kNoNode;
  NodeId broker = kNoNode;
  Choreography choreography;  // with a broker, `build` makes it before the services

  NodeId service(const std::string& name);
  std::uint16_t resource(const std::string& name, NodeId service, std::int64_t initial,
                         bool is_records = false);
  // Adds a kind with these `steps`. It begins at the first step's service.
  std::uint16_t kind(std::vector<Step> steps);
  Step step(Action action, std::uint16_t resource, std::int64_t amount) const;
  void crash(NodeId node, Duration at, std::optional<Duration> duration);
  void when(FaultKind kind, EventPattern pattern, std::uint64_t nth,
            std::optional<Duration> duration, Duration delay = Duration{0});

  using Make = std::function<std::shared_ptr<const Node>(std::shared_ptr<const Plan>, NodeId)>;
  World build(const Make& make_service);
};

EventPattern message(std::string_view type);

// A pattern for facts of a trace. An absent condition matches all.
struct Asked {
  FactKind fact{};
  std::optional<TransactionId> transaction;
  std::optional<std::int64_t> value;
  std::optional<NodeId> node;
};
std::size_t count(const World& world, const Asked& asked);
// The first matching fact. Requires one.
const TraceRecord& first(const World& world, const Asked& asked);
// Facts in order as "submitted 1", "updated 1 -2": name, transaction, value. "1.1" is the second
// submission of order 1.
std::vector<std::string> facts(const World& world, const std::vector<FactKind>& wanted);
std::uint64_t sent(const World& world, std::string_view type);

constexpr TransactionId order(std::uint64_t number, std::uint64_t submission = 0) {
  return transaction_id(number, submission);
}
// The amount of a resource that the last fact of a step or a recovery announced.
std::int64_t amount(const World& world, const Plan& plan, std::uint16_t resource);

}  // namespace txsim::testing
