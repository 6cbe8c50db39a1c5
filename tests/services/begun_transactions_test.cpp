#include "services/begun_transactions.h"

#include <catch2/catch.hpp>

namespace txsim {
namespace {

TEST_CASE("begun transactions: the oldest is the first that is not forgotten") {
  BegunTransactions begun;
  std::vector<TransactionId> known = {1, 2, 3};
  const auto is_known = [&](TransactionId id) {
    return std::find(known.begin(), known.end(), id) != known.end();
  };
  CHECK(begun.begin(1, Time{100}) == 100);
  CHECK(begun.begin(2, Time{100}) == 101);
  CHECK(begun.begin(3, Time{300}) == 300);
  CHECK(begun.oldest() == 100);
  known = {1, 3};
  begun.forget(is_known);
  CHECK(begun.oldest() == 100);
  known = {3};
  begun.forget(is_known);
  CHECK(begun.oldest() == 300);
  CHECK(begun.mark(101, 7).oldest == 300);
  CHECK(begun.mark(101, 7).number == 101);
  CHECK(begun.mark(101, 7).detail == 7);
  known = {};
  begun.forget(is_known);
  CHECK(begun.size() == 0);
  CHECK(begun.oldest() == 301);
  CHECK(begun.begin(4, Time{0}) == 301);
}

TEST_CASE("begun transactions: transactions from a log are resumed in the order of their numbers") {
  BegunTransactions begun;
  begun.learn(80);
  std::vector<BegunTransactions::Begun> found = {{30, 1}, {20, 9}, {20, 2}};
  begun.resume(found);
  CHECK(found[0].id == 2);
  CHECK(found[1].id == 9);
  CHECK(found[2].id == 1);
  CHECK(begun.oldest() == 20);
  CHECK(begun.begin(5, Time{40}) == 81);
}

}  // namespace
}  // namespace txsim
