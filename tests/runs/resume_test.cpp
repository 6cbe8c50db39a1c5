// Explorations that a bound stops and that go on later.
#include <catch2/catch.hpp>

#include "runs/explore.h"
#include "tests/runs/explored.h"
#include "tests/runs/fault_walk.h"

namespace {

using namespace txsim;

struct Explored {
  const char* what;
  std::shared_ptr<const Scenario> scenario;
  ExploreSettings settings;
};

std::vector<Explored> explorations() {
  const auto commit = tests::load("scenarios/order/two-phase-commit/commit.ini");
  const auto broken = tests::load("scenarios/order/two-phase-commit/commit.ini",
                                  {"two-phase-commit.force_decision=off"});
  ExploreSettings crash;
  crash.budget.crashes = 1;
  ExploreSettings reduced;
  reduced.budget.losses = 1;
  reduced.reductions = Reductions::all();
  ExploreSettings blocked;
  blocked.budget.crash_stops = 1;
  return {{"exhausted", commit, crash},
          {"violated", broken, crash},
          {"reduced", tests::alike(3), reduced},
          {"a livelock", commit, blocked}};
}

// Stops after every `every` looks of the watch, and goes on with the number of jobs changed.
ExploreResult in_parts(const Explored& one, int every, int& parts) {
  ExploreSettings settings = one.settings;
  settings.keeps_stopped = true;
  int looks = 0;
  settings.bounds.watch = [&](const SearchProgress&) -> std::optional<SearchEnd> {
    if (++looks % every != 0) return std::nullopt;
    return SearchEnd::Interrupted;
  };
  while (true) {
    ExploreResult result = explore(one.scenario, settings);
    if (!result.stopped) return result;
    CHECK(result.search.end == SearchEnd::Interrupted);
    CHECK_FALSE(result.is_as_expected);
    CHECK(can_go_on(one.scenario, settings, *result.stopped));
    settings.from = result.stopped;
    settings.bounds.jobs = static_cast<unsigned>(1 + ++parts % 2);
  }
}

void check_alike(const ExploreResult& one, const ExploreResult& other) {
  CHECK(one.search.end == other.search.end);
  CHECK(one.search.states == other.search.states);
  CHECK(one.search.transitions == other.search.transitions);
  CHECK(one.search.ends == other.search.ends);
  CHECK(one.search.depth == other.search.depth);
  CHECK(one.search.unexpanded == other.search.unexpanded);
  CHECK(one.search.most_bytes == other.search.most_bytes);
  CHECK(one.search.way == other.search.way);
  CHECK(one.is_as_expected == other.is_as_expected);
  CHECK(tests::verdict(one) == tests::verdict(other));
}

}  // namespace

TEST_CASE("explore: a search that is stopped and resumed ends as one that is not") {
  for (const Explored& one : explorations()) {
    const ExploreResult whole = explore(one.scenario, one.settings);
    for (const int every : {2, 7}) {
      CAPTURE(one.what, every);
      int parts = 0;
      check_alike(in_parts(one, every, parts), whole);
      CHECK((parts > 0 || whole.search.states < 1'000));
    }
  }
}

TEST_CASE("explore: a search goes on deeper, and with more memory") {
  const Explored one = explorations().front();
  const ExploreResult whole = explore(one.scenario, one.settings);
  ExploreSettings settings = one.settings;
  settings.keeps_stopped = true;
  for (const std::uint32_t depth : {3U, 4U, 12U}) {
    settings.bounds.depth = depth;
    const ExploreResult shallow = explore(one.scenario, settings);
    CHECK(shallow.search.end == SearchEnd::DepthReached);
    CHECK(shallow.search.depth == depth);
    REQUIRE(shallow.stopped);
    settings.from = shallow.stopped;
  }
  settings.bounds = {};
  settings.bounds.memory = 100'000;
  const ExploreResult full = explore(one.scenario, settings);
  CHECK(full.search.end == SearchEnd::MemoryFull);
  settings.from = full.stopped;
  settings.bounds = {};
  check_alike(explore(one.scenario, settings), whole);
}

TEST_CASE("explore: a search does not go on in another scenario") {
  const std::vector<Explored> all = explorations();
  ExploreSettings settings = all[0].settings;
  settings.bounds.depth = 12;
  settings.keeps_stopped = true;
  const ExploreResult result = explore(all[0].scenario, settings);
  REQUIRE(result.stopped);
  CHECK(can_go_on(all[0].scenario, settings, *result.stopped));
  CHECK_FALSE(can_go_on(all[2].scenario, settings, *result.stopped));
  settings.budget.losses = 1;
  CHECK_FALSE(can_go_on(all[0].scenario, settings, *result.stopped));
}

TEST_CASE("explore: a search that is not to be kept leaves nothing") {
  Explored one = explorations().front();
  one.settings.bounds.depth = 3;
  CHECK_FALSE(explore(one.scenario, one.settings).stopped);
}
