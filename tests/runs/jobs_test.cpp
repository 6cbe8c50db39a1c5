// Jobs: several threads do the work, and the caller takes the results in order.
#include "runs/jobs.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <stdexcept>

using namespace txsim;

TEST_CASE("jobs: results are taken in order, for any number of threads") {
  for (const unsigned jobs : {1U, 2U, 7U}) {
    OrderedJobs<std::uint64_t> work(jobs, 500, [](std::uint64_t piece) {
      std::uint64_t sum = 0;  // pieces take different times
      for (std::uint64_t i = 0; i < (piece % 13) * 1000; ++i) sum += i ^ piece;
      return sum == 1 ? 0 : piece * piece;
    });
    std::uint64_t next = 0;
    work.run([&](std::uint64_t&& result) {
      CHECK(result == next * next);
      ++next;
      return true;
    });
    CHECK(next == 500);
  }
}

TEST_CASE("jobs: the caller ends them when it has enough, and little work is wasted") {
  for (const unsigned jobs : {1U, 3U}) {
    std::atomic<std::uint64_t> made = 0;
    OrderedJobs<std::uint64_t> work(jobs, 1'000'000, [&](std::uint64_t piece) {
      ++made;
      return piece;
    });
    std::uint64_t taken = 0;
    work.run([&](std::uint64_t&&) { return ++taken < 10; });
    CHECK(taken == 10);
    CHECK(made < 10 + 8 * jobs);
  }
}

TEST_CASE("jobs: an exception is thrown after all earlier results have been taken") {
  for (const unsigned jobs : {1U, 4U}) {
    OrderedJobs<std::uint64_t> work(jobs, 100, [](std::uint64_t piece) {
      if (piece >= 42) throw std::runtime_error("piece " + std::to_string(piece));
      return piece;
    });
    std::uint64_t taken = 0;
    CHECK_THROWS_WITH(work.run([&](std::uint64_t&&) { return ++taken > 0; }), "piece 42");
    CHECK(taken == 42);
  }
}

TEST_CASE("jobs: a crew does each piece of each round once") {
  for (const unsigned size : {1U, 3U}) {
    Crew crew(size);
    for (std::uint64_t pieces = 0; pieces < 40; ++pieces) {
      std::vector<int> done(pieces, 0);
      std::atomic<bool> is_member = true;
      crew.run(pieces, [&](unsigned member, std::uint64_t piece) {
        ++done[piece];
        if (member >= size) is_member = false;
      });
      CHECK(done == std::vector<int>(pieces, 1));
      CHECK(is_member);
    }
  }
}

TEST_CASE("jobs: a crew throws the exception of its first failing piece, and stays usable") {
  for (const unsigned size : {1U, 4U}) {
    Crew crew(size);
    const auto fails = [](unsigned, std::uint64_t piece) {
      if (piece >= 42) throw std::runtime_error("piece " + std::to_string(piece));
    };
    CHECK_THROWS_WITH(crew.run(100, fails), "piece 42");
    CHECK_NOTHROW(crew.run(42, fails));
  }
}
