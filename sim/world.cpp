#include "sim/world.h"

#include "sim/assert.h"
#include "sim/emit.h"

namespace txsim {

// With many messages in flight, the next one's data is not in the cache: it is prefetched while
// this one is handled. (Forced inline: g++ 12 assumes that a function that only prefetches has no
// effect.)
[[gnu::always_inline]] inline void World::prefetch_soon() const {
  const EventKey* soon = queue_.soon();
  if (soon == nullptr || soon->kind() != Pending::Message) return;
  const InFlight* message = &in_flight_[soon->slot()];
  __builtin_prefetch(message);
  __builtin_prefetch(reinterpret_cast<const char*>(message) + 64);
}

World::Streams::Streams(std::uint64_t seed)
    : delay(seed, "network.delay"),
      disk(seed, "disk"),
      loss(seed, "network.loss"),
      duplication(seed, "network.duplication"),
      failures{{seed, "faults.crash"}, {seed, "faults.pause"}, {seed, "faults.partition"}},
      failures_apart{{seed, "faults.crash.apart"},
                     {seed, "faults.pause.apart"},
                     {seed, "faults.partition.apart"}} {}

World::World(const std::shared_ptr<const WorldSpec>& spec, std::unique_ptr<Observer> observer)
    : World(spec, std::move(observer), spec->seed) {}

World::World(std::shared_ptr<const WorldSpec> spec, std::unique_ptr<Observer> observer,
             std::uint64_t seed)
    : World(NotBegun{}, std::move(spec), std::move(observer)) {
  begin(seed);
}

World::World(NotBegun, std::shared_ptr<const WorldSpec> spec, std::unique_ptr<Observer> observer)
    : spec_(std::move(spec)),
      nodes_(spec_->nodes.size()),
      streams_(seed_),
      observer_(Cloned<Observer>(std::move(observer))) {
  statistics_.nodes.resize(nodes_.size());
  faults_.change().matched.resize(spec_->faults.size());
  strikes_.resize(spec_->faults.size());
}

World World::by_clock(const std::shared_ptr<const WorldSpec>& spec,
                      std::unique_ptr<Observer> observer, std::uint32_t most_copies) {
  World world = not_begun(spec, std::move(observer));
  world.clock_.emplace();
  world.most_copies_ = most_copies;
  world.begin(spec->seed);
  world.begin_windows();
  return world;
}

World World::not_begun(std::shared_ptr<const WorldSpec> spec, std::unique_ptr<Observer> observer) {
  World world(NotBegun{}, std::move(spec), std::move(observer));
  // Existing nodes are reused: copied over those of the run before.
  for (NodeId node = 0; node < world.nodes_.size(); ++node) {
    world.nodes_[node].change().node.become(*world.spec_->nodes[node].prototype);
  }
  return world;
}

void World::begin(std::uint64_t seed) {
  seed_ = seed;
  streams_ = Streams(seed);
  plan_windows();
  for (NodeId node = 0; node < nodes_.size(); ++node) {
    schedule(Time{0}, {Control::Kind::Boot, node, 0});
  }
  plan_faults();
}

// ---- Taking a step

void World::step(const Choice& choice) {
  queue_.remove(choice.key);
  happen(choice.key);
}

bool World::step() {
  EventKey key;
  while (queue_.pop(kEndOfTime, key)) {
    prefetch_soon();
    if (is_void(key)) continue;
    happen(key);
    return true;
  }
  return false;
}

void World::run(Time until) {
  EventKey key;
  while (!standstill_ && queue_.pop(until, key)) {
    prefetch_soon();
    if (!is_void(key)) happen(key);
  }
}

void World::happen(const EventKey& key) {
  version_ = Versioned<NodeState>::kNone;
  if (key.at() > now_) {
    now_ = key.at();
    at_once_ = 0;
  } else if (++at_once_ >= kManyAtOnce) [[unlikely]] {
    watch_instant(key);
  }
  dispatch(key);
}

void World::dispatch(const EventKey& key) {
  switch (key.kind()) {
    case Pending::Message:
      deliver(key.slot(), key);
      break;
    case Pending::Timer:
      fire(key.slot(), key);
      break;
    case Pending::Disk:
      complete_write(key.slot(), key);
      break;
    case Pending::Control:
      control(key.slot());
      break;
  }
}

// ---- Activations of a node

void World::start_node(NodeId node, bool again) {
  NodeState& state = nodes_[node].change();
  if (again || !state.node) state.node.become(*spec_->nodes[node].prototype);
  state.up = true;
  if (state.checkpoint_at == 0) state.checkpoint_at = kCheckpointRecords;
  activate(node, 0, {});
  current_.cause = emit({.value = again ? 1 : 0, .node = node, .kind = EventKind::Restarted});
  if (!state.up) {
    end_activation();
    return;
  }
  Context context(*this, node);
  // The node may append while it reads, so it gets a copy.
  log_buffer_.value = state.log;
  state.node->start(context, log_buffer_.value);
  end_activation();
}

void World::end_activation() {
  const NodeId node = current_.node;
  if (current_.has_crashed) [[unlikely]]
    complete_crash(node, current_.away);
  current_ = {};
  NodeState& state = at_work();
  if (state.log.size() < state.checkpoint_at || !state.up || !state.held.empty()) [[likely]] {
    return;
  }
  take_checkpoint(state, node);
}

// A paused node does nothing until it resumes; messages and timers keep their order meanwhile.
bool World::postponed(NodeId node, const EventKey& key) {
  if (nodes_[node]->paused_until <= now_) [[likely]]
    return false;
  NodeState& state = nodes_[node].change();
  const EventKey later = queue_.postpone(key, state.paused_until);
  if (key.kind() == Pending::Disk) state.write = later;
  return true;
}

// ---- Planned events

void World::control(std::uint32_t slot) {
  const Control control = controls_[slot];
  controls_[slot].index = free_controls_;
  free_controls_ = slot;
  switch (control.kind) {
    case Control::Kind::Boot:
      start_node(control.index, false);
      break;
    case Control::Kind::Restart:
      start_node(control.index, true);
      break;
    case Control::Kind::Resume:
      if (clock_) [[unlikely]]
        end_pause(control.index);
      if (nodes_[control.index]->up && nodes_[control.index]->paused_until <= now_) {
        emit({.node = control.index, .kind = EventKind::Resumed});
      }
      break;
    case Control::Kind::Begin:
      begin_fault(control.index, kNoNode);
      break;
    case Control::Kind::End:
      end_fault(control.index);
      break;
    case Control::Kind::RandomCrash:
    case Control::Kind::RandomPause:
    case Control::Kind::RandomPartition:
      random_fault(control);
      break;
  }
}

EventKey World::schedule(Time at, const Control& control) {
  std::uint32_t slot = free_controls_;
  if (slot == kNoSlot) {
    slot = static_cast<std::uint32_t>(controls_.size());
    controls_.push_back(control);
  } else {
    free_controls_ = controls_[slot].index;
    controls_[slot] = control;
  }
  const EventKey key = queue_.push(at, Pending::Control, slot);
  if (clock_) [[unlikely]]
    clock_->add(key,
                at - now_ < kLongestDuration ? TimeBounds::exactly(at - now_) : TimeBounds::any());
  return key;
}

// Rarely wanted: a trace, and faults that wait for an event.
void World::write_down(const TraceRecord& record) {
  if (spec_->keep_trace) trace_.push_back(record);
  if (watching_) watch(record);
}

}  // namespace txsim
