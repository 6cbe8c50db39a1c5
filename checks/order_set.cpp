#include "checks/order_set.h"

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

// Takes a page out of its run.
void OrderSet::split(std::uint64_t page) {
  const auto at = full_.begin() + static_cast<std::ptrdiff_t>(run_of(page));
  const Run run = *at;
  const auto rest = full_.erase(at);
  const auto right = run.last > page ? full_.insert(rest, {page + 1, run.last}) : rest;
  if (run.first < page) full_.insert(right, {run.first, page - 1});
}

}  // namespace txsim
