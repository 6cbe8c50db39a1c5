// A small world for tests of two-phase commit. Service "order" coordinates, services "p1", "p2" ...
// participate. By default the client submits one order.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocols/two_phase_commit/two_phase_commit.h"
#include "services/client.h"
#include "sim/world.h"

namespace txsim::test {

inline constexpr NodeId kOrder = 0;  // the coordinator; participant i is node i (from 1)

struct Rig {
  int participants = 2;
  // The action of participant i (from 1). By default it takes 1 from its stock.
  std::vector<Action> actions;
  std::int64_t amount = 1;
  std::vector<std::int64_t> stocks;  // by participant; 100 by default
  bool order_steps = true;           // Create and Complete at the coordinator
  bool order_reads = false;          // the coordinator reads instead
  bool orders_may_repeat = false;
  TwoPhaseCommitSettings settings;
  StoreSettings store;
  Workload workload;
  Link network;  // 1 ms
  Delay disk = Delay::constant(milliseconds(1));
  std::vector<Fault> faults;
  std::optional<TransactionKind> second_kind;

  std::shared_ptr<Plan> plan() const;
  NodeId client() const { return static_cast<NodeId>(participants) + 1; }
  World world() const;
  World run(Duration until = seconds(30)) const;
};

// Faults
Fault crash_when(NodeId node, EventKind kind, std::string_view what,
                 std::optional<Duration> back_after, std::uint64_t nth = 1);
Fault message_fault(FaultKind kind, std::string_view type, NodeId from, NodeId to,
                    std::uint64_t nth = 1, Duration delay = Duration{0});
Fault refuse(NodeId node, Time from, Duration lasting);

// Queries of a trace
std::uint64_t count(const World& world, EventKind kind, std::string_view what,
                    NodeId node = kNoNode);
// Messages of the protocol between services, from Prepare on.
std::uint64_t commit_messages(const World& world, NodeId client);
std::uint64_t records(const World& world, NodeId node);
std::uint64_t forces(const World& world, NodeId node);
// The value of the node's last fact of this kind for the transaction.
std::optional<std::int64_t> last_fact(const World& world, FactKind fact, NodeId node,
                                      TransactionId transaction = transaction_id(1, 0));
std::uint64_t facts(const World& world, FactKind fact, NodeId node = kNoNode,
                    TransactionId transaction = 0);
std::optional<Outcome> finished(const World& world, NodeId node,
                                TransactionId transaction = transaction_id(1, 0));
std::optional<Outcome> decided(const World& world,
                               TransactionId transaction = transaction_id(1, 0));
std::optional<Reply> told(const World& world, const Rig& rig,
                          TransactionId transaction = transaction_id(1, 0));
// The amount available at participant i: the initial amount plus all effects.
std::int64_t stock(const World& world, NodeId node);
Time time_of(const World& world, FactKind fact, NodeId node, TransactionId transaction);

}  // namespace txsim::test
