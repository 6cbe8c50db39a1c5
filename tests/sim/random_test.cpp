// Streams, probabilities and delays: the same correct numbers on every machine.
#include <catch2/catch.hpp>

#include "sim/random.h"

namespace txsim {
namespace {

TEST_CASE("Random: a stream depends on the seed and its name only", "[sim]") {
  Stream a(1, "network.delay");
  Stream b(1, "network.loss");
  Stream again(1, "network.delay");
  const std::uint64_t first = a.next();
  b.next();
  CHECK(first == again.next());
  CHECK(first != Stream(1, "network.loss").next());
  CHECK(first != Stream(2, "network.delay").next());
  CHECK(first == 0xC4A359F79B642C49ULL);  // the same on every machine
}

TEST_CASE("Random: probabilities 0 and 1 are exact", "[sim]") {
  Stream stream(1, "chance");
  for (int i = 0; i < 10'000; ++i) {
    REQUIRE_FALSE(stream.chance(Probability{0}));
    REQUIRE(stream.chance(Probability{Probability::kOne}));
  }
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) {
    if (stream.chance(Probability{Probability::kOne / 4})) ++hits;
  }
  CHECK(hits > 24'500);
  CHECK(hits < 25'500);
}

TEST_CASE("Random: uniform delays fill their range and exponential ones have their mean", "[sim]") {
  Stream stream(1, "delay");
  const Delay uniform = Delay::uniform(Duration{100}, Duration{104});
  int seen[4] = {};
  for (int i = 0; i < 4'000; ++i) ++seen[uniform.draw(stream).ns - 100];
  for (const int count : seen) CHECK(count > 900);

  const Delay exponential = Delay::exponential(milliseconds(10));
  std::int64_t sum = 0;
  int above_mean = 0;
  constexpr int kDraws = 200'000;
  for (int i = 0; i < kDraws; ++i) {
    const Duration drawn = exponential.draw(stream);
    REQUIRE(drawn.ns >= 0);
    sum += drawn.ns;
    if (drawn > milliseconds(10)) ++above_mean;
  }
  CHECK(sum / kDraws > 9'900'000);
  CHECK(sum / kDraws < 10'100'000);
  CHECK(above_mean > kDraws * 36 / 100);  // 1/e is 36.8 %
  CHECK(above_mean < kDraws * 376 / 1000);
}

}  // namespace
}  // namespace txsim
