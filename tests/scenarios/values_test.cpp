#include "scenarios/values.h"

#include <catch2/catch.hpp>

#include "sim/random.h"

namespace txsim {
namespace {

TEST_CASE("values: a duration has a unit and is exact") {
  CHECK(parse_duration("0s").ns == 0);
  CHECK(parse_duration("7ns").ns == 7);
  CHECK(parse_duration("1.5us").ns == 1'500);
  CHECK(parse_duration("2ms").ns == 2'000'000);
  CHECK(parse_duration("2m").ns == 120'000'000'000);
  CHECK(parse_duration("1h") == parse_duration("3600s"));
  CHECK(parse_duration("0.000000001s").ns == 1);
  CHECK(parse_duration("0000000000000000000000000000000000001ms").ns == 1'000'000);
  CHECK(parse_time("1281023h").ns == 1281023LL * 3'600'000'000'000);
}

TEST_CASE("values: a duration is written in readable form, and parses back exactly") {
  const auto written = [](std::int64_t ns) { return text(Duration{ns}); };
  CHECK(written(0) == "0s");
  CHECK(written(7) == "7ns");
  CHECK(written(1'500) == "1500ns");
  CHECK(written(9'999) == "9999ns");
  CHECK(written(10'001) == "10.001us");
  CHECK(written(1'500'000'000) == "1500ms");
  CHECK(written(12'345'000'000) == "12.345s");
  CHECK(written(123'456'789) == "123.456789ms");
  CHECK(written(437'129'384'000'001) == "437129.384000001s");
  CHECK(written(90'000'000'000) == "90s");
  CHECK(written(86'400'000'000'000) == "86400s");
  Stream draws(7, "durations");
  for (int i = 0; i < 10'000; ++i) {
    const auto ns = static_cast<std::int64_t>(draws.next() >> (2 + i % 60));
    const std::string once = written(ns);
    CAPTURE(ns, once);
    CHECK(parse_time(once).ns == ns);
  }
}

TEST_CASE("values: a value that is not a duration is an error with a suggestion") {
  CHECK_THROWS_WITH(parse_duration("5"), Catch::Contains("has no unit"));
  CHECK_THROWS_WITH(parse_duration("-5ms"), Catch::Contains("negative"));
  CHECK_THROWS_WITH(parse_duration("5 days"), Catch::Contains("such as 500ms"));
  CHECK_THROWS_WITH(parse_duration("0.5ns"), Catch::Contains("finer than a nanosecond"));
  CHECK_THROWS_WITH(parse_time("1281025h"), Catch::Contains("too long"));
  for (const char* wrong :
       {"", "s", "ms", ".", ".5s", "1.s", "1e3s", "nan", "inf", "0x1s", "1..2s", "+1s", "1ms ",
        "99999999999999999999999999999999999999999999h", "9223372036854775807s",
        "340282366920938463463374607431768211456ns", "0.0000000000000000001s"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_duration(wrong), BadValue);
  }
}

TEST_CASE("values: the error mentions `never` if it is allowed") {
  CHECK_FALSE(parse_duration_or_never("never").duration);
  CHECK(parse_duration_or_never("0s").duration == Duration{0});
  for (const char* wrong : {"none", "off", "Never", ""}) {
    CAPTURE(wrong);
    CHECK_THROWS_WITH(parse_duration_or_never(wrong), Catch::Contains("nor never"));
  }
  CHECK_THROWS_WITH(parse_duration_or_never("5"), Catch::Contains("has no unit"));
}

TEST_CASE("values: a seed is a whole number below 2^64") {
  CHECK(parse_seed("0").value == 0);
  CHECK(parse_seed("18446744073709551615").value == ~std::uint64_t{0});
  for (const char* wrong : {"-1", "18446744073709551616", "1.0", "", "seed", "1 2", "0x7"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_seed(wrong), BadValue);
  }
}

TEST_CASE("values: a probability is an exact threshold") {
  CHECK(parse_probability("0").threshold == 0);
  CHECK(parse_probability("1").threshold == Probability::kOne);
  CHECK(parse_probability("100%").threshold == Probability::kOne);
  CHECK(parse_probability("0.5").threshold == Probability::kOne / 2);
  CHECK(parse_probability("5%") == parse_probability("0.05"));
  CHECK(parse_probability("0.000000000000000001").threshold == 1);
  for (const char* wrong : {"nan", "1.5", "-0.1", "101%", "%", "", "1e-3", "inf", "0.5.5",
                            "99999999999999999999999999999999"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_probability(wrong), BadValue);
  }
}

TEST_CASE("values: an amount is from 0 to 2^31 - 1") {
  CHECK(parse_amount("2147483647").value == 2'147'483'647);
  for (const char* wrong : {"2147483648", "-1", "1.5", "", "ten"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_amount(wrong), BadValue);
  }
}

TEST_CASE("values: delays in each of their forms") {
  CHECK(parse_delay("1ms") == Delay::constant(milliseconds(1)));
  CHECK(parse_delay("1ms to 5ms") == Delay::uniform(milliseconds(1), milliseconds(5)));
  CHECK(parse_delay("exponential 2ms") == Delay::exponential(milliseconds(2)));
  const Delay shifted = parse_delay("1ms plus exponential 2ms");
  CHECK(shifted.low == milliseconds(1));
  CHECK(shifted.high == milliseconds(3));
  for (const char* wrong :
       {"5ms to 1ms", "1ms to", "to 1ms", "exponential", "normal 5ms", "1 to 2ms", ""}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_delay(wrong), BadValue);
  }
}

TEST_CASE("values: arrivals in each of their forms") {
  CHECK(parse_arrivals("every 100ms").workload.every == milliseconds(100));
  CHECK(parse_arrivals("random every 50ms").workload.arrivals == Arrivals::Random);
  CHECK(parse_arrivals("at 0ms, 10ms,20ms").workload.times.size() == 3);
  CHECK(parse_arrivals("32 clients").workload.clients == 32);
  CHECK(parse_arrivals("1 client thinking 1ms to 2ms").workload.think ==
        Delay::uniform(milliseconds(1), milliseconds(2)));
  for (const char* wrong : {"at", "at 10ms, 5ms", "at 1ms,", "every", "random every 0ms",
                            "0 clients", "32 clients 10ms", "-1 clients", "99999999999 clients",
                            "sometimes", "32 clients thinking"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_arrivals(wrong), BadValue);
  }
}

TEST_CASE("values: texts of durations, probabilities and delays parse back to the same") {
  Stream draws(7, "values");
  for (int i = 0; i < 2'000; ++i) {
    const Duration duration{static_cast<std::int64_t>(draws.next() >> (4 + draws.below(59)))};
    CHECK(parse_duration(text(duration)) == duration);
    const Probability probability{draws.below(Probability::kOne + 1)};
    CHECK(parse_probability(text(probability)) == probability);
    const Duration low{static_cast<std::int64_t>(draws.below(1'000'000'000))};
    const Duration high{low.ns + static_cast<std::int64_t>(draws.below(1'000'000'000))};
    for (const Delay& delay : {Delay::constant(low), Delay::uniform(low, high),
                               Delay{Delay::Kind::Exponential, low, high}}) {
      CHECK(parse_delay(text(delay)) == delay);
    }
  }
}

}  // namespace
}  // namespace txsim
