// The costs of two-phase commit without failures, as counted by Mohan, Lindsay, Obermarck 1986 and
// Lampson, Lomet 1993: log records, forced writes, and messages from Prepare on.
#include <catch2/catch.hpp>

#include "tests/protocols/two_phase_commit_rig.h"

using namespace txsim;
using namespace txsim::test;

namespace {

struct NodeCost {
  std::uint64_t records = 0;
  std::uint64_t forced = 0;
};

NodeCost cost_of(const World& world, NodeId node) {
  return {records(world, node), forces(world, node)};
}

bool operator==(const NodeCost& a, const NodeCost& b) {
  return a.records == b.records && a.forced == b.forced;
}

std::ostream& operator<<(std::ostream& out, const NodeCost& cost) {
  return out << cost.records << "/" << cost.forced;
}

Rig rig_of(CommitVariant variant, int participants) {
  Rig rig;
  rig.participants = participants;
  rig.settings.variant = variant;
  rig.settings.one_phase = false;
  return rig;
}

void check_commit(CommitVariant variant, NodeCost coordinator, NodeCost participant,
                  std::uint64_t messages_each) {
  for (int n = 1; n <= 8; ++n) {
    CAPTURE(n);
    const Rig rig = rig_of(variant, n);
    const World world = rig.run();
    CHECK(told(world, rig) == Reply::Done);
    CHECK(cost_of(world, kOrder) == coordinator);
    for (int i = 1; i <= n; ++i) CHECK(cost_of(world, static_cast<NodeId>(i)) == participant);
    CHECK(commit_messages(world, rig.client()) == messages_each * static_cast<std::uint64_t>(n));
  }
}

// Updates travel with Prepare, so a participant without stock votes no.
void check_abort(CommitVariant variant, NodeCost coordinator, NodeCost yes_voter, NodeCost no_voter,
                 std::uint64_t messages_each_yes) {
  for (int n = 1; n <= 8; ++n) {
    for (int yes = 0; yes < n; ++yes) {
      CAPTURE(n, yes);
      Rig rig = rig_of(variant, n);
      rig.settings.with_prepare = true;
      for (int i = 1; i <= n; ++i) rig.stocks.push_back(i <= yes ? 100 : 0);
      const World world = rig.run();
      CHECK(told(world, rig) == Reply::Failed);
      CHECK(cost_of(world, kOrder) == coordinator);
      for (int i = 1; i <= n; ++i) {
        CHECK(cost_of(world, static_cast<NodeId>(i)) == (i <= yes ? yes_voter : no_voter));
      }
      CHECK(commit_messages(world, rig.client()) ==
            2 * static_cast<std::uint64_t>(n) +
                messages_each_yes * static_cast<std::uint64_t>(yes));
    }
  }
}

}  // namespace

TEST_CASE("2PC: basic: a commit costs 2/1 and 2/2 records and 4n messages") {
  check_commit(CommitVariant::Basic, {2, 1}, {2, 2}, 4);
}

TEST_CASE("2PC: presumed abort: a commit costs 2/1 and 2/2 records and 4n messages") {
  check_commit(CommitVariant::PresumedAbort, {2, 1}, {2, 2}, 4);
}

TEST_CASE("2PC: presumed commit: a commit costs 2/2 and 2/1 records and 3n messages") {
  check_commit(CommitVariant::PresumedCommit, {2, 2}, {2, 1}, 3);
}

TEST_CASE("2PC: basic: an abort costs 2/1 and 2/2 records and 2n+2k messages") {
  check_abort(CommitVariant::Basic, {2, 1}, {2, 2}, {1, 1}, 2);
}

TEST_CASE("2PC: presumed abort: an abort costs 1/0 and 2/1 records and 2n+k messages") {
  check_abort(CommitVariant::PresumedAbort, {1, 0}, {2, 1}, {1, 0}, 1);
}

TEST_CASE("2PC: presumed commit: an abort costs 3/2 and 2/2 records and 2n+2k messages") {
  check_abort(CommitVariant::PresumedCommit, {3, 2}, {2, 2}, {1, 1}, 2);
}

TEST_CASE("2PC: presumed abort: n readers cost 2n messages and no record") {
  for (int n = 1; n <= 8; ++n) {
    CAPTURE(n);
    Rig rig = rig_of(CommitVariant::PresumedAbort, n);
    rig.order_steps = false;
    rig.order_reads = true;
    rig.actions.assign(static_cast<std::size_t>(n), Action::Read);
    const World world = rig.run();
    CHECK(told(world, rig) == Reply::Done);
    for (int i = 0; i <= n; ++i) CHECK(cost_of(world, static_cast<NodeId>(i)) == NodeCost{0, 0});
    CHECK(commit_messages(world, rig.client()) == 2 * static_cast<std::uint64_t>(n));
  }
}

TEST_CASE("2PC: a reader among updaters costs two messages and no record") {
  Rig rig = rig_of(CommitVariant::PresumedAbort, 3);
  rig.actions = {Action::Take, Action::Read, Action::Take};
  const World world = rig.run();
  CHECK(cost_of(world, 2) == NodeCost{0, 0});
  CHECK(cost_of(world, 1) == NodeCost{2, 2});
  CHECK(commit_messages(world, rig.client()) == 4 * 2 + 2);

  rig.settings.read_only_vote = false;
  const World without = rig.run();
  CHECK(cost_of(without, 2) == NodeCost{2, 2});
  CHECK(commit_messages(without, rig.client()) == 4 * 3);
}

TEST_CASE("2PC: one phase costs the coordinator no record and the participant one forced record") {
  Rig rig;
  rig.participants = 1;
  rig.order_steps = false;
  const World world = rig.run();
  CHECK(told(world, rig) == Reply::Done);
  CHECK(cost_of(world, kOrder) == NodeCost{0, 0});
  CHECK(cost_of(world, 1) == NodeCost{2, 1});  // committed, and the end, which is not forced
  CHECK(commit_messages(world, rig.client()) == 3);
}
