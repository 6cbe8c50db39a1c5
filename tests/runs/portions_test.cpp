#include "runs/portions.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/contains.h"

namespace txsim {
namespace {

using Compare = Expectation::Compare;

Expectation share_of_committed(Compare compare, std::int64_t share) {
  Expectation expected;
  expected.kind = Expectation::Kind::Outcome;
  expected.subject = "committed";
  expected.is_share = true;
  expected.compare = compare;
  expected.share = share;
  return expected;
}

Expectation percentile(std::int64_t share, Compare compare, Duration value) {
  Expectation expected;
  expected.kind = Expectation::Kind::Percentile;
  expected.compare = compare;
  expected.share = share;
  expected.value = value.ns;
  return expected;
}

TEST_CASE("portions: a share is compared exactly, for any count") {
  constexpr std::int64_t kNinetyNine = 990'000'000;
  const PortionExpectation least =
      portion_expectation(share_of_committed(Compare::AtLeast, kNinetyNine));
  const PortionExpectation most =
      portion_expectation(share_of_committed(Compare::AtMost, kNinetyNine));
  CHECK(least.is_met({99, 100}));
  CHECK(most.is_met({99, 100}));
  CHECK_FALSE(least.is_met({98, 100}));
  CHECK_FALSE(most.is_met({100, 100}));
  constexpr std::uint64_t kMany = 18'000'000'000'000'000'000U;
  CHECK(least.is_met({kMany / 100 * 99, kMany}));
  CHECK_FALSE(least.is_met({kMany / 100 * 99 - 1, kMany}));
  CHECK_FALSE(most.is_met({kMany / 100 * 99 + 1, kMany}));
}

TEST_CASE("portions: a share of an empty set is not met") {
  for (const Compare compare : {Compare::AtLeast, Compare::AtMost}) {
    const PortionExpectation expected = portion_expectation(share_of_committed(compare, 0));
    CHECK_FALSE(expected.is_met({0, 0}));
    CHECK(expected.seen({0, 0}) == "no transaction began");
  }
}

TEST_CASE("portions: a value that just misses its bound is not rounded to the bound") {
  CHECK(portion_expectation(share_of_committed(Compare::AtLeast, 990'000'000))
            .seen({98'999, 100'000}) == "98.99%, 98999 of 100000 transactions");
  CHECK(
      portion_expectation(share_of_committed(Compare::AtMost, 10'000'000)).seen({1'001, 100'000}) ==
      "1.01%, 1001 of 100000 transactions");
}

// Compares with the definition: sort, and take the element of the nearest rank.
TEST_CASE("portions: a percentile is the nearest rank, with ties") {
  for (std::size_t n = 1; n <= 25; ++n) {
    Verdicts verdicts;
    std::vector<Duration> sorted;
    for (std::size_t i = 0; i < n; ++i) {
      const Duration latency = milliseconds(static_cast<std::int64_t>(1 + i * 7 % 5 + i % 3));
      verdicts.transactions.push_back(
          {i + 1, 0, Ending::Committed, true, Reply::Done, Time{0}, Time{0} + latency});
      sorted.push_back(latency);
    }
    verdicts.transactions.push_back({n + 1, 0, Ending::Committed, false, Reply::Done, Time{0}, {}});
    std::sort(sorted.begin(), sorted.end());
    for (const std::int64_t percent : {1, 10, 33, 50, 90, 99, 100}) {
      const auto rank =
          static_cast<std::size_t>((static_cast<std::int64_t>(n) * percent + 99) / 100);
      const Duration nearest = sorted[rank - 1];
      for (int ms = 0; ms <= 9; ++ms) {
        CAPTURE(n, percent, ms);
        const Expectation most =
            percentile(percent * 10'000'000, Compare::AtMost, milliseconds(ms));
        const Expectation least =
            percentile(percent * 10'000'000, Compare::AtLeast, milliseconds(ms));
        CHECK(portion_expectation(most).is_met(portion_of(most, verdicts)) ==
              (nearest <= milliseconds(ms)));
        CHECK(portion_expectation(least).is_met(portion_of(least, verdicts)) ==
              (nearest >= milliseconds(ms)));
      }
    }
  }
}

TEST_CASE("portions: each portion counts the set that its sentence names") {
  Verdicts verdicts;
  Counters& counters = verdicts.counters;
  counters.endings[static_cast<int>(Ending::Committed)] = 6;
  counters.endings[static_cast<int>(Ending::Unfinished)] = 2;
  counters.orders = 9;
  counters.submitted = 12;
  counters.recognised = 1;
  counters.told_done = 5;
  counters.told_failed = 2;
  counters.told_busy = 1;
  counters.orders_told_done = 5;
  counters.orders_told_failed = 1;
  const auto portion = [&](Expectation::Kind kind, const char* subject, bool by_order = false) {
    Expectation expected;
    expected.kind = kind;
    expected.subject = subject;
    expected.by_order = by_order;
    return portion_of(expected, verdicts);
  };
  using Kind = Expectation::Kind;
  CHECK(portion(Kind::Outcome, "committed") == Portion{6, 8});
  CHECK(portion(Kind::Outcome, "unfinished") == Portion{2, 8});
  CHECK(portion(Kind::Fate, "begun") == Portion{8, 12});
  CHECK(portion(Kind::Fate, "recognised") == Portion{1, 12});
  CHECK(portion(Kind::Fate, "never begun") == Portion{3, 12});
  CHECK(portion(Kind::Told, "busy") == Portion{1, 12});
  CHECK(portion(Kind::Told, "nothing") == Portion{4, 12});
  CHECK(portion(Kind::Told, "nothing", true) == Portion{3, 9});
}

}  // namespace
}  // namespace txsim
