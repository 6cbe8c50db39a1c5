#include <catch2/catch.hpp>

#include "sim/world.h"
#include "tests/scenarios/parse.h"

namespace txsim {
namespace {

using tests::Files;
using tests::order_domain;
using tests::parse;
using tests::texts;

TEST_CASE("layers: the command line overrides the file, and the file overrides its includes") {
  const Files files = {
      {"test.ini", "include = base.ini\n[scenario]\nseed = 2\nhorizon = 2s\n"},
      {"base.ini", "[scenario]\nseed = 1\nhorizon = 1s\ntitle = Base\n" + order_domain()}};
  const ParsedScenario parsed = parse(files, {"scenario.seed=3"});
  CAPTURE(texts(parsed.errors));
  REQUIRE(parsed.scenario);
  CHECK(parsed.scenario->seed == 3);
  CHECK(parsed.scenario->horizon == seconds(2));
  CHECK(parsed.scenario->title == "Base");
}

TEST_CASE("layers: the topmost layer with a repeated key replaces all its values") {
  const Files files = {
      {"test.ini", "include = base.ini\n[faults]\nfault = crash point at 3s\n[expect]\nthat =\n"},
      {"base.ini", order_domain("[faults]\nfault = crash point at 1s\nfault = crash order at 2s\n"
                                "[expect]\nthat = atomicity holds\n")}};
  const ParsedScenario parsed = parse(files);
  REQUIRE(parsed.scenario);
  CHECK(parsed.scenario->fault_texts == std::vector<std::string>{"crash point at 3s"});
  CHECK(parsed.scenario->expectations.empty());
  const ParsedScenario set =
      parse(files, {"faults.fault=crash product at 1s", "faults.fault=crash product at 2s"});
  REQUIRE(set.scenario);
  CHECK(set.scenario->faults.size() == 2);
  const ParsedScenario none = parse(files, {"faults.fault="});
  REQUIRE(none.scenario);
  CHECK(none.scenario->faults.empty());
}

TEST_CASE("layers: named sections are merged key by key") {
  const Files files = {{"test.ini",
                        "include = base.ini\n[service product]\nresource = stock 1\n[transaction "
                        "order]\nshare = 3\n"},
                       {"base.ini", order_domain()}};
  const ParsedScenario parsed =
      parse(files, {"service point.disk=7ms", "link order -> point.delay=9ms"});
  CAPTURE(texts(parsed.errors));
  REQUIRE(parsed.scenario);
  CHECK(parsed.scenario->plan.nodes.size() == 5);
  CHECK(parsed.scenario->plan.resources[1].initial == 1);
  CHECK(parsed.scenario->plan.kinds[0].steps.size() == 4);
  CHECK(parsed.scenario->workload.shares == std::vector<std::uint32_t>{3});
  CHECK(parsed.scenario->disks[2] == Delay::constant(milliseconds(7)));
  CHECK(parsed.scenario->links.size() == 1);
}

TEST_CASE("layers: an error in a setting of the command line names the command line") {
  struct Wrong {
    std::string setting;
    const char* message;
  };
  const Wrong wrongs[] = {
      {"seed=7", "--set: 'seed=7' is not section.key=value"},
      {"scenario.seed", "is not section.key=value"},
      {"scenario.seed=-1", "--set: 'scenario.seed=-1': "},
      {"scenario.sed=1", "did you mean 'seed'?"},
      {"scenaro.seed=1", "did you mean 'scenario'?"},
      {"service prodct.disk=1ms", "did you mean 'product'?"},
      {"transaction odrer.share=1", "did you mean 'order'?"},
      {"scenario.title=a\nb", "is not"},
  };
  for (const Wrong& wrong : wrongs) {
    const ParsedScenario parsed = parse(order_domain(), {wrong.setting});
    CAPTURE(wrong.setting, texts(parsed.errors));
    if (wrong.setting.find('\n') != std::string::npos) continue;
    REQUIRE(parsed.errors.size() == 1);
    CHECK_THAT(text(parsed.errors[0]), Catch::Contains(wrong.message));
  }
  CHECK(parse(order_domain(), {"scenario.seed=1", "scenario.seed=2"}).errors.size() == 1);
}

TEST_CASE("layers: an include is relative to the file that names it") {
  const ParsedScenario parsed =
      parse_scenario("a/b/test.ini", tests::reader_of({{"a/b/test.ini", "include = ../c/one.ini\n"},
                                                       {"a/c/one.ini", "include = ./two.ini\n"},
                                                       {"a/c/two.ini", order_domain()}}));
  CAPTURE(texts(parsed.errors));
  CHECK(parsed.scenario);
}

TEST_CASE("layers: an error in an included file has that file's name and line") {
  const Files files = {{"test.ini", "include = base.ini\n[scenario]\nseed = x\n"},
                       {"base.ini", order_domain("[network]\nloss = 2\n")}};
  const ParsedScenario parsed = parse(files);
  REQUIRE(parsed.errors.size() == 2);
  CHECK_THAT(text(parsed.errors[0]), Catch::StartsWith("base.ini:14: loss: "));
  CHECK_THAT(text(parsed.errors[1]), Catch::StartsWith("test.ini:3: seed: "));
}

TEST_CASE("layers: files that include themselves, endlessly, or a missing file") {
  const ParsedScenario itself = parse("include = ./test.ini\n" + order_domain());
  REQUIRE(itself.errors.size() == 1);
  CHECK_THAT(text(itself.errors[0]),
             Catch::Contains("test.ini:1: include: 'test.ini' includes itself"));

  const ParsedScenario ring =
      parse(Files{{"test.ini", "include = b.ini\n"}, {"b.ini", "include = test.ini\n"}});
  REQUIRE(ring.errors.size() == 1);
  CHECK_THAT(text(ring.errors[0]), Catch::StartsWith("b.ini:1: "));

  const auto chain_of = [](int length) {
    Files chain;
    chain["test.ini"] = "include = 1.ini\n";
    for (int i = 1; i < length; ++i) {
      chain[fmt::format("{}.ini", i)] = fmt::format("include = {}.ini\n", i + 1);
    }
    chain[fmt::format("{}.ini", length)] = order_domain();
    return chain;
  };
  CHECK(parse(chain_of(16)).scenario);
  const ParsedScenario deep = parse(chain_of(17));
  REQUIRE(deep.errors.size() == 1);
  CHECK_THAT(text(deep.errors[0]), Catch::Contains("a chain of more than 16 files"));

  Files bush;
  for (int depth = 0; depth < 12; ++depth) {
    std::string& file = bush[depth == 0 ? "test.ini" : fmt::format("{}.ini", depth)];
    for (int i = 0; i < 8; ++i) file += fmt::format("include = {}.ini\n", depth + 1);
  }
  bush["12.ini"] = order_domain();
  const ParsedScenario wide = parse(bush);
  REQUIRE_FALSE(wide.errors.empty());
  CHECK_THAT(text(wide.errors[0]), Catch::Contains("more than 256 files"));

  const ParsedScenario missing = parse("include = gone.ini\n" + order_domain());
  REQUIRE(missing.errors.size() == 1);
  CHECK_THAT(text(missing.errors[0]),
             Catch::Contains("test.ini:1: cannot read 'gone.ini': no such file"));
  CHECK(parse(order_domain("include = base.ini\n")).errors.size() == 1);
}

TEST_CASE("layers: under local every step runs at the service where the transaction begins") {
  const std::string more =
      "[faults]\nfault = crash point at 5ms for 1s\nfault = partition order | point from 1s to 2s\n"
      "fault = crash participant at 5ms for 1s\n"
      "[link order -> product]\ndelay = 9ms\n"
      "[expect]\nthat = stock at product is 98\nthat = records.product is 3\n";
  for (const char* protocol : {"local", "uncoordinated", "two-phase-commit"}) {
    const ParsedScenario parsed =
        parse(order_domain(more), {fmt::format("scenario.protocol={}", protocol)});
    CAPTURE(protocol, texts(parsed.errors));
    REQUIRE(parsed.scenario);
    const Scenario& s = *parsed.scenario;
    const auto spec = build_world(s, true);
    World world(spec);
    world.run({s.horizon.ns});
    CHECK(world.trace().size() > 5);
    for (const Fault& fault : s.faults) {
      CHECK_FALSE(fault_text(fault, s, spec->dictionary).empty());
    }
    if (s.protocol_name() != "local") continue;
    CHECK(s.plan.nodes == std::vector<std::string>{"order", "client", "lock"});
    CHECK(s.faults[0].nodes == std::vector<NodeId>{0});
    CHECK(s.faults[2].nodes == std::vector<NodeId>{0});
    CHECK(s.links.empty());
    CHECK(s.plan.kinds[0].participants.empty());
    CHECK(s.expectations[0].resource == 1);
    CHECK(s.expectations[1].node == 0);
  }
}

}  // namespace
}  // namespace txsim
