// Moments and durations with as few digits as they need: 437.129384ms is 400ms.
#include <algorithm>

#include "runs/shrinker.h"

namespace txsim {
namespace {

std::int64_t unit_of_last_digit(std::int64_t number) {
  std::int64_t unit = 1;
  while (number != 0 && number % (unit * 10) == 0) unit *= 10;
  return unit;
}

// The number rounded to one digit, to two and so on, up to one digit less than it has.
std::vector<std::int64_t> rounder_than(std::int64_t number) {
  std::vector<std::int64_t> rounder;
  std::int64_t unit = 1;
  while (number / unit >= 10) unit *= 10;
  for (const std::int64_t last = unit_of_last_digit(number); unit > last; unit /= 10) {
    const std::int64_t rounded = (number / unit + (number % unit * 2 >= unit ? 1 : 0)) * unit;
    if (rounder.empty() || rounder.back() != rounded) rounder.push_back(rounded);
  }
  return rounder;
}

// Tries the rounded numbers in turn; `with` makes the draft with one of them.
template <class With>
void round_number(Shrinker& shrinker, std::int64_t number, bool may_be_none, With with) {
  if (number == 0) return;
  if (may_be_none && shrinker.try_out(with(0))) return;
  for (const std::int64_t rounded : rounder_than(number)) {
    if (shrinker.try_out(with(rounded))) return;
  }
}

void round_fault(Shrinker& shrinker, std::size_t place) {
  const auto try_field = [&](std::int64_t number, bool may_be_none, auto set) {
    const Fault fault = shrinker.faults()[place];
    round_number(shrinker, number, may_be_none, [&](std::int64_t rounded) {
      Fault other = fault;
      set(other, rounded);
      return shrinker.with_fault(place, other);
    });
  };
  const Fault fault = shrinker.faults()[place];
  if (fault.placed == PlacedBy::Time) {
    try_field(fault.at.ns, false, [](Fault& f, std::int64_t ns) { f.at = Time{ns}; });
  }
  if (fault.duration) {
    try_field(fault.duration->ns, false,
              [](Fault& f, std::int64_t ns) { f.duration = Duration{ns}; });
  }
  if (fault.delay.ns > 0) {
    const bool may_be_none = fault.kind == FaultKind::Duplicate;
    try_field(fault.delay.ns, may_be_none,
              [](Fault& f, std::int64_t ns) { f.delay = Duration{ns}; });
  }
}

Draft with_orders(const Shrinker& shrinker, std::vector<ShrinkOrder> orders) {
  std::stable_sort(orders.begin(), orders.end(),
                   [](const ShrinkOrder& a, const ShrinkOrder& b) { return a.at < b.at; });
  Draft draft = shrinker.draft();
  set_orders(draft, orders);
  return draft;
}

// First all at the beginning, then one by one.
void round_arrivals(Shrinker& shrinker) {
  std::vector<ShrinkOrder> orders = orders_of(shrinker.run());
  std::vector<ShrinkOrder> all = orders;
  for (ShrinkOrder& order : all) order.at = Time{0};
  if (all == orders || shrinker.try_out(with_orders(shrinker, all))) return;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    round_number(shrinker, orders[i].at.ns, true, [&](std::int64_t rounded) {
      std::vector<ShrinkOrder> other = orders_of(shrinker.run());
      other[i].at = Time{rounded};
      return with_orders(shrinker, other);
    });
  }
}

}  // namespace

void round_times(Shrinker& shrinker) {
  round_arrivals(shrinker);
  for (std::size_t i = 0; i < shrinker.faults().size(); ++i) round_fault(shrinker, i);
}

}  // namespace txsim
