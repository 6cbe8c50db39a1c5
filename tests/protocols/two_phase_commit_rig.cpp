#include "tests/protocols/two_phase_commit_rig.h"

namespace txsim::test {
namespace {

Action action_of(const Rig& rig, int participant) {
  const auto i = static_cast<std::size_t>(participant - 1);
  return i < rig.actions.size() ? rig.actions[i] : Action::Take;
}

std::int64_t stock_of(const Rig& rig, int participant) {
  const auto i = static_cast<std::size_t>(participant - 1);
  return i < rig.stocks.size() ? rig.stocks[i] : 100;
}

bool is_fact(const TraceRecord& record, FactKind fact) {
  return record.kind == EventKind::Announced && record.what == fact_word(fact);
}

}  // namespace

std::shared_ptr<Plan> Rig::plan() const {
  auto plan = std::make_shared<Plan>();
  plan->orders_may_repeat = orders_may_repeat;
  plan->nodes.emplace_back("order");
  plan->resources.push_back({"orders", kOrder, 0, true});
  plan->resources.push_back({"catalogue", kOrder, 1, false});
  TransactionKind kind;
  kind.name = "order";
  kind.begins_at = kOrder;
  if (order_steps) kind.steps.push_back({Action::Create, kOrder, 0, 0});
  if (order_reads) kind.steps.push_back({Action::Read, kOrder, 1, 0});
  for (int i = 1; i <= participants; ++i) {
    const auto node = static_cast<NodeId>(i);
    plan->nodes.emplace_back("p" + std::to_string(i));
    const auto resource = static_cast<std::uint16_t>(plan->resources.size());
    plan->resources.push_back({"stock" + std::to_string(i), node, stock_of(*this, i), false});
    kind.steps.push_back({action_of(*this, i), node, resource, amount});
    kind.participants.push_back(node);
  }
  if (order_steps) kind.steps.push_back({Action::Complete, kOrder, 0, 0});
  plan->nodes.emplace_back("client");
  plan->kinds.push_back(kind);
  if (second_kind) plan->kinds.push_back(*second_kind);
  return plan;
}

World Rig::world() const {
  const auto shared = plan();
  auto spec = std::make_shared<WorldSpec>();
  IdempotentReceiverSettings receiver;
  receiver.lock = false;
  for (int i = 0; i <= participants; ++i) {
    const auto node = static_cast<NodeId>(i);
    spec->nodes.push_back(
        {shared->nodes[node],
         std::make_shared<TwoPhaseCommitService>(shared, node, receiver, store, settings), disk});
  }
  spec->nodes.push_back({"client", std::make_shared<Client>(shared, client(), workload),
                         Delay::constant(Duration{0})});
  spec->network = Network(network);
  spec->faults = faults;
  spec->keep_trace = true;
  declare_facts(spec->dictionary);
  return World(spec);
}

World Rig::run(Duration until) const {
  World world = this->world();
  world.run(Time{0} + until);
  return world;
}

Fault crash_when(NodeId node, EventKind kind, std::string_view what,
                 std::optional<Duration> back_after, std::uint64_t nth) {
  Fault fault;
  fault.kind = FaultKind::Crash;
  fault.placed = PlacedBy::Event;
  fault.when.kind = kind;
  fault.when.what = word(what);
  fault.when.nodes = {node};
  fault.nth = nth;
  fault.nodes = {node};
  fault.duration = back_after;
  return fault;
}

Fault message_fault(FaultKind kind, std::string_view type, NodeId from, NodeId to,
                    std::uint64_t nth, Duration delay) {
  Fault fault;
  fault.kind = kind;
  fault.placed = PlacedBy::Event;
  fault.when.kind = EventKind::Sent;
  fault.when.what = word(type);
  fault.when.nodes = {from};
  fault.when.peers = {to};
  fault.nth = nth;
  fault.delay = delay;
  return fault;
}

Fault refuse(NodeId node, Time from, Duration lasting) {
  Fault fault;
  fault.kind = FaultKind::Refuse;
  fault.at = from;
  fault.duration = lasting;
  fault.nodes = {node};
  return fault;
}

std::uint64_t count(const World& world, EventKind kind, std::string_view what, NodeId node) {
  std::uint64_t n = 0;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind == kind && record.what == word(what) &&
        (node == kNoNode || record.node == node)) {
      ++n;
    }
  }
  return n;
}

std::uint64_t commit_messages(const World& world, NodeId client) {
  std::uint64_t n = 0;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind != EventKind::Sent || record.node == client || record.peer == client) continue;
    if (record.what == word("Update") || record.what == word("Updated")) continue;
    ++n;
  }
  return n;
}

std::uint64_t records(const World& world, NodeId node) {
  return world.statistics().nodes[node].records;
}

std::uint64_t forces(const World& world, NodeId node) {
  return world.statistics().nodes[node].forces;
}

std::optional<std::int64_t> last_fact(const World& world, FactKind fact, NodeId node,
                                      TransactionId transaction) {
  std::optional<std::int64_t> value;
  for (const TraceRecord& record : world.trace()) {
    if (is_fact(record, fact) && record.node == node && record.transaction == transaction) {
      value = record.value;
    }
  }
  return value;
}

std::uint64_t facts(const World& world, FactKind fact, NodeId node, TransactionId transaction) {
  std::uint64_t n = 0;
  for (const TraceRecord& record : world.trace()) {
    if (is_fact(record, fact) && (node == kNoNode || record.node == node) &&
        (transaction == 0 || record.transaction == transaction)) {
      ++n;
    }
  }
  return n;
}

std::optional<Outcome> finished(const World& world, NodeId node, TransactionId transaction) {
  const auto value = last_fact(world, FactKind::Finished, node, transaction);
  if (!value) return std::nullopt;
  return static_cast<Outcome>(*value);
}

std::optional<Outcome> decided(const World& world, TransactionId transaction) {
  const auto value = last_fact(world, FactKind::Decided, kOrder, transaction);
  if (!value) return std::nullopt;
  return static_cast<Outcome>(*value);
}

std::optional<Reply> told(const World& world, const Rig& rig, TransactionId transaction) {
  const auto value = last_fact(world, FactKind::Told, rig.client(), transaction);
  if (!value) return std::nullopt;
  return static_cast<Reply>(*value);
}

std::int64_t stock(const World& world, NodeId node) {
  std::int64_t amount = 100;
  for (const TraceRecord& record : world.trace()) {
    if (record.node != node || record.kind != EventKind::Announced) continue;
    if (is_fact(record, FactKind::Updated) || is_fact(record, FactKind::Undone)) {
      amount = amount_of(record.extra);
    }
    if (is_fact(record, FactKind::Recovered)) amount = record.value;
  }
  return amount;
}

Time time_of(const World& world, FactKind fact, NodeId node, TransactionId transaction) {
  for (const TraceRecord& record : world.trace()) {
    if (is_fact(record, fact) && record.node == node && record.transaction == transaction) {
      return record.time;
    }
  }
  return kEndOfTime;
}

}  // namespace txsim::test
