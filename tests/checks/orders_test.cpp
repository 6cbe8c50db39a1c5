// The set of orders in effect: it is correct, and small for any outcome of the orders.
#include "checks/order_set.h"

#include <catch2/catch.hpp>

using namespace txsim;

TEST_CASE("orders: the set holds the orders that were added and not removed") {
  OrderSet set;
  CHECK_FALSE(set.contains(0));
  for (std::uint64_t n = 1; n <= 10'000; ++n) {
    if (n % 7 != 0) set.add(n);
  }
  for (std::uint64_t n = 0; n <= 11'000; ++n) {
    if (set.contains(n) != (n >= 1 && n <= 10'000 && n % 7 != 0)) FAIL(n);
  }
  set.remove(8);
  set.remove(7);
  CHECK_FALSE(set.contains(8));
  CHECK_FALSE(set.contains(7));
  CHECK(set.contains(9));
}

TEST_CASE("orders: if all orders succeed the set keeps no pages, for any order of their ends") {
  OrderSet set;
  for (std::uint64_t n = 0; n < 1'024'000; n += 2) {
    set.add(n + 1);
    set.add(n);
  }
  CHECK(set.pages() == 0);
  CHECK(set.contains(1'023'999));
  CHECK_FALSE(set.contains(1'024'000));
  set.remove(500'000);
  CHECK(set.pages() == 1);
  CHECK_FALSE(set.contains(500'000));
  CHECK(set.contains(500'001));
  CHECK(set.contains(499'999));
}

TEST_CASE("orders: if every second order fails, each order costs one bit, in pages") {
  OrderSet set;
  for (std::uint64_t n = 0; n < 1'024'000; n += 2) set.add(n);
  CHECK(set.pages() == 1'000);
}
