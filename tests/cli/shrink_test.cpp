// txsim shrink from a user's view.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;

// Commits are sent before they are durable, so some crash makes two participants end differently.
const std::vector<std::string> kBroken = {"--set", "two-phase-commit.force_decision=off",
                                          "--set", "faults.crash_every=1s",
                                          "--set", "workload.orders=20"};

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_CASE(
    "txsim shrink: the command that a sweep prints gives a scenario that meets its expectations") {
  const Folder folder;
  const Ran swept = run_program(
      with({"sweep", folder / "good.ini", "--seeds", "1..100", "--stop-at", "1", "--jobs", "1"},
           kBroken));
  CHECK(swept.status == 1);
  const std::size_t at = swept.output.find("txsim shrink ");
  REQUIRE(at != std::string::npos);
  std::vector<std::string> words;
  std::istringstream line(swept.output.substr(at, swept.output.find('\n', at) - at));
  for (std::string word; line >> word;) words.push_back(word);
  words.erase(words.begin());
  const Ran ran = run_program(with(words, {"--out", folder / "least.ini"}));
  CHECK(ran.status == 0);
  CHECK(ran.error.empty());
  for (const std::string part : {"What happened", "Point of no return", "What would have saved it",
                                 "It does not depend on the seed"}) {
    CAPTURE(part);
    CHECK(contains(ran.output, part));
  }
  const Ran again = run_program({"run", folder / "least.ini", "--seed", "99", "--quiet"});
  CHECK(again.status == 0);
  CHECK(again.output.empty());
  CHECK(contains(folder.read("least.ini"), "# The least run that violates "));
}

TEST_CASE("txsim shrink: the settings that would help are described by their keys") {
  const std::string folder = TXSIM_SOURCE_DIR "/scenarios/order/saga-orchestration/";
  const std::string file = folder + "answer-lost-no-deadline.ini";
  CHECK(contains(run_program({"shrink", file}).output,
                 "with saga-orchestration.deadline = 5s, the default: nothing is violated"));
  const auto json = nlohmann::json::parse(run_program({"shrink", file, "--json"}).output);
  const auto& change = json["single_changes"].back();
  CHECK(change["change"] == "with setting");
  CHECK(change["what"] == "saga-orchestration.deadline");
  CHECK(change["value"] == "5s");
}

TEST_CASE("txsim shrink: exit status 1 if nothing is violated, 2 for an unreadable file") {
  const Folder folder;
  const Ran nothing = run_program({"shrink", folder / "good.ini", "--seed", "3"});
  CHECK(nothing.status == 1);
  CHECK(contains(nothing.error, "nothing is violated by"));
  const Ran another = run_program({"shrink", folder / "good.ini", "--invariant", "agreement"});
  CHECK(another.status == 1);
  CHECK(contains(another.error, "agreement is not violated by"));
  const std::vector<std::vector<std::string>> bad = {
      {folder / "broken.ini"},
      {folder / "none.ini"},
      {folder / "good.ini", "--invariant", "agremeent"},
      {folder / "good.ini", "--seed", "-1"},
      {folder / "good.ini", "--tries", "0"},
      {folder / "good.ini", "--out", folder / "good.ini"},
      {folder / "good.ini", "--out", folder / "none/least.ini"}};
  for (const std::vector<std::string>& words : bad) {
    CAPTURE(words);
    const Ran ran = run_program(with({"shrink"}, words));
    CHECK(ran.status == 2);
    CHECK_FALSE(ran.error.empty());
  }
  CHECK(contains(folder.read("good.ini"), "It commits"));
}

TEST_CASE("txsim shrink: a schedule from explore, --json, and --out - for other programs") {
  const Folder folder;
  const Ran found = run_program({"explore", folder / "good.ini", "--crashes", "1", "--set",
                                 "two-phase-commit.force_decision=off", "--invariant", "agreement",
                                 "--jobs", "1", "--out", folder / "found.txt"});
  CHECK(found.status == 1);
  const Ran ran = run_program({"shrink", folder / "found.txt", "--json"});
  CHECK(ran.status == 0);
  const auto json = nlohmann::json::parse(ran.output);
  CHECK(json["invariant"] == "agreement");
  CHECK(json["independent_of_seed"] == true);
  const Ran printed = run_program({"shrink", folder / "found.txt", "--out", "-"});
  CHECK(printed.status == 0);
  CHECK(printed.output == json["scenario"]);
  CHECK(run_program({"shrink", folder / "found.txt", "--seed", "1"}).status == 2);
  folder.write("found.txt", folder.read("found.txt") + "step 99. point sings\n");
  CHECK(run_program({"shrink", folder / "found.txt"}).status == 4);
}
