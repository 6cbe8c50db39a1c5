// How many states an exploration of several orders meets, as far as the states of one order tell
// before it begins.
//
// If each of k orders under way at the same time can be in any of its n states whatever the others
// do, there are n^k states. Where orders wait for one another, some of these cannot occur; but
// time-outs, refusals and waiting are states that one order alone does not have. There were more
// than n^k in each exploration measured, without faults (tests/runs/states_of_orders_test.cpp):
//
//   two services (tests/runs/two_services.ini)   1 order   2 orders   3 orders
//   local                                              4         31        233
//   uncoordinated                                      8         95      1,340
//   saga-orchestration                                 8        273     24,773
//   two-phase-commit                                  15        778     82,491
//   tcc                                               12        678    127,097
//
// The faults of the budget and of the scenario come on top and are left out here: a run has each of
// them once, not once for each order.
#pragma once

#include <cstdint>
#include <memory>

#include "runs/explore.h"

namespace txsim {

struct StatesOfOrders {
  std::uint64_t of_one = 0;     // states of one order alone
  std::uint64_t together = 1;   // orders that may be under way at the same time
  bool are_all_counted = true;  // else there are more than `of_one`

  // Whether of_one^together is more than this.
  bool exceed(std::uint64_t states) const;
};

// Explores one order, up to 10,000 states, if the workload has more than one.
StatesOfOrders states_of_orders(const Scenario& scenario, const ExploreSettings& settings);

// How many states fit into the bounds, at the fewest bytes that one takes.
std::uint64_t most_states(const SearchBounds& bounds);

}  // namespace txsim
