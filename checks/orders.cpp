#include "checks/orders.h"

#include <algorithm>

namespace txsim {

std::size_t OrderSet::run_of(std::uint64_t page) const {
  const auto place = std::lower_bound(full_.begin(), full_.end(), page,
                                      [](const Run& run, std::uint64_t x) { return run.last < x; });
  return static_cast<std::size_t>(place - full_.begin());
}

bool OrderSet::is_full(std::uint64_t page) const {
  const std::size_t i = run_of(page);
  return i < full_.size() && full_[i].first <= page;
}

bool OrderSet::contains(std::uint64_t n) const {
  if (const Page* page = pages_.find(n / kPage)) return (page->bits[word(n)] & bit(n)) != 0;
  return is_full(n / kPage);
}

void OrderSet::add(std::uint64_t n) {
  Page* page = pages_.find(n / kPage);
  if (page == nullptr) {
    if (is_full(n / kPage)) return;
    page = &pages_[n / kPage];
  }
  if ((page->bits[word(n)] & bit(n)) != 0) return;
  page->bits[word(n)] |= bit(n);
  if (++page->count < kPage) return;
  pages_.erase(n / kPage);
  fill(n / kPage);
}

void OrderSet::remove(std::uint64_t n) {
  Page* page = pages_.find(n / kPage);
  if (page == nullptr) {
    if (!is_full(n / kPage)) return;
    split(n / kPage);
    page = &pages_[n / kPage];
    page->bits.fill(~std::uint64_t{0});
    page->count = kPage;
  }
  if ((page->bits[word(n)] & bit(n)) == 0) return;
  page->bits[word(n)] &= ~bit(n);
  if (--page->count == 0) pages_.erase(n / kPage);
}

void OrderSet::fill(std::uint64_t page) {
  const std::size_t i = run_of(page);
  const bool joins_left = i > 0 && full_[i - 1].last + 1 == page;
  const bool joins_right = i < full_.size() && full_[i].first == page + 1;
  const auto at = full_.begin() + static_cast<std::ptrdiff_t>(i);
  if (joins_left && joins_right) {
    full_[i - 1].last = full_[i].last;
    full_.erase(at);
  } else if (joins_left) {
    full_[i - 1].last = page;
  } else if (joins_right) {
    full_[i].first = page;
  } else {
    full_.insert(at, {page, page});
  }
}

// Takes a page out of the run that it is in.
void OrderSet::split(std::uint64_t page) {
  const auto at = full_.begin() + static_cast<std::ptrdiff_t>(run_of(page));
  const Run run = *at;
  const auto rest = full_.erase(at);
  const auto right = run.last > page ? full_.insert(rest, {page + 1, run.last}) : rest;
  if (run.first < page) full_.insert(right, {run.first, page - 1});
}

void Orders::open_repeatable(TransactionId id) {
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
  state.is_final = state.is_final || execution.is_final;
  state.submissions = std::max(state.submissions, submission_of(execution.id) + 1);
}

}  // namespace

std::optional<OrderState> Orders::close(const Execution& execution) {
  const std::uint64_t order = order_of(execution.id);
  if (execution.full_effect) {
    const std::uint64_t submission = submission_of(execution.id);
    if (submission >= full_.size()) full_.resize(submission + 1);
    full_[submission].add(order);
  }
  if (!may_repeat_) {
    OrderState alone;
    alone.order = order;
    note(alone, execution);
    settle(alone);
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
  settle(finished);
  return finished;
}

void Orders::settle(const OrderState& state) {
  if (!state.is_heard()) [[unlikely]]
    unheard_.add(state.order);
}

void Orders::revise(std::uint64_t order, bool in_effect) {
  if (!may_repeat_) return;
  if (in_effect) {
    in_effect_.add(order);
  } else {
    in_effect_.remove(order);
  }
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
  unheard_.remove(order);
  OrderState alone;
  alone.order = order;
  note(alone, heard);
  alone.in_effect = in_effect_.contains(order);
  return alone;
}

}  // namespace txsim
