#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "scenarios/glossary.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;

// Joins lines, so that line breaks do not matter.
std::string in_one_line(const std::string& text) {
  std::istringstream words(text);
  std::string line;
  for (std::string word; words >> word;) line += (line.empty() ? "" : " ") + word;
  return line;
}

}  // namespace

TEST_CASE("glossary: docs/glossary.md equals the texts of txsim describe") {
  std::ifstream file(TXSIM_SOURCE_DIR "/docs/glossary.md");
  std::ostringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  const std::string rows = glossary_rows();
  REQUIRE(text.ends_with("| --- | --- | --- | --- |\n" + rows));
}

TEST_CASE("glossary: txsim describe knows each term, its synonyms and its references") {
  std::set<std::string> seen;
  int number = 0;
  for (const Term& term : glossary()) {
    if (number++ % (TXSIM_SANITIZED ? 7 : 1) != 0) continue;
    std::vector<std::string_view> names = term.also;
    names.push_back(term.name);
    for (const std::string_view name : names) {
      CAPTURE(name);
      CHECK(seen.insert(normal_term(name)).second);  // each word belongs to one term
      const Ran ran = run_program({"describe", std::string(name)});
      CHECK(ran.status == 0);
      CHECK(contains(in_one_line(ran.output), std::string(term.says)));
    }
    for (const std::string_view name : term.see) {
      CAPTURE(name);
      CHECK(run_program({"describe", std::string(name)}).status == 0);
    }
  }
}

TEST_CASE("glossary: the most common words are there, in any spelling") {
  for (const char* word :
       {"unknown", "mixed", "saga", "2pc", "xa", "restart", "deploy", "reservation", "2PC",
        "Two Phase Commit", "in-doubt", "orchestrator", "choreography", "compensation", "outbox",
        "inbox", "idempotency", "fencing", "lease"}) {
    CAPTURE(word);
    CHECK(run_program({"describe", word}).status == 0);
  }
  CHECK(contains(run_program({"describe", "two", "phase", "commit"}).output, "Log records"));
  CHECK(contains(run_program({"describe", "2pc"}).output, "Log records"));
  CHECK(contains(run_program({"describe", "sagaa"}).error, "did you mean 'saga'?"));
}
