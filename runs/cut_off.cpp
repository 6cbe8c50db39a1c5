#include "runs/cut_off.h"

#include <fmt/format.h>

#include <algorithm>

namespace txsim {
namespace {

constexpr std::uint64_t kFewestEvents = 2'000;
constexpr std::uint64_t kLooks = 8;  // at the copy, each after twice as many events

// Nothing was wrong with it but what the end of the run makes so.
bool may_be_cut_off(const Judgement& judgement) {
  return judgement.verdict == Verdict::Violated &&
         judgement.open_ends.size() == judgement.violations;
}

bool is_open_still(const Judgement& at_end, const Judgement& later) {
  if (later.verdict != Verdict::Violated) return false;
  const auto is_among = [&](TransactionId id) {
    return std::find(at_end.open_ends.begin(), at_end.open_ends.end(), id) !=
           at_end.open_ends.end();
  };
  const bool is_settled = later.violations > later.open_ends.size();  // what is told came first
  return (is_settled && is_among(later.transaction)) ||
         std::any_of(later.open_ends.begin(), later.open_ends.end(), is_among);
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
  const std::uint64_t most = std::max(kFewestEvents, begun);
  for (std::uint64_t look = 1; look <= kLooks && !open.empty(); ++look) {
    const std::uint64_t until = begun + (most >> (kLooks - look));
    while (beyond.statistics().events < until && beyond.step()) {
    }
    EndOfRun later;
    later.time = beyond.now();
    later.idle = !beyond.has_pending(kEndOfTime);
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
