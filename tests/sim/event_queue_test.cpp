// The event queue compared with a sorted set: the same order for any mix of events and timers.
#include <catch2/catch.hpp>
#include <set>

#include "sim/event_queue.h"
#include "sim/random.h"

namespace txsim {
namespace {

struct Less {
  bool operator()(const EventKey& a, const EventKey& b) const { return a < b; }
};

// Random pushes, timers, cancellations and pops; `spread` is the range of delays.
void compare_with_set(std::uint64_t seed, std::size_t pending, std::int64_t spread, int rounds) {
  Stream stream(seed, "queue test");
  EventQueue queue;
  std::set<EventKey, Less> model;
  std::vector<std::pair<TimerId, EventKey>> timers;
  Time now{0};
  std::uint64_t order = 0;
  const auto model_key = [&](Time at, Pending kind, std::uint32_t slot) {
    return EventKey{(order++ << 28) | (static_cast<std::uint64_t>(kind) << 26) | slot,
                    static_cast<std::uint64_t>(at.ns)};
  };
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t what = stream.below(10);
    if (what < 5 || model.size() < pending) {
      const Time at =
          now +
          Duration{static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(spread)))};
      const auto slot = static_cast<std::uint32_t>(stream.below(1000));
      model.insert(model_key(at, Pending::Message, slot));
      queue.push(at, Pending::Message, slot);
    }
    if (what < 3) {
      const Duration length = stream.below(2) == 0 ? Duration{spread / 3} : Duration{spread / 7};
      const TimerId timer = queue.push_timer(now, length);
      const EventKey key = model_key(now + length, Pending::Timer, timer.slot);
      model.insert(key);
      timers.emplace_back(timer, key);
    }
    if (what == 3 && !timers.empty()) {
      const std::size_t pick = stream.below(timers.size());
      const bool was_pending = model.erase(timers[pick].second) > 0;
      REQUIRE(queue.cancel(timers[pick].first) == was_pending);
      REQUIRE_FALSE(queue.cancel(timers[pick].first));
    }
    if (what >= 4 && !model.empty()) {
      EventKey key;
      REQUIRE(queue.pop(kEndOfTime, key));
      REQUIRE(key == *model.begin());
      model.erase(model.begin());
      now = key.at();
      if (key.kind() == Pending::Timer) queue.retire_timer(key.slot());
    }
  }
  REQUIRE(queue.all().size() == model.size());
  std::size_t i = 0;
  for (const EventKey& key : model) REQUIRE(queue.all()[i++ % model.size()] == key);
}

TEST_CASE("Event queue: events are in the order of time, then of scheduling", "[sim]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) compare_with_set(seed, 40, 1'000, 600);
}

TEST_CASE("Event queue: ties keep the order of scheduling", "[sim]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) compare_with_set(seed, 30, 8, 500);
}

TEST_CASE("Event queue: the order is the same when events are spread over buckets", "[sim]") {
  Stream stream(7, "spread test");
  EventQueue queue;
  std::set<EventKey, Less> model;
  const auto push = [&](Time now) {
    // Most events are near, some at the same instant, a few a thousand times further away.
    const std::uint64_t far = stream.below(100);
    const std::uint64_t range = far == 0 ? 4'000'000'000ULL : far < 10 ? 3 : 4'000'000;
    const Time at = now + Duration{static_cast<std::int64_t>(stream.below(range))};
    model.insert(queue.push(at, Pending::Message, 0));
  };
  for (int i = 0; i < 20'000; ++i) push(Time{0});
  for (int i = 0; i < 60'000; ++i) {
    EventKey key;
    REQUIRE(queue.pop(kEndOfTime, key));
    REQUIRE(key == *model.begin());
    model.erase(model.begin());
    if (i % 20'000 < 15'000) push(key.at());
  }
  REQUIRE(queue.all().size() == model.size());
  while (!model.empty()) {
    EventKey key;
    REQUIRE(queue.pop(kEndOfTime, key));
    REQUIRE(key == *model.begin());
    model.erase(model.begin());
  }
  REQUIRE(queue.earliest() == nullptr);
}

TEST_CASE("Event queue: any event can be removed out of order", "[sim]") {
  for (const int count : {20, 9'000}) {  // in the heap, and in buckets
    Stream stream(3, "remove test");
    EventQueue queue;
    for (int i = 0; i < count; ++i) {
      queue.push(Time{static_cast<std::int64_t>(stream.below(1'000'000))}, Pending::Message, 0);
    }
    const TimerId timer = queue.push_timer(Time{0}, Duration{500'000});
    std::vector<EventKey> keys = queue.all();
    for (int i = 0; i < 10; ++i) {
      const std::size_t pick = stream.below(keys.size());
      queue.remove(keys[pick]);
      if (keys[pick].kind() == Pending::Timer) queue.retire_timer(timer.slot);
      keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(pick));
    }
    for (const EventKey& expected : keys) {
      EventKey key;
      REQUIRE(queue.pop(kEndOfTime, key));
      REQUIRE(key == expected);
    }
  }
}

}  // namespace
}  // namespace txsim
