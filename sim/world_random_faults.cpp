// Crashes, pauses and partitions at random times: each is drawn when the one before has begun, and
// recorded as a fault that is placed by time.
#include <algorithm>
#include <utility>

#include "sim/assert.h"
#include "sim/world.h"

namespace txsim {

void World::plan_random(Control::Kind kind, NodeId node, std::optional<Duration> every,
                        Stream& stream) {
  if (!every) return;
  const Time at = now_ + Delay::exponential(*every).draw(stream);
  if (at < spec_->random_faults.quiet_after) schedule(at, {kind, node, 0});
}

void World::random_fault(const Control& control) {
  const RandomFaults& random = spec_->random_faults;
  const NodeId node = control.index;
  Fault fault;
  fault.placed = PlacedBy::Time;
  fault.at = now_;
  fault.nodes = {node};
  Duration duration;
  Streams::Failures& draws = failure_streams(node);
  switch (control.kind) {
    case Control::Kind::RandomCrash:
      fault.kind = FaultKind::Crash;
      duration = random.crash_for.draw(draws.crash);
      plan_random(control.kind, node, random.crash_every, draws.crash);
      break;
    case Control::Kind::RandomPause:
      fault.kind = FaultKind::Pause;
      duration = random.pause_for.draw(draws.pause);
      plan_random(control.kind, node, random.pause_every, draws.pause);
      break;
    case Control::Kind::RandomPartition:
      fault.kind = FaultKind::Partition;
      duration = random.partition_for.draw(draws.partition);
      fault.peers.reserve(nodes_.size() - 1);
      for (NodeId other = 0; other < nodes_.size(); ++other) {
        if (other != node) fault.peers.push_back(other);
      }
      plan_random(control.kind, node, random.partition_every, draws.partition);
      break;
    default:
      TXSIM_ASSERT(false, "not a random fault");
  }
  fault.duration = std::min(duration, random.quiet_after - now_);
  const bool effective = fault.kind == FaultKind::Partition || nodes_[node]->up;
  if (!effective) return;
  faults_.change().met.push_back(std::move(fault));
  begin_fault(static_cast<std::uint32_t>(spec_->faults.size() + faults_->met.size() - 1), kNoNode);
}

}  // namespace txsim
