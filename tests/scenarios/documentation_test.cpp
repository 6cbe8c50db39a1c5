#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/scenarios/parse.h"

namespace txsim {
namespace {

std::string file(const std::string& path) {
  std::ifstream stream(std::string(TXSIM_SOURCE_DIR) + "/" + path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST_CASE("documentation: the example of the scenario language parses") {
  const std::string page = file("docs/scenario-language.md");
  const std::size_t begin = page.find("```ini\n");
  REQUIRE(begin != std::string::npos);
  const std::string example = page.substr(begin + 7, page.find("\n```", begin) - begin - 6);
  const ParsedScenario parsed =
      tests::parse(tests::Files{{"test.ini", example}, {"../order.ini", ""}});
  CAPTURE(tests::texts(parsed.errors));
  REQUIRE(parsed.scenario);
  CHECK(parsed.scenario->faults.size() == 4);
}

TEST_CASE("documentation: every key, fault, event and expectation has a description") {
  for (const auto& sentences : {fault_sentences(), step_sentences(), expectation_sentences()}) {
    for (const SentenceInfo& info : sentences) {
      CAPTURE(info.form);
      CHECK_FALSE(info.meaning.empty());
      CHECK_FALSE(info.example.empty());
    }
  }
}

}  // namespace
}  // namespace txsim
