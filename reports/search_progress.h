// How far a search has come, in one line, and what is left if it goes on as it does. Before it
// begins: whether it has too many orders.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runs/search.h"
#include "runs/states_of_orders.h"

namespace txsim {

// "40 s", "12 min", "3.4 h".
std::string time_text(double seconds);

// By how much the levels grow: the number of states at a depth by that at the depth before, the
// mean of the last two. Nothing in the first four levels.
std::optional<double> growth(const SearchProgress& progress);

// How many states are still to be expanded if the levels go on shrinking as the last two did.
// Nothing if one of the last four grew, or if they shrink by less than a twentieth: then the sum
// says nothing. The levels of most searches shrink faster towards the end, so that the number is
// rather too high. Where levels grow again, as with several orders, it was too low.
std::optional<std::uint64_t> states_left(const SearchProgress& progress);

// "12.3M states, 210k a second, depth 23, 512 MiB, 3.4M waiting, growing 1.8-fold a level", or at
// the end "..., about 2.1M to go, 10 s".
//
// `states_before`, `expanded_before`: those of an earlier part of the search, which these `seconds`
// do not include.
std::string progress_text(const SearchProgress& progress, double seconds,
                          std::uint64_t states_before = 0, std::uint64_t expanded_before = 0);

// Before a search: that it has too many orders to be exhausted within the bounds, and what to do.
// Empty if nothing says so.
std::string size_warning(const StatesOfOrders& states, const SearchBounds& bounds);

}  // namespace txsim
