#include "runs/cut_off.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace txsim {
namespace {

constexpr std::uint64_t kFewestSteps = 2'000;
// The copy runs for a minute of virtual time, so that late timers fire, but for no more steps than
// these if it is busy.
constexpr Duration kLongestBeyond = seconds(60);
constexpr std::uint64_t kMostStepsOfMinute = 20'000;
// It runs longer until everything under way at the cut has happened, but for no more events than
// these: a step may send thousands of messages.
constexpr std::uint64_t kMostEvents = 200'000;
constexpr std::uint64_t kLooks = 12;  // the copy is judged so often, after twice as many steps each

std::string counted(std::uint64_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// Only the end of the run decides that it is violated.
bool has_open_ends(const Judgement& judgement) {
  return judgement.verdict == Verdict::Violated && !judgement.open_ends.empty();
}

bool go_on(World& world) { return world.is_by_clock() ? world.step_by_clock() : world.step(); }

// Removes the open transactions that have ended correctly.
template <class IsRight>
void take_back(Judgement& judgement, const EndOfRun& end, const IsRight& is_right) {
  judgement.violations -= std::erase_if(judgement.open_ends, is_right);
  if (judgement.violations > 0) {
    judgement.tell_open_end();
    return;
  }
  const std::string_view invariant = judgement.invariant;
  judgement = {};
  judgement.invariant = invariant;
  judgement.explanation =
      fmt::format("cut off with {} and {} under way", counted(end.messages, "message"),
                  counted(end.timers, "timer"));
}

}  // namespace

EndOfRun end_at(const World& world) {
  const Statistics& statistics = world.statistics();
  EndOfRun end;
  end.time = world.now();
  end.disturbed = world.is_disturbed();
  end.idle = !world.has_pending(kEndOfTime);
  end.messages_duplicated = statistics.duplicated > 0;
  end.faults_met = statistics.lost + statistics.refused + statistics.duplicated +
                       statistics.slowed + statistics.failures >
                   0;
  end.unreachable = world.unreachable();
  return end;
}

Verdicts judge_end(const World& world, const EndOfRun& end) {
  Verdicts verdicts = judge(*world.observer(), end);
  const auto is_any_open = [&] {
    return std::any_of(verdicts.judgements.begin(), verdicts.judgements.end(), has_open_ends);
  };
  if (end.idle || !end.standstill.empty() || !is_any_open()) return verdicts;
  World beyond = world;
  if (beyond.is_by_clock()) beyond.forget_steps();  // when they were does not matter there
  const std::uint64_t begun = world.statistics().events;
  const std::uint64_t least = std::max(kFewestSteps, begun);
  const std::uint64_t most = std::max(kMostStepsOfMinute, begun);
  const std::uint64_t most_events = begun + std::max(kMostEvents, begun);
  std::uint64_t steps = 0;                // faults that affect no node are steps, too
  std::optional<std::uint64_t> all_came;  // at which step
  const auto is_enough = [&] {
    if (!all_came && !beyond.is_under_way_since(begun)) all_came = steps;
    if (beyond.statistics().events >= most_events) return true;
    const bool is_minute = steps >= least && beyond.now() >= end.time + kLongestBeyond;
    return (is_minute || steps >= most) && all_came && steps >= *all_came + kFewestSteps;
  };
  bool is_last = false;
  for (std::uint64_t look = 1; !is_last && is_any_open(); ++look) {
    const std::uint64_t until = look < kLooks ? most >> (kLooks - look) : ~std::uint64_t{0};
    for (; steps < until && !is_enough() && go_on(beyond); ++steps) {
    }
    const EndOfRun later = end_at(beyond);
    is_last = later.idle || look == kLooks || is_enough();
    // An open fault prevents a verdict, unless it stays open for good.
    if (later.disturbed && !is_last) continue;
    const Verdicts then = judge(*beyond.observer(), later);
    // The end of anything still under way since the cut is unknown.
    const bool is_unknown = is_last && !later.idle && !all_came;
    for (std::size_t i = 0; i < verdicts.judgements.size(); ++i) {
      if (!has_open_ends(verdicts.judgements[i])) continue;
      const std::vector<OpenEnd>& open = then.judgements[i].open_ends;
      take_back(verdicts.judgements[i], end, [&](const OpenEnd& one) {
        return is_unknown || std::none_of(open.begin(), open.end(),
                                          [&](const OpenEnd& other) { return other.id == one.id; });
      });
    }
  }
  return verdicts;
}

}  // namespace txsim
