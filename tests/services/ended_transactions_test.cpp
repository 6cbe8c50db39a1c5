#include "services/ended_transactions.h"

#include <catch2/catch.hpp>

namespace txsim {
namespace {

using Standing = EndedTransactions::Standing;

struct Execution {
  std::uint64_t number = 0;
};

TEST_CASE(
    "ended transactions: those that the coordinator still knows are carried on, all others are "
    "over") {
  EndedTransactions ended;
  ended.add(7, 100, 1, Outcome::Committed);
  ended.add(8, 101, 0, Outcome::Aborted);
  Table<Execution> known;
  known[8].number = 101;
  const auto taken = ended.take(known);
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].id == 7);
  CHECK(taken[0].kind == 1);
  CHECK(taken[0].outcome == Outcome::Committed);
  CHECK(taken[0].standing == Standing::Over);
  CHECK(taken[1].standing == Standing::CarriedOn);
  CHECK(ended.take(known).empty());
}

TEST_CASE("ended transactions: of a transaction executed again, only the last execution counts") {
  EndedTransactions ended;
  ended.add(7, 100, 0, Outcome::Committed);
  ended.add(8, 101, 0, Outcome::Committed);
  ended.add(7, 102, 0, Outcome::Aborted);
  Table<Execution> known;
  known[8].number = 103;
  const auto taken = ended.take(known);
  REQUIRE(taken.size() == 3);
  CHECK(taken[0].standing == Standing::Superseded);
  CHECK(taken[1].standing == Standing::Superseded);
  CHECK(taken[2].standing == Standing::Over);
}

}  // namespace
}  // namespace txsim
