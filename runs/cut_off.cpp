#include "runs/cut_off.h"

#include <fmt/format.h>

#include <algorithm>

namespace txsim {
namespace {

constexpr std::uint64_t kFewestSteps = 2'000;
// What waits for a timer that is set to run out late has a minute, if few others run meanwhile.
constexpr Duration kLongestBeyond = seconds(60);
constexpr std::uint64_t kMostStepsOfMinute = 20'000;
// A step may send thousands of messages.
constexpr std::uint64_t kMostEventsOfMinute = 200'000;
constexpr std::uint64_t kLooks = 12;  // at the copy, each after twice as many events

// Nothing was wrong with it but what the end of the run makes so.
bool may_be_cut_off(const Judgement& judgement) {
  return judgement.verdict == Verdict::Violated &&
         judgement.open_ends.size() == judgement.violations;
}

// Whatever else is wrong by then.
bool is_open_still(const Judgement& at_end, const Judgement& later) {
  const std::vector<TransactionId>& before = at_end.open_ends;
  return std::any_of(later.open_ends.begin(), later.open_ends.end(), [&](TransactionId id) {
    return std::find(before.begin(), before.end(), id) != before.end();
  });
}

std::string counted(std::uint64_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

Verdicts judge_end(const World& world, const EndOfRun& end) {
  Verdicts verdicts = judge(*world.observer(), end);
  if (end.idle || !end.standstill.empty()) return verdicts;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < verdicts.judgements.size(); ++i) {
    if (may_be_cut_off(verdicts.judgements[i])) open.push_back(i);
  }
  if (open.empty()) return verdicts;
  World beyond = world;
  const std::uint64_t begun = world.statistics().events;
  const std::uint64_t least = std::max(kFewestSteps, begun);
  const std::uint64_t most = std::max(kMostStepsOfMinute, begun);
  const std::uint64_t most_events = begun + std::max(kMostEventsOfMinute, begun);
  std::uint64_t steps = 0;  // faults that befall nobody are steps, too
  const auto is_enough = [&] {
    const bool is_minute = steps >= least && beyond.now() >= end.time + kLongestBeyond;
    return is_minute || beyond.statistics().events >= most_events;
  };
  for (std::uint64_t look = 1; look <= kLooks && !open.empty() && !is_enough(); ++look) {
    const std::uint64_t until = most >> (kLooks - look);
    for (; steps < until && !is_enough() && beyond.step(); ++steps) {
    }
    EndOfRun later;
    later.time = beyond.now();
    later.idle = !beyond.has_pending(kEndOfTime);
    later.disturbed = beyond.is_disturbed();
    later.unreachable = beyond.unreachable();
    // Where a fault is open there is little to see, unless that is how it stays.
    const bool is_last = later.idle || look == kLooks || is_enough();
    if (later.disturbed && !is_last) continue;
    const Verdicts then = judge(*beyond.observer(), later);
    const auto comes_right = [&](std::size_t i) {
      Judgement& judgement = verdicts.judgements[i];
      if (is_open_still(judgement, then.judgements[i])) return false;
      const std::string_view invariant = judgement.invariant;
      judgement = {};
      judgement.invariant = invariant;
      judgement.explanation =
          fmt::format("cut off with {} and {} under way", counted(end.messages, "message"),
                      counted(end.timers, "timer"));
      return true;
    };
    open.erase(std::remove_if(open.begin(), open.end(), comes_right), open.end());
    if (later.idle) break;
  }
  return verdicts;
}

}  // namespace txsim
