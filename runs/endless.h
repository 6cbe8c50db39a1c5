// The states in which endless runs stay, in the graph of an exhausted search.
//
// A run is fair if what can happen again and again happens again and again: no timer that is set
// waits forever while others fire (strong fairness: Baier, Katoen, Principles of Model Checking,
// 2008, chapter 3.5). A fair run of finitely many states that never ends reaches a set of states
// without a way out, and visits each of them again and again: a bottom strongly connected
// component. A loop through only some of them may not be a fair run, and proves nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "runs/search.h"

namespace txsim {

// The components, each ascending, in the order of their first states. Edges that may be left out
// (faults) are ignored.
std::vector<std::vector<std::uint32_t>> find_endless(const Edges& edges);

}  // namespace txsim
