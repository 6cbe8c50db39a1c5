// What the states of one order tell of an exploration of several.
#include "runs/states_of_orders.h"

#include <catch2/catch.hpp>

#include "tests/runs/fault_walk.h"

namespace {

using namespace txsim;

std::shared_ptr<const Scenario> orders_of(const char* protocol, int orders) {
  return tests::load("tests/runs/two_services.ini", {std::string("scenario.protocol=") + protocol,
                                                     "workload.orders=" + std::to_string(orders)});
}

}  // namespace

TEST_CASE("states of orders: several orders meet more states than those of one to their number") {
  for (const char* protocol :
       {"local", "uncoordinated", "saga-orchestration", "two-phase-commit", "tcc"}) {
    CAPTURE(protocol);
    for (const int orders : {2, TXSIM_SANITIZED ? 2 : 3}) {
      const auto scenario = orders_of(protocol, orders);
      const StatesOfOrders states = states_of_orders(*scenario, {});
      CHECK(states.together == static_cast<std::uint64_t>(orders));
      CHECK(states.are_all_counted);
      const SearchResult whole = explore(scenario, {}).search;
      CHECK(whole.end == SearchEnd::Exhausted);
      CHECK_FALSE(states.exceed(whole.states));
    }
  }
}

TEST_CASE("states of orders: a hundred orders exceed every memory, one order none") {
  const StatesOfOrders hundred = states_of_orders(*orders_of("two-phase-commit", 100), {});
  CHECK(hundred.of_one == 15);
  CHECK(hundred.exceed(most_states({})));
  CHECK(hundred.exceed(~std::uint64_t{0}));
  CHECK_FALSE(states_of_orders(*orders_of("two-phase-commit", 1), {}).exceed(1));
  CHECK(StatesOfOrders{10, 3}.exceed(999));
  CHECK_FALSE(StatesOfOrders{10, 3}.exceed(1000));
  CHECK_FALSE(StatesOfOrders{1, 1'000'000'000'000}.exceed(1));
}

TEST_CASE("states of orders: in a closed loop only the orders of the clients are under way") {
  const auto scenario =
      tests::load("tests/runs/two_services.ini",
                  {"scenario.protocol=tcc", "workload.orders=100", "workload.arrivals=2 clients"});
  CHECK(states_of_orders(*scenario, {}).together == 2);
}
