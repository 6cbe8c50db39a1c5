// Recognises that virtual time stands still: events cause each other at one instant forever.
//
// Many events at one instant are no livelock: a million orders may arrive at once and take no time.
// But each of these events belongs to another order, while a loop returns to the same event: of the
// same kind, at the same node, of the same transaction. So at each power of two of the events of
// one instant (Brent's cycle detection, 1980) one event is picked; if it recurs often enough before
// the next power of two, it is in a loop. An event of no transaction is picked only after a long
// time without others, because a timer may serve many orders. The memory is one event, and then the
// loop.
#include <bit>

#include "sim/world.h"

namespace txsim {
namespace {

constexpr std::uint64_t kManyRepeats = 1 << 14;
constexpr std::size_t kLongestLoop = 256;

bool are_alike(const Choice& a, const Choice& b) {
  return a.kind == b.kind && a.node == b.node && a.peer == b.peer && a.what == b.what &&
         a.step == b.step && a.transaction == b.transaction &&
         (a.transaction != 0 || a.value == b.value);
}

}  // namespace

// Called for each event beyond a number that healthy runs rarely reach.
void World::watch_instant(const EventKey& key) {
  InstantWatch& watch = watch_;
  const Choice choice = describe(key);
  if (watch.is_tracing) {
    const bool comes_round = are_alike(choice, watch.event);
    if (!comes_round && watch.loop.size() < kLongestLoop) {
      watch.loop.push_back(choice);
      return;
    }
    standstill_ = {now_, at_once_, {watch.loop.begin(), watch.loop.end()}};
    watch = {};
    return;
  }
  if (watch.repeats >= kManyRepeats) {
    if (!are_alike(choice, watch.event)) return;
    watch.is_tracing = true;
    watch.loop.push_back(choice);
    return;
  }
  if (std::has_single_bit(at_once_)) {
    const bool takes_any = at_once_ > kManyAtOnce && !watch.has_event;
    watch = {};
    watch.takes_any = takes_any;
  }
  if (choice.transaction == 0 && !watch.takes_any) return;
  if (!watch.has_event) {
    watch.has_event = true;
    watch.event = choice;
  } else if (are_alike(choice, watch.event)) {
    ++watch.repeats;
  }
}

}  // namespace txsim
