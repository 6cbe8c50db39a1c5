// What a search has found, as a run in words.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runs/explore.h"
#include "runs/search.h"
#include "runs/world_model.h"

namespace txsim {

// Takes the path once more with a trace. Its last `loop` steps are a loop that violates one of the
// `invariants`.
Counterexample rehearse(const WorldModel& model, const std::vector<Visited::Step>& way,
                        std::size_t loop = 0, std::uint32_t invariants = ~std::uint32_t{0});

// A path into a loop that never ends.
struct Livelock {
  std::vector<Visited::Step> way;
  std::size_t loop = 0;      // the number of its steps, the last ones
  std::uint32_t broken = 0;  // the invariants that stay violated
};

// Searches for states that never end although everything that needs to happen does, and in which an
// invariant stays violated. If everything is settled, a timer that fires forever is harmless. A
// state that is unsettled only until a timer fires gets settled in every fair run.
std::optional<Livelock> find_livelock(const WorldModel& model, const Search<WorldModel>& search);

}  // namespace txsim
