// Faults of nodes and windows: placed by time, by event, or drawn at random and then made explicit
// (world_random_faults.cpp). Message faults: world_network.cpp.
#include <algorithm>

#include "sim/assert.h"
#include "sim/emit.h"
#include "sim/world.h"

namespace txsim {
namespace {

bool is_named_or_all(const std::vector<NodeId>& sorted, NodeId node) {
  return sorted.empty() || is_named(sorted, node);
}

bool is_window(const Fault& fault) {
  return fault.kind == FaultKind::Partition || fault.kind == FaultKind::Refuse ||
         fault.kind == FaultKind::SlowDisk || fault.kind == FaultKind::SkewClock;
}

}  // namespace

bool EventPattern::matches(const TraceRecord& record) const {
  return record.kind == kind && (!what || what == record.what) &&
         is_named_or_all(nodes, record.node) && is_named_or_all(peers, record.peer) &&
         (!value || *value == record.value);
}

const Fault& World::fault(std::uint32_t index) const {
  const std::size_t planned = spec_->faults.size();
  return index < planned ? spec_->faults[index] : faults_->met[index - planned];
}

bool World::spared(NodeId node) const { return is_named(spec_->random_faults.spared, node); }

bool World::is_disturbed() const {
  // The end of a window in which messages are dropped is no event. If nothing else is pending, the
  // window closes unobserved.
  const auto is_dropping = [&](const Fault& fault) {
    if (fault.kind != FaultKind::Drop || fault.nth != 0 || !is_open_now(fault)) return false;
    return !fault.duration || has_pending(kEndOfTime);
  };
  return !faults_->open.empty() ||
         std::any_of(spec_->faults.begin(), spec_->faults.end(), is_dropping) ||
         std::any_of(nodes_.begin(), nodes_.end(),
                     [&](const auto& state) { return !state->up || state->paused_until > now_; });
}

// Of a fault that befalls every matching message for a while.
bool World::is_open_now(const Fault& fault) const {
  if (clock_) [[unlikely]] {
    const auto index = static_cast<std::size_t>(&fault - spec_->faults.data());
    const auto is_over = [&](bool end) { return clock_->is_surely_over(window_name(index, end)); };
    return is_over(false) && (!fault.duration || !is_over(true));
  }
  return now_ >= fault.at && (!fault.duration || now_ < fault.at + *fault.duration);
}

std::vector<NodeId> World::unreachable() const {
  std::vector<NodeId> nodes;
  const auto add = [&](const std::vector<NodeId>& some) {
    nodes.insert(nodes.end(), some.begin(), some.end());
  };
  for (NodeId node = 0; node < nodes_.size(); ++node) {
    if (nodes_[node]->up && nodes_[node]->paused_until > now_) nodes.push_back(node);
  }
  for (std::size_t i = 0; i < faults_->open.size(); ++i) {
    const Fault& fault = this->fault(faults_->open[i]);
    if (fault.kind != FaultKind::Partition && fault.kind != FaultKind::Refuse) continue;
    add(fault.nodes);
    add(fault.peers);
    if (fault.nodes.empty() && faults_->nodes[i] != kNoNode) nodes.push_back(faults_->nodes[i]);
  }
  for (const std::uint32_t index : faults_->of_messages) {
    const Fault& fault = spec_->faults[index];
    if (fault.kind != FaultKind::Drop || fault.nth != 0 || !is_open_now(fault)) continue;
    add(fault.when.nodes);
    add(fault.when.peers);
    if (!fault.when.nodes.empty() || !fault.when.peers.empty()) continue;
    for (NodeId node = 0; node < nodes_.size(); ++node) nodes.push_back(node);
  }
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

// ---- Placing faults

// A window that opens at time 0 is open before the nodes boot and send.
void World::plan_windows() {
  for (std::uint32_t i = 0; i < spec_->faults.size(); ++i) {
    const Fault& fault = spec_->faults[i];
    if (fault.placed == PlacedBy::Time && is_window(fault)) {
      schedule(fault.at, {Control::Kind::Begin, i, 0});
    }
  }
}

void World::plan_faults() {
  for (std::uint32_t i = 0; i < spec_->faults.size(); ++i) {
    const Fault& fault = spec_->faults[i];
    if (fault.is_message_fault()) {
      faults_.change().of_messages.push_back(i);
    } else if (fault.placed != PlacedBy::Time) {
      faults_.change().waiting.push_back(i);
    } else if (!is_window(fault)) {
      schedule(fault.at, {Control::Kind::Begin, i, 0});
    }
  }
  const RandomFaults& random = spec_->random_faults;
  for (NodeId node = 0; node < nodes_.size(); ++node) {
    if (spared(node)) continue;
    Streams::Failures& draws = failure_streams(node);
    plan_random(Control::Kind::RandomCrash, node, random.crash_every, draws.crash);
    plan_random(Control::Kind::RandomPause, node, random.pause_every, draws.pause);
    plan_random(Control::Kind::RandomPartition, node, random.partition_every, draws.partition);
  }
  set_watching();
  recompute_disturbances();
}

void World::set_watching() {
  watching_ = !faults_->waiting.empty();
  listening_ = watching_ || spec_->keep_trace;
}

void World::recompute_disturbances() {
  const RandomFaults& random = spec_->random_faults;
  disturbing_ = !faults_->of_messages.empty() || !faults_->open.empty() ||
                !spec_->network.is_reliable() || !random.loss.never() ||
                !random.duplication.never();
}

// Places the faults that wait for this event.
void World::watch(const TraceRecord& record) {
  for (std::size_t i = 0; i < faults_->waiting.size();) {
    const std::uint32_t index = faults_->waiting[i];
    const Fault& fault = this->fault(index);
    const bool due =
        fault.placed == PlacedBy::Sequence
            ? record.sequence == fault.nth
            : fault.when.matches(record) && ++faults_.change().matched[index] == fault.nth;
    if (!due) {
      ++i;
      continue;
    }
    std::vector<std::uint32_t>& waiting = faults_.change().waiting;
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
    set_watching();
    begin_fault(index, record.node);
    i = 0;  // a fault that begins emits events that may place others; each waits once at most
  }
}

// ---- Beginning and ending

// The fault's nodes, else the node of the event that placed it. Each is looked up again: adding a
// random fault may move the others.
template <class Visit>
void World::for_each_node(std::uint32_t fault, NodeId event_node, Visit&& visit) const {
  if (this->fault(fault).nodes.empty() && event_node != kNoNode) visit(event_node);
  for (std::size_t i = 0; i < this->fault(fault).nodes.size(); ++i) {
    visit(this->fault(fault).nodes[i]);
  }
}

// The node of a fault that has one; else none.
NodeId World::only_node(std::uint32_t fault, NodeId event_node) const {
  const std::vector<NodeId>& nodes = this->fault(fault).nodes;
  if (nodes.empty()) return event_node;
  return nodes.size() == 1 ? nodes.front() : kNoNode;
}

void World::begin_fault(std::uint32_t index, NodeId event_node) {
  const std::optional<Duration> duration = fault(index).duration;
  const Duration delay = fault(index).delay;
  const std::int64_t rate = fault(index).rate_permille;
  switch (fault(index).kind) {
    case FaultKind::Crash:
      for_each_node(index, event_node, [&](NodeId node) {
        if (crash(node, duration)) strike(index);
      });
      return;
    case FaultKind::Pause:
      for_each_node(index, event_node, [&](NodeId node) {
        if (pause(node, duration.value_or(kLongestDuration))) strike(index);
      });
      return;
    case FaultKind::SlowDisk:
      for_each_node(index, event_node,
                    [&](NodeId node) { nodes_[node].change().slow_disk = delay; });
      break;
    case FaultKind::SkewClock:
      for_each_node(index, event_node, [&](NodeId node) {
        nodes_[node].change().skew = delay;
        nodes_[node].change().rate_permille = rate;
      });
      break;
    case FaultKind::Partition:
    case FaultKind::Refuse:
      break;
    case FaultKind::Drop:
    case FaultKind::Slow:
    case FaultKind::Duplicate:
      TXSIM_ASSERT(false, "message faults are met when sending");
  }
  ++statistics_.failures;
  faults_.change().open.push_back(index);
  faults_.change().nodes.push_back(event_node);
  recompute_disturbances();
  emit({.value = static_cast<std::int64_t>(index),
        .node = only_node(index, event_node),
        .kind = EventKind::FaultBegan});
  if (duration) schedule(now_ + *duration, {Control::Kind::End, index, 0});
}

void World::end_fault(std::uint32_t index) {
  FaultState& faults = faults_.change();
  const auto found = std::find(faults.open.begin(), faults.open.end(), index);
  TXSIM_ASSERT(found != faults.open.end(), "a fault ends that is not open");
  const auto place = found - faults.open.begin();
  const NodeId event_node = faults.nodes[static_cast<std::size_t>(place)];
  faults.open.erase(found);
  faults.nodes.erase(faults.nodes.begin() + place);
  const FaultKind kind = fault(index).kind;
  for_each_node(index, event_node, [&](NodeId node) {
    if (kind == FaultKind::SlowDisk) nodes_[node].change().slow_disk = Duration{0};
    if (kind != FaultKind::SkewClock) return;
    nodes_[node].change().skew = Duration{0};
    nodes_[node].change().rate_permille = 1000;
  });
  recompute_disturbances();
  emit({.value = static_cast<std::int64_t>(index),
        .node = only_node(index, event_node),
        .kind = EventKind::FaultEnded});
}

void World::strike_open(FaultKind kind, NodeId node) {
  for (std::size_t i = 0; i < faults_->open.size(); ++i) {
    if (fault(faults_->open[i]).kind == kind && befalls(i, node)) strike(faults_->open[i]);
  }
}

// ---- Crashes and pauses

// A crash loses volatile state, unforced records, queued effects and timers, but no messages in
// flight. The node's object is replaced at its restart, because the node may be in the middle of a
// handler now. In that case the crash is reported at the end of the handler, after the facts that
// durable records make true.
bool World::crash(NodeId node, std::optional<Duration> duration) {
  NodeState& state = nodes_[node].change();
  if (!state.up) return false;
  state.up = false;
  ++statistics_.failures;
  ++state.downs;
  const bool is_at_work = current_.node == node;
  const bool is_all_durable = state.durable == state.log.size() && state.held.empty();
  state.log.resize(state.durable);
  state.writing = false;
  if (clock_ && state.paused_until > now_) [[unlikely]]
    postpone_overdue(node);
  state.paused_until = Time{0};
  for (std::uint32_t slot = 0; slot < timers_.size(); ++slot) {
    if (timers_[slot].node == node && queue_.timer_is_set(slot)) queue_.retire_timer(slot);
  }
  if (is_at_work) {
    current_.has_crashed = true;
    current_.is_backed = current_.has_forced && is_all_durable;
    current_.away = duration;
  } else {
    complete_crash(node, duration);
  }
  return true;
}

void World::complete_crash(NodeId node, std::optional<Duration> duration) {
  NodeState& state = nodes_[node].change();
  state.held.clear();
  state.waits.clear();
  state.written.clear();
  emit({.value = duration ? duration->ns : -1, .node = node, .kind = EventKind::Crashed});
  if (duration) schedule(now_ + *duration, {Control::Kind::Restart, node, state.downs});
}

bool World::pause(NodeId node, Duration duration) {
  NodeState& state = nodes_[node].change();
  if (!state.up) return false;
  ++statistics_.failures;
  const Time until = std::max(state.paused_until, now_ + duration);
  emit({.value = duration.ns, .node = node, .kind = EventKind::Paused});
  const EventKey resume = schedule(now_ + duration, {Control::Kind::Resume, node, 0});
  if (clock_) [[unlikely]] {
    begin_pause(state, resume);
  } else {
    state.paused_until = until;
  }
  return true;
}

}  // namespace txsim
