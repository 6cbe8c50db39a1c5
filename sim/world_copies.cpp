// Copies of a message, by the clock: where a message is repeated and its link's delay has no
// greatest value, any number of equal messages may be under way, and no search would end. More than
// so many of them become one message that stands for one or more (Karp, Miller, Parallel Program
// Schemata, 1969: a number that can grow is taken for any number).
//
// Nothing that is possible is lost: each of the copies may arrive while others are left, at any
// time at which one of them may; and it may be the last. What is gained may not be possible: more
// copies than have been sent, or one at a time of none. So what is found among joined copies has to
// be followed with each copy apart before it counts (runs/follow.h). That nothing is found proves
// that there is nothing.
#include <algorithm>

#include "sim/assert.h"
#include "sim/fingerprint.h"
#include "sim/world.h"

namespace txsim {

bool World::stands_for_many(const Choice& choice) const {
  const EventKey& key = choice.key;
  return key.kind() == Pending::Message && in_flight_[key.slot()].is_many;
}

bool World::has_no_greatest_delay(const Message& message) const {
  if (message.from == message.to) return false;
  const Link& link = spec_->network.link(message.from, message.to);
  return TimeBounds::of(link.delay).most >= Zone::kNever;
}

// A copy is about to arrive. The others come when they may, and no earlier than this one.
void World::leave_others(const EventKey& key) {
  const InFlight one = in_flight_[key.slot()];
  const EventKey others = put_in_flight(now_, one.message, one.sent, one.refused);
  InFlight& left = in_flight_[others.slot()];
  left.path = one.path;
  left.is_many = true;
  clock_->add_like(others, key);
}

void World::join_copies() {
  if (most_copies_ == kEachCopy) return;
  if (may_join_held()) {
    for (NodeId node = 0; node < nodes_.size(); ++node) join_held(node);
  }
  struct Copy {
    EventKey key;
    std::uint64_t name = 0;
  };
  std::vector<Copy> copies;
  queue_.for_each([&](const EventKey& key) {
    if (key.kind() != Pending::Message) return;
    const InFlight& flying = in_flight_[key.slot()];
    if (!has_no_greatest_delay(flying.message)) return;
    copies.push_back({key, Fingerprint::of(flying.message, flying.refused)});
  });
  std::sort(copies.begin(), copies.end(), [](const Copy& a, const Copy& b) {
    return a.name != b.name ? a.name < b.name : a.key.low < b.key.low;
  });
  for (std::size_t first = 0, end = 0; first < copies.size(); first = end) {
    bool is_many = false;
    for (end = first; end < copies.size() && copies[end].name == copies[first].name; ++end) {
      is_many = is_many || in_flight_[copies[end].key.slot()].is_many;
    }
    if (!is_many && end - first <= most_copies_) continue;
    InFlight& joined = in_flight_[copies[first].key.slot()];
    joined.is_many = true;
    joined.digest = 0;
    for (std::size_t other = first + 1; other < end; ++other) {
      clock_->join(copies[other].key, copies[first].key);
      queue_.remove(copies[other].key);
      free_message(copies[other].key.slot());
    }
  }
}

// A fault that counts messages could tell how many there are.
bool World::may_join_held() const {
  return std::none_of(spec_->faults.begin(), spec_->faults.end(), [](const Fault& fault) {
    return fault.is_message_fault() || fault.placed == PlacedBy::Event;
  });
}

// The same for messages that wait for a write: those that wait for the same one leave together.
// Notes are for the reader of a trace, and are left out.
void World::join_held(NodeId node) {
  const Ring<Effect>& held = nodes_[node]->held;
  if (held.empty()) return;
  Ring<Effect> kept;
  for (std::size_t i = 0; i < held.size(); ++i) {
    Effect effect = held.at(i);
    if (effect.kind == Effect::Kind::Note) continue;
    if (effect.kind != Effect::Kind::Send || !has_no_greatest_delay(effect.message)) {
      kept.push(effect);
      continue;
    }
    const std::uint64_t name = Fingerprint::of(effect.message);
    std::uint32_t equal = 0;
    Effect* first = nullptr;
    for (std::size_t other = 0; other < kept.size(); ++other) {
      Effect& earlier = kept.at(other);
      const bool is_equal = earlier.kind == Effect::Kind::Send && earlier.after == effect.after &&
                            Fingerprint::of(earlier.message) == name;
      if (!is_equal) continue;
      ++equal;
      if (first == nullptr) first = &earlier;
    }
    effect.is_many = effect.is_many || most_copies_ == 0;
    if (first == nullptr || (!first->is_many && equal < most_copies_)) {
      kept.push(effect);
    } else {
      first->is_many = true;
    }
  }
  const bool is_same = kept.size() == held.size() && most_copies_ > 0;
  if (!is_same) nodes_[node].change().held = std::move(kept);
}

// A message of which there are one or more has just been sent, if no fault has kept it.
void World::send_many(const Message& message) {
  const std::uint64_t name = Fingerprint::of(message);
  std::optional<EventKey> last;
  queue_.for_each([&](const EventKey& key) {
    if (key.kind() != Pending::Message) return;
    if (Fingerprint::of(in_flight_[key.slot()].message) != name) return;
    if (!last || key.low > last->low) last = key;
  });
  if (last) in_flight_[last->slot()].is_many = true;
}

}  // namespace txsim
