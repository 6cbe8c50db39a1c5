// Where runs that never end stay, in the graph of an exhausted search.
//
// A run is fair if what can happen again and again happens again and again: no timer that is set
// waits forever while others fire (strong fairness: Baier, Katoen, Principles of Model Checking,
// 2008, chapter 3.5). A fair run of finitely many states that never ends comes into a set of states
// that nothing leads out of, and meets each of them again and again: a bottom strongly connected
// component. A loop through some of them alone may be no fair run, and says nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "runs/search.h"

namespace txsim {

// The components, each ascending, in the order of their first states. What may be left out (a
// fault) leads nowhere.
std::vector<std::vector<std::uint32_t>> find_endless(const Edges& edges);

}  // namespace txsim
