// A program that links the library and adds its own protocols (own_program.cpp).
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;

const std::vector<std::string> kCommands = {"run",      "sweep",  "compare", "merge",    "explore",
                                            "replay",   "shrink", "matrix",  "coverage", "list",
                                            "describe", "keys",   "walk"};

// True if the text suggests a txsim command. Mentions of the library and of its formats do not
// count.
bool suggests_txsim(const std::string& text) {
  return contains(text, "txsim: ") ||
         std::any_of(kCommands.begin(), kCommands.end(), [&](const std::string& command) {
           return contains(text, "txsim " + command);
         });
}

}  // namespace

TEST_CASE("own program: an unusable protocol is an error with a suggestion and status 2") {
  struct Case {
    std::string protocols;
    std::string error;
  };
  const Case cases[] = {
      {"name-taken", "own_program: protocol 'tcc': the name is taken; give it another\n"},
      {"name-twice", "own_program: protocol 'idle': the name is taken; give it another\n"},
      {"bad-name",
       "own_program: protocol 'Not A Name': a name is small letters, digits and -, the first a "
       "letter\n"},
      {"section", "own_program: protocol 'network': [network] is another section"},
      {"misspelt-promise",
       "own_program: protocol 'idle': it promises 'exactly-onse', which is not an invariant (did "
       "you "
       "mean 'exactly-once'?)\n"}};
  for (const Case& one : cases) {
    const Ran ran = run_own(one.protocols, {"keys"});
    CAPTURE(one.protocols, ran.output);
    CHECK(ran.status == 2);
    CHECK(ran.output == "");
    CHECK(ran.error.starts_with(one.error));
  }
}

TEST_CASE("own program: a switch whose default is not the safe setting is a defect") {
  const Ran ran = run_own("unsafe-switch", {"keys"});
  CHECK(ran.status == 3);
  CHECK(contains(ran.error, "own_program: a defect of own_program or of txsim: "));
  CHECK(contains(ran.error, "idle.mechanism is a switch: its default is the safe setting, on"));
}

TEST_CASE("own program: its protocols work in every command, and keys mark their switches") {
  const Folder folder;
  const Ran run = run_own("idle", {"run", folder / "good.ini", "--set", "scenario.protocol=idle"});
  CHECK(run.status == 1);  // the scenario expects a commit
  CHECK(contains(run.output, "idle"));
  const Ran keys = run_own("idle", {"keys", "idle"});
  CHECK(keys.status == 0);
  CHECK(contains(keys.output, "mechanism = on|off"));
  CHECK(contains(keys.output, "(switch) off: it does without (default on)"));
  CHECK(contains(run_own("idle", {"describe", "idle"}).output, "durability"));
  CHECK(contains(run_own("idle", {"compare", "--help"}).output, "saga-choreography,idle"));
}

TEST_CASE("own program: suggested commands begin with its own name") {
  const Folder folder;
  std::vector<std::vector<std::string>> commands = {
      {},
      {"--help"},
      {"runn"},
      {folder / "good.ini"},
      {"run", folder / "good.ini"},
      {"run", folder / "good.ini", "--nonsense"},
      {"run", folder / "good.ini", "--verify"},
      {"sweep", folder / "good.ini", "--seeds", "1..3"},
      {"sweep", folder / "bad.ini", "--seeds", "1..3", "--set", "faults.loss=30%"},
      {"compare", folder / "broken.ini"},
      {"explore", folder / "good.ini", "--crashes", "1"},
      {"shrink", folder / "good.ini"},
      {"matrix", folder / "good.ini", "--json", "--switch", "two-phase-commit.force_decision"},
      {"list", folder.path()},
      {"describe"},
      {"describe", "counterexample"},
      {"describe", "MESSAGE, RECORD, TIMER"},
      {"describe", "no", "such", "thing"},
      {"keys"}};
  for (const std::string& command : kCommands) commands.push_back({command, "--help"});
  for (const std::vector<std::string>& command : commands) {
    const Ran ran = run_own("idle", command);
    CAPTURE(command, ran.output, ran.error);
    CHECK_FALSE(suggests_txsim(ran.output));
    CHECK_FALSE(suggests_txsim(ran.error));
  }
  CHECK(contains(run_own("idle", {"run", folder / "good.ini"}).output, "own_program run "));
  CHECK(contains(run_own("idle", {"--help"}).output, "own_program list; own_program run FILE"));
  CHECK(run_own("idle", {"--version"}).output.starts_with("own_program (txsim "));
  CHECK(run_program({"--version"}).output.starts_with("txsim "));
}

TEST_CASE("own program: the files that it writes suggest its own name") {
  const Folder folder;
  run_own("idle", {"run", folder / "bad.ini", "--quiet", "--html", folder / "run.html"});
  CHECK(contains(folder.read("run.html"), "own_program run "));
  CHECK_FALSE(suggests_txsim(folder.read("run.html")));
  run_own("idle", {"shrink", folder / "bad.ini", "--set", "two-phase-commit.unanimity=off", "--out",
                   folder / "least.ini"});
  run_own("idle", {"sweep", folder / "bad.ini", "--seeds", "1..3", "--out", folder / "results"});
  for (const auto& entry : fs::directory_iterator(folder / "results")) {
    if (!entry.is_regular_file()) continue;
    const std::string name = "results/" + entry.path().filename().string();
    CAPTURE(name);
    CHECK_FALSE(suggests_txsim(folder.read(name)));
  }
}
