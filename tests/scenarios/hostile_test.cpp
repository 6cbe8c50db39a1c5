#include <catch2/catch.hpp>

#include "sim/random.h"
#include "sim/world.h"
#include "tests/scenarios/parse.h"

namespace txsim {
namespace {

using tests::order_domain;
using tests::parse;
using tests::texts;

std::string only_error(const std::string& text) {
  const ParsedScenario parsed = parse(text);
  CAPTURE(text.substr(0, 200), texts(parsed.errors));
  REQUIRE(parsed.errors.size() == 1);
  return txsim::text(parsed.errors[0]);
}

TEST_CASE("hostile: all errors of a file are reported at once, in the order of its lines") {
  const ParsedScenario parsed =
      parse("[scenario]\nseed = -1\nhorizon = 0s\nhorizn = 5s\n" +
            order_domain(
                "[network]\nloss = nan\n[expect]\nthat = atomicity is broken\n[nonsense]\nx = 1\n"
                "no sense\n[faults]\nfault = crash nobody at 1s\nloss = 1.5\n"));
  std::vector<int> lines;
  for (const ScenarioError& error : parsed.errors) lines.push_back(error.place.line);
  CAPTURE(texts(parsed.errors));
  CHECK(lines == std::vector<int>{2, 3, 4, 18, 20, 21, 23, 25, 26});
  CHECK_FALSE(parsed.scenario);
}

TEST_CASE("hostile: an empty file reports the smallest scenario") {
  for (const char* empty : {"", "\n\n", "# nothing\n", "\xEF\xBB\xBF", "\r\n"}) {
    CHECK_THAT(only_error(empty), Catch::Contains("an empty scenario") &&
                                      Catch::Contains("the smallest scenario is: [service order]"));
  }
  CHECK_THAT(only_error("[scenario]\nseed = 1\n"), Catch::Contains("no [service NAME]"));
  CHECK_THAT(only_error("[service a]\n"), Catch::Contains("no [transaction NAME]"));
  CHECK(parse("[service order]\nrecords = orders\n[transaction order]\n"
              "step = create orders at order\n")
            .scenario);
}

TEST_CASE("hostile: a file that is not text is an error with its line") {
  CHECK_THAT(only_error("[scenario]\nse" + std::string(1, '\0') + "ed = 1\n"),
             Catch::Contains("test.ini:2: a NUL byte"));
  CHECK_THAT(only_error("\xFF\xFE[\x01"), Catch::Contains("test.ini:1: byte 0xff is not UTF-8"));
  CHECK_THAT(only_error("# \xC0\xAF\n"), Catch::Contains("not UTF-8"));
  CHECK_THAT(only_error("# \xED\xA0\x80\n"), Catch::Contains("not UTF-8"));
  CHECK_THAT(only_error("# \xE2\x82"), Catch::Contains("not UTF-8"));
  CHECK_THAT(only_error("\n# \x1B[2J\n"),
             Catch::Contains("test.ini:2: a control character (0x1b)"));
  CHECK_THAT(only_error("a\rb\n"), Catch::Contains("control character"));
  CHECK(parse("# \xE2\x82\xAC and \xF0\x9F\x98\x80\n" + order_domain()).scenario);
}

TEST_CASE("hostile: a byte order mark and CRLF are accepted") {
  std::string text = "# Story\n" + order_domain();
  std::string windows = "\xEF\xBB\xBF";
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const ParsedScenario parsed = parse(windows);
  CAPTURE(texts(parsed.errors));
  REQUIRE(parsed.scenario);
  CHECK(parsed.scenario->story == "Story");
}

TEST_CASE("hostile: huge files and lines") {
  CHECK_THAT(only_error(std::string((std::size_t{16} << 20) + 1, '#')),
             Catch::Contains("the most is 16777216"));
  CHECK_THAT(only_error("#" + std::string(std::size_t{2} << 20, 'x')),
             Catch::Contains("a line of over 1048576 bytes"));
  const std::string long_line = only_error(order_domain(std::string(500'000, 'x') + "\n"));
  CHECK(long_line.size() < 300);
  const std::string long_name = only_error(order_domain("[" + std::string(500'000, 'x') + "]\n"));
  CHECK(long_name.size() < 600);
  const std::string long_value =
      only_error(order_domain("[scenario]\nseed = " + std::string(500'000, '9') + "\n"));
  CHECK(long_value.size() < 300);
  CHECK(parse(std::string(std::size_t{4} << 20, '\n') + order_domain()).scenario);
}

TEST_CASE("hostile: parsing a file full of errors stops after the first ones") {
  std::string text;
  for (int i = 0; i < 500'000; ++i) text += "nonsense = 1\n";
  const ParsedScenario parsed = parse(text);
  CHECK(parsed.errors.size() == 1'000);
  CHECK_THAT(parsed.errors.back().message, Catch::Contains("more errors follow"));
}

TEST_CASE("hostile: sections and keys that appear twice name both lines") {
  CHECK_THAT(only_error("[scenario]\nseed = 1\nseed = 2\n" + order_domain()),
             Catch::Contains("test.ini:3: seed is set twice: here and in line 2"));
  CHECK_THAT(only_error(order_domain("[service  point]\n")),
             Catch::Contains("section [service point] appears twice: here and in line 5"));
  CHECK_THAT(only_error(order_domain("[link order->point]\n[link order -> point]\n")),
             Catch::Contains("appears twice"));
}

TEST_CASE("hostile: malformed sections") {
  for (const char* wrong : {"[]\n",
                            "[ ]\n",
                            "[scenario\n",
                            "[scenario extra]\n",
                            "[service]\n",
                            "[service a b]\n",
                            "[service -a]\n",
                            "[service a-]\n",
                            "[service 1a]\n",
                            "[service client]\n",
                            "[service when]\n",
                            "[service a.b]\n",
                            "[service \xC3\xA4]\n",
                            "[link order]\n",
                            "[link -> order]\n",
                            "[link order ->]\n",
                            "[link order -> nobody]\n",
                            "= 5\n",
                            "=\n",
                            "[service order2]\nrecords = a b\n",
                            "[service o]\nresource = stock\n",
                            "[service o]\nresource = stock 1 2\n",
                            "[service o]\nresource = 5 5\n",
                            "[service o]\nresource = a 1\nresource = a 2\n",
                            "[service o]\nresource = any 1\n"}) {
    const ParsedScenario parsed = parse(order_domain(wrong));
    CAPTURE(wrong, texts(parsed.errors));
    CHECK(parsed.errors.size() == 1);
  }
}

TEST_CASE("hostile: values over a limit are errors, and values at the limit work") {
  const std::string step = "step = read stock at product\n";
  std::string steps = "[transaction many]\n";
  for (int i = 0; i < 64; ++i) steps += step;
  CHECK(parse(order_domain(steps)).scenario);
  CHECK_THAT(only_error(order_domain(steps + step)), Catch::Contains("65 steps; the most is 64"));
  CHECK(parse(order_domain("[workload]\norders = 1000000000\n")).scenario);
  CHECK(parse(order_domain("[workload]\norders = 1000000001\n")).errors.size() == 1);
  CHECK(parse(order_domain("[workload]\narrivals = at 1ms, 2ms\norders = 3\n")).errors.size() == 1);
  CHECK(parse(order_domain("[workload]\nretries = 200\nrepeats = 100\n")).errors.size() == 1);
  CHECK(parse(order_domain("[transaction other]\nshare = 0\n" + step)).scenario);
  CHECK(parse(order_domain("[scenario]\nhorizon = 1281023h\n")).scenario);
  CHECK(parse(order_domain("[scenario]\nhorizon = 1281025h\n")).errors.size() == 1);
  CHECK_THAT(only_error(order_domain("[transaction grow]\nstep = give 3 stock at product\n"
                                     "[workload]\norders = 1000000000\n")),
             Catch::Contains("stock at product can grow past 2147483647"));
}

std::string services(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("[service s{}]\nresource = stock 100\n", i);
  return text + "[transaction t]\nstep = take 1 stock at s0\nstep = take 1 stock at s9\n";
}

TEST_CASE("hostile: ten thousand services run, and one more is an error") {
  const ParsedScenario parsed = parse(services(10'000) +
                                      "[faults]\nfault = partition s1 | rest from 1ms to 5ms\n"
                                      "fault = crash participant at 2ms for 1ms\n");
  CAPTURE(texts(parsed.errors));
  REQUIRE(parsed.scenario);
  const auto spec = build_world(*parsed.scenario, false);
  CHECK(spec->nodes.size() == 10'002);
  World world(spec);
  world.run({parsed.scenario->horizon.ns});
  CHECK(fault_text(parsed.scenario->faults[0], *parsed.scenario, spec->dictionary) ==
        "partition s1 | rest from 1ms to 5ms");
  CHECK_THAT(only_error(services(10'001)), Catch::Contains("10001 services; the most is 10000"));
}

TEST_CASE("hostile: parsing any bytes ends with a scenario or with errors") {
  const std::string whole = order_domain(
      "[workload]\narrivals = at 0ms, 5ms\n[faults]\nfault = crash order when order forces commit, "
      "1st, for 2s\nfault = skew point by -2.5% and 5ms from 1s to 2s\nloss = 5%\n"
      "[expect]\nthat = stock at product is at least 3\nthat = no transaction is in doubt\n");
  Stream draws(5, "bytes");
  for (int i = 0; i < 1'500; ++i) {
    std::string text = whole;
    for (std::uint64_t edits = 1 + draws.below(4); edits > 0; --edits) {
      const std::size_t place = draws.below(text.size());
      const auto kind = draws.below(4);
      if (kind == 0) text.erase(place, 1 + draws.below(12));
      if (kind == 1) text[place] = static_cast<char>(32 + draws.below(95));
      if (kind == 2) text.insert(place, text.substr(draws.below(text.size()), draws.below(20)));
      if (kind == 3) text.resize(place + 1);
    }
    const ParsedScenario parsed = parse(text);
    CAPTURE(text);
    REQUIRE((parsed.scenario != nullptr) == parsed.errors.empty());
  }
}

}  // namespace
}  // namespace txsim
