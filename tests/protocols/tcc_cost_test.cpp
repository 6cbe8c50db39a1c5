// The costs of TCC without failures, from the formulas in tcc.h, for 1 to 8 steps at participants.
#include <catch2/catch.hpp>

#include "protocols/tcc/tcc.h"
#include "tests/protocols/cost_world.h"

namespace txsim {
namespace {

void check(const testing::CostShape& shape, const testing::Cost& expected) {
  testing::CostWorld world(shape);
  TccSettings settings;
  settings.parallel = shape.parallel;
  const auto make = [&](std::shared_ptr<const Plan> plan, NodeId self) {
    return std::make_shared<TccService>(plan, self, world.small.receiver, world.small.store,
                                        settings);
  };
  world.check(make,
              {"Try", "Tried", "TryRefused", "Confirm", "Confirmed", "Cancel", "Cancelled",
               "StatusQuery", "Status"},
              expected);
}

}  // namespace

TEST_CASE("TCC: s steps cost 4s messages, 2s forced writes and 3 at the coordinator") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    for (const bool parallel : {false, true}) {
      check({.steps = s, .parallel = parallel}, {4 * n, 3, 2 * n});
    }
  }
}

TEST_CASE("TCC: an own step of the coordinator between others costs one more forced write") {
  for (int s = 2; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .own_between = true}, {4 * n, 4, 2 * n});
  }
}

TEST_CASE("TCC: a step that only reads costs two messages") {
  for (int s = 1; s <= 4; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .readers = s}, {4 * n + 2 * n, 3, 2 * n});
  }
}

TEST_CASE("TCC: cancelled at its last step it costs 4s - 2 messages and 2s - 1 forced writes") {
  for (int s = 1; s <= 8; ++s) {
    const auto n = static_cast<std::uint64_t>(s);
    check({.steps = s, .last_refuses = true}, {4 * n - 2, 2, 2 * n - 1});
  }
}

}  // namespace txsim
