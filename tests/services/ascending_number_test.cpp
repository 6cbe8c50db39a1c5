#include "services/ascending_number.h"

#include <catch2/catch.hpp>

namespace txsim {
namespace {

TEST_CASE(
    "ascending number: it follows the clock, and ascends even if the clock stops or goes back") {
  AscendingNumber number;
  CHECK(number.next(Time{100}) == 100);
  CHECK(number.next(Time{100}) == 101);
  CHECK(number.next(Time{50}) == 102);
  number.learn(500);
  CHECK(number.next(Time{200}) == 501);
  CHECK(number.last() == 501);
}

TEST_CASE("ascending number: a clock skewed below zero gives small numbers") {
  AscendingNumber number;
  CHECK(number.next(Time{-5'000}) == 1);
  CHECK(number.next(Time{-4'000}) == 2);
  CHECK(number.next(Time{10}) == 10);
}

}  // namespace
}  // namespace txsim
