#include "checks/orders.h"

#include <algorithm>

namespace txsim {

std::size_t IntervalSet::place_of(std::uint64_t n) const {
  const auto place =
      std::lower_bound(intervals_.begin(), intervals_.end(), n,
                       [](const Interval& interval, std::uint64_t x) { return interval.last < x; });
  return static_cast<std::size_t>(place - intervals_.begin());
}

bool IntervalSet::contains(std::uint64_t n) const {
  const std::size_t i = place_of(n);
  return i < intervals_.size() && intervals_[i].first <= n;
}

void IntervalSet::add(std::uint64_t n) {
  const std::size_t i = place_of(n);
  if (i < intervals_.size() && intervals_[i].first <= n) return;
  const bool joins_left = i > 0 && intervals_[i - 1].last + 1 == n;
  const bool joins_right = i < intervals_.size() && intervals_[i].first == n + 1;
  const auto at = intervals_.begin() + static_cast<std::ptrdiff_t>(i);
  if (joins_left && joins_right) {
    intervals_[i - 1].last = intervals_[i].last;
    intervals_.erase(at);
  } else if (joins_left) {
    intervals_[i - 1].last = n;
  } else if (joins_right) {
    intervals_[i].first = n;
  } else {
    intervals_.insert(at, {n, n});
  }
}

void Orders::open(TransactionId id) {
  if (!may_repeat_) return;
  OrderState& state = orders_[order_of(id)];
  state.order = order_of(id);
  ++state.open;
}

namespace {

void note(OrderState& state, const Orders::Execution& execution) {
  if (execution.told != nullptr && *execution.told == Reply::Done) {
    state.done = execution.id;
    state.done_event = execution.told_event;
  } else if (execution.told != nullptr && *execution.told == Reply::Failed) {
    state.failed = execution.id;
    state.failed_event = execution.told_event;
  }
  if (execution.any_effect) {
    state.effect_submission = std::min(state.effect_submission, submission_of(execution.id));
  }
  state.in_effect = state.in_effect || execution.full_effect;
  state.unsettled = state.unsettled || execution.unsettled;
}

}  // namespace

std::optional<OrderState> Orders::close(const Execution& execution) {
  const std::uint64_t order = order_of(execution.id);
  if (!may_repeat_) {
    OrderState alone;
    alone.order = order;
    note(alone, execution);
    return alone;
  }
  OrderState& state = orders_[order];
  note(state, execution);
  if (state.open > 1) {
    --state.open;
    return std::nullopt;
  }
  OrderState finished = state;
  orders_.erase(order);
  if (finished.in_effect) in_effect_.add(order);
  if (!finished.in_effect && in_effect_.contains(order)) {  // by an execution settled before these
    finished.in_effect = true;
    finished.effect_submission = 0;
  }
  return finished;
}

bool Orders::is_in_effect(std::uint64_t order) const {
  if (!may_repeat_) return false;
  const OrderState* state = orders_.find(order);
  return (state != nullptr && state->in_effect) || in_effect_.contains(order);
}

std::optional<OrderState> Orders::told_late(TransactionId id, Reply reply, std::uint64_t event) {
  if (!may_repeat_) return std::nullopt;
  const std::uint64_t order = order_of(id);
  const Execution heard{.id = id, .told = &reply, .told_event = event};
  if (OrderState* state = orders_.find(order)) {
    note(*state, heard);
    return std::nullopt;
  }
  if (reply != Reply::Done) return std::nullopt;
  OrderState alone;
  alone.order = order;
  note(alone, heard);
  alone.in_effect = in_effect_.contains(order);
  return alone;
}

}  // namespace txsim
