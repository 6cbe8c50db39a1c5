// Which faults of the plan have struck: not those that began, but those that something met.
#include "sim/world.h"

namespace txsim {

void World::strike_open(FaultKind kind, NodeId node) {
  for (std::size_t i = 0; i < faults_->open.size(); ++i) {
    if (fault(faults_->open[i]).kind == kind && befalls(i, node)) strike(faults_->open[i]);
  }
}

void World::strike_cut(NodeId from, NodeId to) {
  for (const std::uint32_t index : faults_->open) {
    if (cuts(fault(index), from, to)) strike(index);
  }
}

// What is lost is neither slowed nor doubled.
void World::strike_message(const Fate& fate) {
  for (const std::uint32_t index : message_hits_.value) {
    switch (fault(index).kind) {
      case FaultKind::Slow:
        if (!fate.lost) strike(index);
        break;
      case FaultKind::Duplicate:
        if (fate.duplicated) strike(index);
        break;
      default:
        strike(index);
    }
  }
}

}  // namespace txsim
