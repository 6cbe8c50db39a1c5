#include "tests/protocols/small_world.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim::testing {

NodeId SmallWorld::service(const std::string& name) {
  plan.nodes.push_back(name);
  return static_cast<NodeId>(plan.nodes.size() - 1);
}

std::uint16_t SmallWorld::resource(const std::string& name, NodeId service, std::int64_t initial,
                                   bool is_records) {
  plan.resources.push_back({name, service, initial, is_records});
  return static_cast<std::uint16_t>(plan.resources.size() - 1);
}

Step SmallWorld::step(Action action, std::uint16_t resource, std::int64_t amount) const {
  return {action, plan.resources[resource].service, resource, amount};
}

std::uint16_t SmallWorld::kind(std::vector<Step> steps) {
  TransactionKind made;
  made.name = "kind-" + std::to_string(plan.kinds.size());
  made.begins_at = steps.front().service;
  for (const Step& step : steps) {
    if (step.service != made.begins_at && made.participant_index(step.service) < 0) {
      made.participants.push_back(step.service);
    }
  }
  made.steps = std::move(steps);
  plan.kinds.push_back(made);
  return static_cast<std::uint16_t>(plan.kinds.size() - 1);
}

void SmallWorld::crash(NodeId node, Duration at, std::optional<Duration> duration) {
  Fault fault;
  fault.kind = FaultKind::Crash;
  fault.at = Time{at.ns};
  fault.nodes = {node};
  fault.duration = duration;
  faults.push_back(fault);
}

void SmallWorld::when(FaultKind kind, EventPattern pattern, std::uint64_t nth,
                      std::optional<Duration> duration, Duration delay) {
  Fault fault;
  fault.kind = kind;
  fault.placed = PlacedBy::Event;
  fault.when = std::move(pattern);
  fault.nth = nth;
  fault.duration = duration;
  fault.delay = delay;
  faults.push_back(fault);
}

World SmallWorld::build(const Make& make_service) {
  const NodeId services = static_cast<NodeId>(plan.nodes.size());
  if (with_client) client = service("client");
  if (with_lock_service) locks = receiver.lock_service = service("lock");
  if (with_broker) broker = service("broker");
  plan.orders_may_repeat = true;
  if (with_broker) {
    workload.polls = true;
    choreography = make_choreography(plan, broker, plan.steps_in_parallel);
  }
  const auto shared = std::make_shared<const Plan>(plan);
  auto spec = std::make_shared<WorldSpec>();
  spec->network = Network(link);
  spec->faults = faults;
  spec->keep_trace = true;
  for (NodeId node = 0; node < plan.nodes.size(); ++node) {
    std::shared_ptr<const Node> made;
    if (node < services) {
      made = make_service(shared, node);
    } else if (node == client) {
      made = std::make_shared<Client>(shared, node, workload);
    } else if (node == broker) {
      made = std::make_shared<Broker>(choreography.subscriptions, broker_settings);
    } else {
      made = std::make_shared<LockService>(lock_service);
    }
    spec->nodes.push_back(
        {plan.nodes[node], made, node < services || node == broker ? disk : Delay{}});
  }
  return World(spec);
}

EventPattern message(std::string_view type) {
  EventPattern pattern;
  pattern.kind = EventKind::Sent;
  pattern.what = word(type);
  return pattern;
}

namespace {

bool matches(const TraceRecord& record, const Asked& asked) {
  return record.kind == EventKind::Announced && record.what == fact_word(asked.fact) &&
         (!asked.transaction || *asked.transaction == record.transaction) &&
         (!asked.value || *asked.value == record.value) &&
         (!asked.node || *asked.node == record.node);
}

}  // namespace

std::size_t count(const World& world, const Asked& asked) {
  return static_cast<std::size_t>(
      std::count_if(world.trace().begin(), world.trace().end(),
                    [&](const TraceRecord& record) { return matches(record, asked); }));
}

const TraceRecord& first(const World& world, const Asked& asked) {
  const auto found =
      std::find_if(world.trace().begin(), world.trace().end(),
                   [&](const TraceRecord& record) { return matches(record, asked); });
  TXSIM_ASSERT(found != world.trace().end(), std::string("no fact ") + text(asked.fact));
  return *found;
}

std::vector<std::string> facts(const World& world, const std::vector<FactKind>& wanted) {
  std::vector<std::string> lines;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Announced) continue;
    const auto kind = static_cast<FactKind>(record.what.id);
    if (std::find(wanted.begin(), wanted.end(), kind) == wanted.end()) continue;
    std::string line = text(kind);
    line += " " + std::to_string(order_of(record.transaction));
    const std::uint64_t submission = submission_of(record.transaction);
    if (submission > 0) line += "." + std::to_string(submission);
    lines.push_back(line + " " + std::to_string(record.value));
  }
  return lines;
}

std::uint64_t sent(const World& world, std::string_view type) {
  return world.statistics().messages(word(type));
}

std::int64_t amount(const World& world, const Plan& plan, std::uint16_t resource) {
  std::int64_t amount = plan.resources[resource].initial;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Announced) continue;
    switch (static_cast<FactKind>(record.what.id)) {
      case FactKind::Updated:
      case FactKind::Undone:
      case FactKind::Applied:
      case FactKind::Reserved:
      case FactKind::Confirmed:
      case FactKind::Cancelled:
      case FactKind::Compensated: {
        const TransactionKind& kind = plan.kinds[kind_of(record.extra)];
        if (kind.steps[record.step].resource == resource) amount = amount_of(record.extra);
        break;
      }
      case FactKind::Recovered:
        if (record.peer == resource) amount = record.value;
        break;
      default:
        break;
    }
  }
  return amount;
}

}  // namespace txsim::testing
