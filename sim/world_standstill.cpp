// Recognises that virtual time stands still: events bring about each other at one instant forever.
//
// Many events at one instant are no livelock: a million orders that arrive at once and take no
// time. But each of these is another order's, while a loop comes round to the same event: of the
// same kind, at the same node, of the same transaction. So at each power of two of the events of
// one instant (Brent's way of finding a cycle, 1980) one event is picked, and if it comes often
// enough before the next power of two, it is in a loop. Events of no transaction are picked only
// where for so long there was nothing else, for their timers may serve each of many orders. The
// memory is one event's, and then the loop's.
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

// Called for each event beyond a number that healthy runs seldom reach.
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
