#include "sim/symbolic_clock.h"

#include <algorithm>

#include "sim/assert.h"

namespace txsim {

std::size_t SymbolicClock::number_of(const EventKey& key) const {
  for (std::size_t i = 0; i < variables_.size(); ++i) {
    if (variables_[i].kind == Variable::Kind::Event && variables_[i].key == key) return i + 1;
  }
  TXSIM_ASSERT(false, "an event without a moment");
  return 0;
}

std::vector<std::size_t> SymbolicClock::numbers_of(const std::vector<EventKey>& keys) const {
  std::vector<std::size_t> numbers;
  numbers.reserve(keys.size());
  for (const EventKey& key : keys) numbers.push_back(number_of(key));
  return numbers;
}

std::size_t SymbolicClock::number_of_period(std::uint64_t name) const {
  for (std::size_t i = 0; i < variables_.size(); ++i) {
    if (variables_[i].kind == Variable::Kind::Period && variables_[i].name == name) return i + 1;
  }
  return 0;
}

void SymbolicClock::forget(std::size_t number) {
  variables_.erase(variables_.begin() + static_cast<std::ptrdiff_t>(number - 1));
  zone_.remove(number);
}

bool SymbolicClock::decide(std::size_t i, std::size_t j, std::int64_t by) {
  if (zone_.must(i, j, by)) return true;
  if (!zone_.may(i, j, by)) return false;
  if (given_ == Answers::kMost) {
    lose(LostTrack::What::TooManyMoments, kNoNode);
    return true;
  }
  if (given_ == answers_.size()) answers_.push(true);
  const bool is_so = answers_.at(given_++);
  if (is_so) {
    zone_.keep(i, j, by);
  } else {
    zone_.keep(j, i, -by - 1);
  }
  return is_so;
}

// ---- During a step

void SymbolicClock::add(const EventKey& key, TimeBounds after) {
  variables_.push_back({.key = key});
  zone_.add(after.least, after.most);
}

void SymbolicClock::add_after(const EventKey& key, const EventKey& other, std::int64_t by) {
  zone_.add_after(number_of(other), by);
  variables_.push_back({.key = key});
}

void SymbolicClock::add_like(const EventKey& key, const EventKey& other) {
  const std::size_t number = number_of(other);
  zone_.add_like(number);
  variables_.push_back({.key = key});
  zone_.keep(number, zone_.size(), 0);
}

void SymbolicClock::join(const EventKey& key, const EventKey& into) {
  const std::size_t gone = number_of(key);
  zone_.join(number_of(into), gone);
  variables_.erase(variables_.begin() + static_cast<std::ptrdiff_t>(gone - 1));
}

void SymbolicClock::put_at_end(const EventKey& key, std::uint64_t period) {
  forget(number_of(key));
  if (is_over(period)) {
    add(key, {0, 0});
    return;
  }
  zone_.add_after(number_of_period(period), 0);
  variables_.push_back({.key = key});
}

void SymbolicClock::pass_to(const EventKey& key, const std::vector<EventKey>& urgent) {
  const std::size_t next = number_of(key);
  for (const std::size_t other : numbers_of(urgent)) {
    if (other != next) zone_.keep(next, other, 0);
  }
  if (decide(next, 0, -1)) {  // overdue
    forget(next);
  } else {
    pass_to(next);
  }
}

void SymbolicClock::pass_to(std::size_t number) {
  zone_.pass_to(number);
  forget(number);
}

void SymbolicClock::meet(const EventKey& key) { zone_.keep(number_of(key), 0, 0); }

void SymbolicClock::pass_some(const std::vector<EventKey>& urgent) {
  const std::vector<std::size_t> others = numbers_of(urgent);
  for (const std::size_t other : others) {
    if (decide(other, 0, -1)) return;
  }
  variables_.emplace_back();
  zone_.add(0, Zone::kNever);
  for (const std::size_t other : others) zone_.keep(zone_.size(), other, 0);
  pass_to(zone_.size());
}

void SymbolicClock::end_step() {
  if (!remembers_) return;
  variables_.push_back({.kind = Variable::Kind::Step, .name = steps_++});
  zone_.add_after(0, 0);
}

void SymbolicClock::forget_steps() {
  remembers_ = false;
  keep_if([](const Variable& variable) { return variable.kind != Variable::Kind::Step; });
}

// Steps are kept apart where they can be, so that their order does not depend on what the simulator
// does with events of one instant. Then the least values of all differences to one moment are a
// solution, because the bounds are closed.
std::vector<Duration> SymbolicClock::step_times() const {
  std::vector<std::size_t> numbers(steps_);
  for (std::size_t i = 0; i < variables_.size(); ++i) {
    if (variables_[i].kind == Variable::Kind::Step) numbers[variables_[i].name] = i + 1;
  }
  Zone zone = zone_;
  for (std::size_t step = 0; step + 1 < numbers.size(); ++step) {
    for (const std::int64_t apart : {1000, 1}) {  // ns
      if (!zone.may(numbers[step], numbers[step + 1], -apart)) continue;
      zone.keep(numbers[step], numbers[step + 1], -apart);
      break;
    }
  }
  std::vector<Duration> times;
  times.reserve(numbers.size());
  for (std::size_t step = 1; step < numbers.size(); ++step) {
    times.push_back({-zone.most(numbers[0], numbers[step])});
  }
  return times;
}

std::uint64_t SymbolicClock::begin_period(std::uint64_t name, NodeId node, TimeBounds lasts) {
  while (number_of_period(name) != 0) ++name;
  variables_.push_back({Variable::Kind::Period, {}, name, node});
  zone_.add(lasts.least, lasts.most);
  return name;
}

bool SymbolicClock::is_over(std::uint64_t period) {
  const std::size_t number = number_of_period(period);
  return number == 0 || decide(number, 0, 0);
}

bool SymbolicClock::begins_now(std::uint64_t period, Duration lasts) const {
  const std::size_t number = number_of_period(period);
  return number != 0 && zone_.must(number, 0, lasts.ns) && zone_.must(0, number, -lasts.ns);
}

void SymbolicClock::postpone_overdue(const EventKey& key, const EventKey& other) {
  if (!decide(number_of(key), 0, -1)) return;
  forget(number_of(key));
  add_after(key, other, 0);
}

bool SymbolicClock::is_before(const EventKey& first, const EventKey& second) {
  return decide(number_of(first), number_of(second), 0);
}

// ---- Between steps

std::vector<bool> SymbolicClock::may_be_next(const std::vector<EventKey>& urgent) const {
  const std::vector<std::size_t> numbers = numbers_of(urgent);
  std::vector<bool> may(urgent.size());
  for (std::size_t i = 0; i < may.size(); ++i) {
    may[i] = std::all_of(numbers.begin(), numbers.end(),
                         [&](std::size_t other) { return zone_.may(numbers[i], other, 0); });
  }
  return may;
}

std::int64_t SymbolicClock::least_between(const EventKey& first, const EventKey& second) const {
  return -zone_.most(number_of(first), number_of(second));
}

bool SymbolicClock::is_surely_over(std::uint64_t period) const {
  const std::size_t number = number_of_period(period);
  return number == 0 || zone_.must(number, 0, 0);
}

}  // namespace txsim
