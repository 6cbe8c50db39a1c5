// What is known of time in an exploration by the clock: instead of one time, all times that some
// real timing allows, as a zone over the moments of all pending events and of the periods that
// nodes have begun.
//
// Each event is added with the least and the greatest time until it happens. The next event is one
// that can come before all others; time passes until then. Where the course of a step depends on a
// moment ("is this period over?") and both answers are possible, the step takes the answer that its
// move asks for, and keeps only the times for which it is right: so each answer is explored.
//
// Exact: a sequence of steps is possible here if and only if there are delays within their bounds
// for which the simulator, stepped by the clock, takes it, apart from events at one instant: those
// may come in any order here, and come in the order of scheduling there. ("Only if": each step
// keeps the valuations for which its event is first and its answers are right. "If": a zone holds
// exactly the valuations that its constraints allow, and projecting a moment away, once it has
// happened, loses no other one; Dill 1989. Integer bounds have integer solutions.)
//
// An event whose node is paused does not hold up time: its moment passes and it is overdue. After
// the pause overdue events happen at once, in the order of their moments, before others.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/choice.h"
#include "sim/event_key.h"
#include "sim/message.h"
#include "sim/random.h"
#include "sim/time.h"
#include "sim/zone.h"

namespace txsim {

// How long something may take. Unit: nanoseconds; `most` may be Zone::kNever.
struct TimeBounds {
  std::int64_t least = 0;
  std::int64_t most = 0;

  static TimeBounds exactly(Duration d) { return {d.ns, d.ns}; }
  TimeBounds plus(Duration more) const {
    return {least + more.ns, most < Zone::kNever ? most + more.ns : most};
  }
  static TimeBounds of(const Delay& delay) { return bounded(delay.low, delay.most()); }
  static TimeBounds of(const Drawn& drawn) { return bounded(drawn.least, drawn.most); }
  static TimeBounds any() { return {0, Zone::kNever}; }

 private:
  static TimeBounds bounded(Duration least, Duration most) {
    return {least.ns, most < kLongestDuration ? most.ns : Zone::kNever};
  }
};

// What cannot be followed by the clock, and at which node it happened.
// Aligned to its size, so that clang makes an atomic of it without a library.
struct alignas(8) LostTrack {
  enum class What : std::uint8_t {
    Nothing,
    ClockRead,       // a node has read the time of day
    TimerAtRate,     // a clock that runs fast or slow times what is left of a period
    TooManyMoments,  // a step depends on more moments than it can be named by
  };
  What what = What::Nothing;
  NodeId node = kNoNode;
};

class SymbolicClock {
 public:
  // A moment of the zone: that of a pending event, the end of a period, or that of a past step.
  struct Variable {
    enum class Kind : std::uint8_t { Event, Period, Step };
    Kind kind = Kind::Event;
    EventKey key{};          // of the event
    std::uint64_t name = 0;  // of the period; of a step its number
    NodeId node = kNoNode;   // that has begun the period
  };

  // Keeps this moment and those of all steps from now on, for `step_times`.
  void remember_steps() {
    remembers_ = true;
    end_step();
  }
  void forget_steps();
  // By step, the time since `remember_steps`, with which all steps are possible.
  std::vector<Duration> step_times() const;

  // ---- During a step

  // The answers that the step gives where two are possible, one after the other; later ones are
  // "yes".
  void begin_step(const Answers& answers) {
    answers_ = answers;
    given_ = 0;
  }
  void end_step();
  // The answers that were given where two were possible.
  const Answers& answers() const { return answers_; }

  void add(const EventKey& key, TimeBounds after);
  // `by` after another event.
  void add_after(const EventKey& key, const EventKey& other, std::int64_t by);
  // One that comes whenever the other may come, and no earlier than that.
  void add_like(const EventKey& key, const EventKey& other);
  // The second one stands for both from now on: it may come when either may come.
  void join(const EventKey& key, const EventKey& into);
  // An event that has been added is to come at the end of a period; at once if that is over.
  void put_at_end(const EventKey& key, std::uint64_t period);

  // Time passes until this event; it is the next of the `urgent` ones. Requires that it may be.
  void pass_to(const EventKey& key, const std::vector<EventKey>& urgent);
  // This event, which is urgent too, comes at the same instant. Requires that it may be next.
  void meet(const EventKey& key);
  // Time passes, perhaps, but not beyond any of these events.
  void pass_some(const std::vector<EventKey>& urgent);

  // Returns the name under which the period is known: `name`, or the next free one.
  std::uint64_t begin_period(std::uint64_t name, NodeId node, TimeBounds lasts);
  bool is_over(std::uint64_t period);
  // Whether the period, which lasts so long, begins now.
  bool begins_now(std::uint64_t period, Duration lasts) const;
  // Whether the first event comes no later than the second.
  bool is_before(const EventKey& first, const EventKey& second);
  // If the event is overdue, it comes together with the other one.
  void postpone_overdue(const EventKey& key, const EventKey& other);

  // ---- Between steps

  // By event, whether all others of these come after it or at the same instant, for some times.
  std::vector<bool> may_be_next(const std::vector<EventKey>& urgent) const;
  // Forgets each moment of which this is false.
  template <class IsKept>
  void keep_if(IsKept&& is_kept) {
    for (std::size_t i = variables_.size(); i > 0; --i) {
      if (!is_kept(variables_[i - 1])) forget(i);
    }
  }
  bool is_surely_over(std::uint64_t period) const;
  // The least time from the first event to the second; negative if the second may come first.
  std::int64_t least_between(const EventKey& first, const EventKey& second) const;

  const std::vector<Variable>& variables() const { return variables_; }
  const Zone& zone() const { return zone_; }

  // What came first of what cannot be followed here; from then on the times are void.
  const LostTrack& lost() const { return lost_; }
  void lose(LostTrack::What what, NodeId node) {
    if (lost_.what == LostTrack::What::Nothing) lost_ = {what, node};
  }

 private:
  std::size_t number_of(const EventKey& key) const;
  std::vector<std::size_t> numbers_of(const std::vector<EventKey>& keys) const;
  std::size_t number_of_period(std::uint64_t name) const;  // 0: it is over
  void forget(std::size_t number);
  void pass_to(std::size_t number);
  // Whether x_i - x_j <= by; keeps the times for which the answer is right.
  bool decide(std::size_t i, std::size_t j, std::int64_t by);

  std::vector<Variable> variables_;  // variable k of the zone is number k - 1 here
  Zone zone_;
  Answers answers_;
  std::uint32_t given_ = 0;
  LostTrack lost_;
  bool remembers_ = false;
  std::uint64_t steps_ = 0;
};

}  // namespace txsim
