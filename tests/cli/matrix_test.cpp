// `txsim matrix` and `txsim coverage` as commands: files, exit statuses, usage errors.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;

Ran matrix_of(const Folder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"matrix", folder / "good.ini", "--jobs",
                                        "1",      "--faults",          "none,loss"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(arguments);
}

}  // namespace

TEST_CASE("txsim matrix: a violation is written as a schedule that replays, and is linked") {
  const Folder folder;
  const Ran ran =
      matrix_of(folder, {"--switch", "two-phase-commit.resend", "--out", folder / "out"});
  CHECK(ran.status == 0);
  CHECK(contains(ran.output, "without two-phase-commit.resend"));
  const std::string schedule =
      "schedules/two-phase-commit-two-phase-commit-resend-loss-convergence.txt";
  const auto json = nlohmann::json::parse(folder.read("out/matrix.json"));
  std::string named;
  for (const auto& cell : json["rows"][1]["cells"]) {
    if (cell["guarantee"] == "convergence" && cell["fault"] == "loss") {
      CHECK(cell["state"] == "violated");
      named = cell["run"]["schedule"];
    }
  }
  CHECK(named == schedule);
  CHECK(contains(folder.read("out/report.html"), schedule));
  CHECK(run_program({"replay", folder / "out/" + schedule}).status == 0);
  // A second run may write to the same folder, but not to another non-empty one.
  CHECK(
      matrix_of(folder, {"--switch", "two-phase-commit.resend", "--out", folder / "out"}).status ==
      0);
  CHECK(matrix_of(folder, {"--out", folder.path()}).status == 2);
}

TEST_CASE("txsim matrix: status 1 if no search needs a mechanism or a bound stops a search") {
  const Folder folder;
  const Ran unneeded = matrix_of(folder, {"--switch", "two-phase-commit.votes_as_set"});
  CHECK(unneeded.status == 1);
  CHECK(contains(unneeded.output, "nothing is violated without two-phase-commit.votes_as_set"));
  const Ran cut = matrix_of(folder, {"--switch", "two-phase-commit.resend", "--states", "20"});
  CHECK(cut.status == 1);
  CHECK(contains(cut.output, "?"));
}

TEST_CASE("txsim matrix: bad usage is an error with a suggestion") {
  const Folder folder;
  const auto told = [&](const std::vector<std::string>& more, const char* what) {
    const Ran ran = matrix_of(folder, more);
    CHECK(ran.status == 2);
    CHECK(contains(ran.error, what));
  };
  told({"--protocol", "tc"}, "did you mean 'tcc'");
  told({"--protocol", "tcc"}, "none of the 1 scenarios uses that protocol");
  told({"--switch", "two-phase-commit.resent"}, "did you mean 'two-phase-commit.resend'");
  told({"--switch", "resend"}, "did you mean 'two-phase-commit.resend'?");
  told({"--switch", "foo"}, "'foo' is no switch of these scenarios; they have ");
  told({"--memory", "much"}, "--memory: 'much' is not an amount");
  const Ran fault = run_program({"matrix", folder / "good.ini", "--faults", "none,los"});
  CHECK(fault.status == 2);
  CHECK(contains(fault.error, "did you mean 'loss'"));
  CHECK(run_program({"matrix", folder / "broken.ini"}).status == 2);
}

TEST_CASE("txsim coverage: runs are compared with an exploration") {
  const Folder folder;
  const std::vector<std::string> command = {"coverage",  folder / "good.ini", "--seeds", "1..3",
                                            "--explore", "--losses",          "1",       "--json"};
  const Ran ran = run_program(command);
  CHECK(ran.status == 0);
  const auto json = nlohmann::json::parse(ran.output);
  CHECK(json["runs"] == 3);
  CHECK(json["met"] > 10);
  CHECK(json["met"] < json["of"]);
  CHECK(contains(json["against"], "up to 1 loss"));
  const Ran cut = run_program({"coverage", folder / "good.ini", "--explore", "--states", "9"});
  CHECK(contains(cut.output, "cut short in 1 by --states 9"));
  CHECK(run_program({"coverage", folder / "good.ini", "--losses", "1"}).status == 2);
  CHECK(run_program({"coverage", folder / "good.ini", "--seeds", "3..1"}).status == 2);
  CHECK(contains(run_program({"coverage", folder / "good.ini", "--seeds", "0..1000000"}).error,
                 "too many seeds: at most 1000000"));
}
