// Outputs of `txsim run` for other programs: formats of a run, and messages for CI servers.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

using namespace txsim;

TEST_CASE("txsim run --shiviz and --chrome-trace: files for other tools") {
  const Folder folder;
  const Ran ran = run_program({"run", folder / "good.ini", "--shiviz", folder / "run.shiviz",
                               "--chrome-trace", folder / "run.json"});
  CHECK(ran.status == 0);
  CHECK(contains(ran.output, "Verdicts"));
  CHECK(folder.read("run.shiviz").starts_with("(?<event>"));
  CHECK(nlohmann::json::parse(folder.read("run.json"))["traceEvents"].size() > 20);
}

TEST_CASE("txsim run --svg: a picture, even of a run with unmet expectations") {
  const Folder folder;
  CHECK(run_program({"run", folder / "good.ini", "--svg", folder / "run.svg"}).status == 0);
  pugi::xml_document document;
  REQUIRE(document.load_string(folder.read("run.svg").c_str()));
  CHECK(std::string(document.document_element().name()) == "svg");
  const Ran bad = run_program({"run", folder / "bad.ini", "--svg", "-"});
  CHECK(bad.status == 1);
  CHECK(bad.output.starts_with("<svg "));
}

TEST_CASE("txsim run --dot: one graph of all runs, without those that cannot be read") {
  const Folder folder;
  const Ran ran =
      run_program({"run", folder / "good.ini", folder / "bad.ini", folder / "broken.ini", "--dot",
                   "-", "--set", "scenario.protocol=tcc"});
  CHECK(ran.status == 2);
  CHECK(ran.output.ends_with("}\n"));
  CHECK(contains(ran.output, "label=\"tcc: participant\""));
  CHECK(contains(ran.output, "Try; forces tried (4)"));
  CHECK(run_program({"run", folder / "good.ini", "--dot", folder / "good.ini"}).status == 2);
}

TEST_CASE("txsim run --junit: a case for each scenario, even for one that cannot be read") {
  const Folder folder;
  const Ran ran = run_program({"run", folder / "good.ini", folder / "bad.ini",
                               folder / "broken.ini", folder / "good.ini", "--junit", "-"});
  CHECK(ran.status == 2);
  CHECK(ran.output.ends_with("</testsuites>\n"));
  pugi::xml_document document;
  REQUIRE(document.load_string(ran.output.c_str()));
  const pugi::xml_node suite = document.select_node("//testsuite").node();
  CHECK(suite.attribute("tests").as_int() == 4);
  CHECK(suite.attribute("failures").as_int() == 1);
  CHECK(suite.attribute("errors").as_int() == 1);
  CHECK(contains(document.select_node("//failure").node().child_value(), "again: txsim run "));
  CHECK(contains(document.select_node("//error").node().child_value(), "did you mean"));
  const std::string again = folder / "good.ini" + " (2)";
  CHECK(document.select_node("//testcase[4]").node().attribute("name").value() == again);
}

TEST_CASE(
    "txsim sweep --junit: a case for each combination, with each invariant's first violation") {
  const Folder folder;
  const std::vector<std::string> sweep = {"sweep",   folder / "good.ini",
                                          "--seeds", "3..5",
                                          "--vary",  "two-phase-commit.vote_timeout=1s,1ms"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), sweep.begin(), sweep.end());
    return more;
  };
  const Ran ran = run_program(with({"--junit", "-", "--out", folder / "out"}));
  CHECK(ran.status == 1);
  pugi::xml_document document;
  REQUIRE(document.load_string(ran.output.c_str()));
  CHECK(document.select_node("//testsuite").node().attribute("tests").as_int() == 2);
  CHECK(document.select_node("//testsuite").node().attribute("failures").as_int() == 1);
  const pugi::xml_node late = document.select_node("//testcase[2]").node();
  CHECK(std::string(late.attribute("name").value()) ==
        folder / "good.ini" + " two-phase-commit.vote_timeout=1ms");
  const std::string why = late.child("failure").child_value();
  INFO(why);
  CHECK(contains(why, "nontrivial violated in 3 runs, first: txsim run " + (folder / "good.ini") +
                          " --seed 3 --set two-phase-commit.vote_timeout=1ms"));
  const Ran merged =
      run_program({"merge", folder / "out", "--out", folder / "all", "--junit", folder / "x.xml"});
  CHECK(merged.status == 1);
  CHECK(folder.read("x.xml") == ran.output);
  CHECK(run_program(with({"--junit", "-", "--json"})).status == 2);
  CHECK(run_program(with({"--junit", folder / "good.ini"})).status == 2);
  const Ran github = run_program(sweep, {"GITHUB_ACTIONS=true"});
  CHECK(contains(github.error, "::error file=" + (folder / "good.ini")));
}

TEST_CASE("txsim run: two output files with one name, or with a scenario's name, are refused") {
  const Folder folder;
  const std::string good = folder / "good.ini";
  const std::string text = folder.read("good.ini");
  CHECK(run_program({"run", good, "--shiviz", "-", "--trace", "-"}).status == 2);
  CHECK(run_program({"run", good, "--junit", "-", "--trace", "-"}).status == 2);
  CHECK(run_program({"run", good, "--shiviz", folder / "x", "--trace", folder / "x"}).status == 2);
  CHECK(run_program({"run", good, "--junit", good}).status == 2);
  CHECK(run_program({"run", good, folder / "bad.ini", "--trace", folder / "x"}).status == 2);
  CHECK(folder.read("good.ini") == text);
}

TEST_CASE("txsim run on GitHub: an annotation for each failure, and a table in the summary") {
  const Folder folder;
  folder.write("summary.md", "before\n");
  const std::vector<std::string> github = {"GITHUB_ACTIONS=true",
                                           "GITHUB_STEP_SUMMARY=" + (folder / "summary.md")};
  const std::vector<std::string> command = {"run", folder / "good.ini", folder / "bad.ini",
                                            folder / "broken.ini"};
  const Ran ran = run_program(command, github);
  CHECK(ran.status == 2);
  CHECK(contains(ran.error, "::error file=" + (folder / "bad.ini") + ",line="));
  CHECK(contains(ran.error, "title=It should not commit::expected: all transactions are aborted"));
  CHECK(contains(ran.error, "%0Atxsim run "));
  CHECK(contains(ran.error, "::error file=" + (folder / "broken.ini") + ",line="));
  const std::string summary = folder.read("summary.md");
  CHECK(summary.starts_with("before\n### txsim: 3 cases, 2 not as expected\n"));
  CHECK(contains(summary, "| " + (folder / "bad.ini") + " |"));
  CHECK_FALSE(contains(run_program(command).error, "::error"));
  CHECK(folder.read("summary.md") == summary);
}
