#include <fmt/ranges.h>

#include <catch2/catch.hpp>

#include "scenarios/text_lines.h"
#include "tests/contains.h"
#include "tests/scenarios/parse.h"

namespace txsim {
namespace {

using tests::order_domain;
using tests::parse;

// Joins all error texts.
std::string error_texts(const std::vector<ScenarioError>& errors) {
  return fmt::format("{}", fmt::join(tests::texts(errors), "\n"));
}

std::string title_of(const std::string& line) {
  const ParsedScenario parsed = parse("[scenario]\n" + line + "\n" + order_domain());
  CAPTURE(error_texts(parsed.errors));
  REQUIRE(parsed.scenario);
  return parsed.scenario->title;
}

TEST_CASE("comments: a '#' begins a comment at the beginning of a line and between blanks") {
  CHECK(without_comment("# all") == "");
  CHECK(without_comment("  #all") == "");
  CHECK(without_comment("a = b # c") == "a = b");
  CHECK(without_comment("a = b\t#\tc") == "a = b");
  CHECK(without_comment("a = b #") == "a = b");
  CHECK(without_comment("a = b # c # d") == "a = b");
  for (const char* line : {"a = b #c", "a = b#", "a = b# c", "a = #1 #2", "a = C#"}) {
    CHECK(without_comment(line) == line);
  }
}

TEST_CASE("comments: any other '#' stays in the value") {
  CHECK(title_of("title = Bug #42") == "Bug #42");
  CHECK(title_of("title = Bug #42 # in C# 7") == "Bug #42");
  CHECK(title_of("title = issue#7") == "issue#7");
  CHECK(title_of("title = Bug # 42") == "Bug");
  const ParsedScenario set = parse(order_domain(), {"scenario.title=Bug #42"});
  REQUIRE(set.scenario);
  CHECK(set.scenario->title == "Bug #42");
}

TEST_CASE("comments: the error for a value with a '#' explains how a comment begins") {
  const ParsedScenario parsed = parse("[workload]\norders = 10 #42\n");
  CHECK(contains(error_texts(parsed.errors), "test.ini:2: orders: "));
  CHECK(contains(error_texts(parsed.errors), "a comment after a value begins with '# '"));
}

TEST_CASE("comments: the error for a key of other sections names them, the likely ones first") {
  const auto error_of = [](const std::string& text) {
    return error_texts(parse(text + order_domain()).errors);
  };
  const std::string tcc = "[scenario]\nprotocol = tcc\n";
  CHECK(contains(error_of(tcc + "[transaction a]\nretries = 3\n"),
                 "unknown key 'retries' in [transaction] (there is retries in [tcc], retries in "
                 "[workload]; txsim describe tcc.retries explains it)"));
  CHECK(contains(error_of(tcc + "[service a]\ntimeout = 3s\n"),
                 "unknown key 'timeout' in [service] (there is try_timeout in [tcc], "));
  CHECK(contains(error_of("[scenario]\nprotocol = two-phase-commit\n[service a]\ntimeout = 3s\n"),
                 "(there is update_timeout in [two-phase-commit], vote_timeout in "));
  CHECK(contains(error_of("[scenario]\nprotocol = two-phase-commit\n[service a]\ntimeout = 3s\n"),
                 "timeout in [workload]; "));
  CHECK_FALSE(contains(error_of(tcc + "[service a]\ntimeout = 3s\n"), "two-phase-commit"));
  CHECK(contains(
      error_of("[transaction a]\nretries = 3\n"),
      "(there is retries in [tcc], retries in [saga-orchestration], retries in [workload]"));
}

TEST_CASE("values: letters beyond ASCII are kept as they are, or are an error with its line") {
  CHECK(title_of("title = Größe → 数量") == "Größe → 数量");
  const ParsedScenario set = parse(order_domain(), {"scenario.title=Größe"});
  REQUIRE(set.scenario);
  CHECK(set.scenario->title == "Größe");
  for (const char* line :
       {"scenario.seed=½", "faults.loss=½%", "network.delay=½ms", "scenario.protocol=größe",
        "idempotent-receiver.enabled=ä", "faults.fault=crash größe at 1s for 1s"}) {
    CAPTURE(line);
    const ParsedScenario wrong = parse(order_domain(), {line});
    CHECK_FALSE(wrong.scenario);
    CHECK(wrong.errors.size() == 1);
  }
}

}  // namespace
}  // namespace txsim
