// What is said of a search while it goes on.
#include "reports/search_progress.h"

#include <catch2/catch.hpp>

#include "tests/contains.h"

namespace {

using namespace txsim;

SearchProgress at(std::array<std::uint64_t, 5> levels, std::uint64_t waiting = 100) {
  SearchProgress progress;
  progress.states = 12'340'000;
  progress.waiting = waiting;
  progress.bytes = std::uint64_t{512} << 20;
  progress.depth = 23;
  progress.levels = levels;
  return progress;
}

}  // namespace

TEST_CASE("search progress: the growth is the mean of the last levels") {
  CHECK(*growth(at({160, 80, 40, 20, 10})) == Approx(2));
  CHECK(*growth(at({10, 20, 40, 80, 160})) == Approx(0.5));
  CHECK_FALSE(growth(at({8, 4, 2, 1, 0})));
  CHECK(contains(progress_text(at({160, 80, 40, 20, 10}), 10), ", growing 2.0-fold a level"));
}

TEST_CASE("search progress: what is left is estimated only while every level shrinks") {
  // Half as many at each depth: after 1,000 there are 1,000 more in all.
  CHECK(states_left(at({1'000, 2'000, 4'000, 8'000, 16'000}, 1'000)) == 2'000);
  SearchProgress known = at({1'000, 2'000, 4'000, 8'000, 16'000}, 700);
  known.next_level = 200;
  CHECK(states_left(known) == 700 + 800);
  CHECK_FALSE(states_left(at({1'000, 900, 4'000, 8'000, 16'000})));
  CHECK_FALSE(states_left(at({970, 980, 990, 1'000, 1'010})));
  CHECK_FALSE(states_left(at({160, 80, 40, 20, 10})));
  CHECK_FALSE(states_left(at({8, 4, 2, 1, 0})));
}

TEST_CASE("search progress: one line says what the search has met, how fast, and what is left") {
  CHECK(progress_text(at({1'000, 2'000, 4'000, 8'000, 16'000}, 1'000), 10, 2'340'000, 2'339'000) ==
        "12.3M states, 1.0M a second, depth 23, 512 MiB, 1.0k waiting, about 2.0k to go, 0 s");
  SearchProgress second = at({});
  second.is_second = true;
  CHECK(progress_text(second, 0) ==
        "looks for a shorter run: 12.3M states, 12.3G a second, depth 23, 512 MiB, 100 waiting");
}

TEST_CASE("search progress: a warning before a search names its size, its bounds and a way out") {
  SearchBounds bounds;
  bounds.states = 50'000;
  CHECK(size_warning({53, 2}, bounds).empty());
  const std::string warning = size_warning({53, 3}, bounds);
  CHECK(contains(warning,
                 "one order alone has 53 states, 3 orders at the same time have more "
                 "than 53^3, and at most 50000 fit into the bounds"));
  CHECK(contains(warning, "--set workload.orders=1"));
  CHECK(contains(size_warning({10'000, 3, false}, bounds), "more than 10000 states"));
}
