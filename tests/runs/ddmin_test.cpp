// Delta debugging on synthetic causes.
#include "runs/ddmin.h"

#include <catch2/catch.hpp>
#include <set>

namespace {

using namespace txsim;

bool holds_all(const Places& kept, const std::set<std::size_t>& needed) {
  return std::includes(kept.begin(), kept.end(), needed.begin(), needed.end());
}

Places without(Places kept, std::size_t place) {
  kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(place));
  return kept;
}

}  // namespace

TEST_CASE("ddmin: exactly the needed elements remain, whatever their places") {
  const std::set<std::size_t> sets[] = {{0}, {99}, {0, 99}, {3, 17, 18, 64}, {1, 2, 3, 4, 5, 6, 7}};
  for (const std::set<std::size_t>& needed : sets) {
    const Places least = ddmin(100, [&](const Places& kept) { return holds_all(kept, needed); });
    CHECK(least == Places(needed.begin(), needed.end()));
  }
  Places all(20);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  CHECK(ddmin(20, [&](const Places& kept) { return kept == all; }) == all);
}

TEST_CASE("ddmin: one question is enough if no element is needed") {
  int questions = 0;
  const Places least = ddmin(1000, [&](const Places& kept) {
    ++questions;
    CHECK(kept.empty());
    return true;
  });
  CHECK(least.empty());
  CHECK(questions == 1);
  CHECK(ddmin(0, [](const Places&) { return false; }).empty());
}

// Causes that mask each other: a superset may not have the effect of its subset.
TEST_CASE("ddmin: the result is minimal for any test") {
  for (std::size_t count = 1; count <= 40; ++count) {
    for (std::uint64_t salt = 1; salt <= 20; ++salt) {
      const auto does_it = [&](const Places& kept) {
        if (kept.size() == count) return true;
        std::uint64_t hash = salt;
        for (const std::size_t place : kept) hash = (hash ^ (place + 1)) * 0x9E3779B97F4A7C15ULL;
        return (hash >> 60) == 0;
      };
      const Places least = ddmin(count, does_it);
      CHECK((least.empty() || does_it(least)));
      CHECK(std::is_sorted(least.begin(), least.end()));
      for (std::size_t i = 0; i < least.size(); ++i) CHECK_FALSE(does_it(without(least, i)));
    }
  }
}

TEST_CASE("ddmin: few causes among many take few questions, the same in each run") {
  std::vector<Places> asked[2];
  for (std::vector<Places>& questions : asked) {
    ddmin(1024, [&](const Places& kept) {
      questions.push_back(kept);
      return holds_all(kept, {100, 900});
    });
  }
  CHECK(asked[0] == asked[1]);
  CHECK(asked[0].size() < 150);
}
