// The txsim program from a user's view: exit statuses, outputs, files.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <set>
#include <sstream>

#include "scenarios/language.h"
#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("txsim keys: exactly the switches are marked") {
  const std::vector<KeyInfo> keys = scenario_keys();
  for (const KeyInfo& key : keys) {
    if (key.section != "tcc" && key.section != "idempotent-receiver") continue;
    const Ran ran = run_program({"describe", key.section + "." + key.key});
    CAPTURE(ran.output);
    CHECK(contains(ran.output, "(switch) ") == key.is_switch);
  }
  const std::string all = run_program({"keys"}).output;
  std::size_t marks = 0;
  for (std::size_t at = 0; (at = all.find("(switch) ", at)) != std::string::npos; ++at) ++marks;
  CHECK(marks == static_cast<std::size_t>(std::count_if(
                     keys.begin(), keys.end(), [](const KeyInfo& key) { return key.is_switch; })));
  CHECK(marks > 20);
}

TEST_CASE(
    "txsim run: one scenario prints everything and ends with the command that runs it again") {
  const Folder folder;
  const Ran ran = run_program({"run", folder / "good.ini", "--seed", "7"});
  CHECK(ran.error == "");
  CHECK(ran.status == 0);
  for (const char* part : {"It commits", "seed 7", "Transactions", "Timeline", "Verdicts",
                           "Counters", "Expectations", "digest ", "--seed 7\n"}) {
    INFO(part);
    CHECK(contains(ran.output, part));
  }
  CHECK_FALSE(contains(ran.output, "\x1b"));
}

TEST_CASE("txsim run: the exit status tells whether all expectations are met") {
  const Folder folder;
  CHECK(run_program({"run", folder / "good.ini"}).status == 0);
  CHECK(run_program({"run", folder / "bad.ini"}).status == 1);
  CHECK(run_program({"run", folder / "broken.ini"}).status == 2);
  CHECK(run_program({"run", folder / "missing.ini"}).status == 2);
}

TEST_CASE("txsim run: errors of a scenario go to standard error with file and line") {
  const Folder folder;
  const Ran ran = run_program({"run", folder / "broken.ini"});
  CHECK(ran.output == "");
  CHECK(contains(ran.error, folder / "broken.ini" + std::string(":11: ")));
  CHECK(contains(ran.error, "agreement"));
}

TEST_CASE("txsim run: a name of an earlier version is accepted, and its new name is printed once") {
  const Folder folder;
  const std::vector<std::string> line = {"run", folder / "good.ini", folder / "good.ini", "--set",
                                         "entrance.lock=off"};
  const Ran ran = run_program(line);
  CHECK(ran.status == 0);
  CHECK(ran.error ==
        "--set: hint: [entrance] is called [idempotent-receiver] now; the old name still works\n");
  CHECK(contains(run_program({"describe", "entrance.lock"}).output, "[idempotent-receiver]"));
  CHECK(contains(run_program({"keys", "entrance"}).output, "[idempotent-receiver]"));
}

TEST_CASE(
    "txsim run: a folder gives one line for each scenario and a summary, without included parts") {
  const Folder folder;
  folder.remove("broken.ini");
  const Ran ran = run_program({"run", folder.path()});
  CHECK(ran.status == 1);
  CHECK(contains(ran.output, "2 scenarios: 1 as expected, 1 not\n"));
  CHECK_FALSE(contains(ran.output, "part.ini"));
  folder.remove("bad.ini");
  CHECK(run_program({"run", folder.path()}).status == 0);
}

TEST_CASE("txsim run: a file with errors does not stop other files from running") {
  const Folder folder;
  const Ran ran = run_program({"run", folder.path()});
  CHECK(ran.status == 2);
  CHECK(contains(ran.output, "3 scenarios: 1 as expected, 1 not, 1 with errors\n"));
}

TEST_CASE("txsim run --quiet: it prints only unmet expectations") {
  const Folder folder;
  CHECK(run_program({"run", folder / "good.ini", "--quiet"}).output == "");
  const Ran ran = run_program({"run", folder / "bad.ini", "--quiet"});
  CHECK(ran.status == 1);
  CHECK(contains(ran.output, "NOT as expected"));
  CHECK_FALSE(contains(ran.output, "Timeline"));
}

TEST_CASE("txsim run --verify: it runs a second time, and reports that") {
  const Folder folder;
  const Ran one = run_program({"run", folder / "good.ini", "--verify"});
  CHECK(one.status == 0);
  CHECK(one.error == "txsim run: verified 1: the second run is the same, event by event\n");
  folder.remove("broken.ini");
  const Ran all = run_program({"run", folder.path(), "--verify", "--quiet"});
  CHECK(all.status == 1);  // bad.ini does not meet its expectations
  CHECK(all.error.starts_with("txsim run: verified 2: "));
}

TEST_CASE("txsim run --digest: one line for each scenario, the same with and without a trace") {
  const Folder folder;
  const Ran ran = run_program({"run", folder / "good.ini", "--quiet", "--digest"});
  CHECK(lines_of(ran.output) == 1);
  CHECK(ran.output.starts_with("digest " + folder / "good.ini" + " "));
  const Ran traced = run_program(
      {"run", folder / "good.ini", "--quiet", "--digest", "--trace", folder / "trace.jsonl"});
  CHECK(traced.output == ran.output);
}

TEST_CASE("txsim run --json: one object for a file, an array for several") {
  const Folder folder;
  const auto one =
      nlohmann::json::parse(run_program({"run", folder / "good.ini", "--json"}).output);
  CHECK(one["format"] == "txsim-run");
  CHECK(one["as_expected"] == true);
  const Ran both = run_program({"run", folder / "good.ini", folder / "bad.ini", "--json"});
  CHECK(both.status == 1);
  CHECK(nlohmann::json::parse(both.output).size() == 2);
}

TEST_CASE("txsim run --trace: a line for each event under a header, to standard output for -") {
  const Folder folder;
  const Ran ran = run_program({"run", folder / "good.ini", "--trace", "-"});
  CHECK(ran.status == 0);
  std::istringstream lines(ran.output);
  std::string line;
  REQUIRE(std::getline(lines, line));
  CHECK(nlohmann::json::parse(line)["format"] == "txsim-trace");
  std::size_t events = 0;
  while (std::getline(lines, line)) CHECK(nlohmann::json::parse(line)["seq"] == ++events);
  CHECK(events > 20);
}

TEST_CASE("txsim run --mermaid: a sequence diagram") {
  const Folder folder;
  CHECK(run_program({"run", folder / "good.ini", "--mermaid", folder / "d.mmd"}).status == 0);
  CHECK(folder.read("d.mmd").find("sequenceDiagram\n") != std::string::npos);
}

TEST_CASE("txsim run: a file that cannot be written is an error, and its old content stays") {
  const Folder folder;
  const std::size_t files = folder.files();
  for (const std::string& path : {folder.path(), folder / "no/such/folder.json"}) {
    const Ran ran = run_program({"run", folder / "good.ini", "--trace", path});
    CHECK(ran.status == 2);
    CHECK(contains(ran.error, path));
  }
  CHECK(run_program({"run", folder / "good.ini", "--trace", folder / "good.ini"}).status == 2);
  CHECK(run_program({"run", folder / "good.ini"}).status == 0);
  folder.write("old.jsonl", "old");
  const Ran full = run_program({"run", folder / "bad.ini", "--trace", "/dev/full"});
  CHECK(full.status == 2);
  CHECK(contains(full.error, "/dev/full: "));
  CHECK(contains(full.output, "Verdicts"));
  CHECK(folder.files() == files + 1);
  CHECK(run_program({"run", folder / "good.ini", "--trace", folder / "old.jsonl"}).status == 0);
  CHECK(folder.read("old.jsonl").starts_with("{\"format\""));
  CHECK(folder.files() == files + 1);
}

TEST_CASE("txsim run: a full standard output is an error, a closed one is not") {
  const Folder folder;
  CHECK(run_program({"run", folder / "good.ini"}, {}, Output::Full).status == 2);
  const Ran closed = run_program({"run", folder / "good.ini"}, {}, Output::Closed);
  CHECK(closed.status == 0);
  CHECK(closed.error == "");
}

TEST_CASE("txsim run: a wrong command line is a short error with a suggestion") {
  const Folder folder;
  const std::string good = folder / "good.ini";
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"rnu", good},
      {good},
      {"run"},
      {"run", good, "--sed", "7"},
      {"run", good, "--seed"},
      {"run", good, "--seed", "-1"},
      {"run", good, "--seed=-1"},
      {"run", good, "--seed", "18446744073709551616"},
      {"run", good, "--seed", "1.5"},
      {"run", good, "--set"},
      {"run", good, "--set", "nonsense"},
      {"run", good, "--set", "scenario.sed=7"},
      {"run", good, "--set", "="},
      {"run", good, "--set", "workload.orders="},
      {"run", good, "--set", "workload.orders=-1"},
      {"run", good, "--set", "network.loss=nan"},
      {"run", good, "--set", "scenario.horizon=0s"},
      {"run", good, "--set", "nowhere.key=1"},
      {"run", good, "--set", std::string("a\x01\xff.b=\x1b[2J")},
      {"run", good, "--set", std::string(100'000, 'x')},
      {"run", good, "--frobnicate"},
      {"run", ""},
      {"run", good, "--timeline", "many"},
      {"run", good, "--color", "blue"},
      {"run", good, "--json", "--quiet"},
      {"run", good, good, "--trace", folder / "t"},
      {"list", folder / "nowhere"},
      {"describe", "two-phase-comit"},
      {"describe", "agreement", "atomicity"},
      {"keys", "worklod"},
  };
  for (const auto& arguments : wrong) {
    const Ran ran = run_program(arguments);
    std::string line;
    for (const std::string& argument : arguments) line += " " + argument;
    INFO("txsim" << line << "\n" << ran.error);
    CHECK(ran.status == 2);
    CHECK(ran.output == "");
    CHECK(lines_of(ran.error) >= 1);
    CHECK(lines_of(ran.error) <= 2);
  }
  CHECK(contains(run_program({"rnu"}).error, "did you mean 'run'?"));
  CHECK(contains(run_program({"run", good, "--sed", "7"}).error, "did you mean '--seed'?"));
  CHECK(contains(run_program({"keys", "worklod"}).error, "workload"));
  CHECK(contains(run_program({"describe", "agreement", "atomicity"}).error,
                 "txsim describe agreement; txsim describe atomicity"));
  CHECK(contains(run_program({"run", good, "--color", "blue"}).error,
                 "'blue' is not auto, always or never"));
}

TEST_CASE(
    "txsim: --protocol in the wrong place or with a protocol's name points to the right key") {
  const Folder folder;
  const std::string good = folder / "good.ini";
  const auto told = [&](const std::vector<std::string>& arguments, const char* what) {
    const Ran ran = run_program(arguments);
    INFO(ran.error);
    CHECK(ran.status == 2);
    CHECK(ran.output == "");
    CHECK(contains(ran.error, what));
  };
  constexpr const char* kSet =
      "'--protocol' was not expected (--set scenario.protocol=tcc chooses the protocol)";
  told({"run", good, "--protocol", "tcc"}, kSet);
  told({"run", "--protocol=tcc", good}, kSet);
  told({"sweep", good, "--protocol", "2pc"}, "--set scenario.protocol=two-phase-commit");
  told({"run", good, "--protocol", "./mine.so"},
       "--protocol LIBRARY before the command loads protocols");
  told({"list", "--protocol", "tcc"}, "--protocol LIBRARY before the command loads protocols");
  told({"compare", good, "--protocol", "tcc"}, "did you mean '--protocols'?");
  told({"--protocol", "tcc", "run", good},
       "--protocol loads a library, and tcc is a protocol: after the command, --set "
       "scenario.protocol=tcc chooses the protocol");
  told({"compare", good, "--protocols", "2pc"}, "did you mean 'two-phase-commit'?");
}

TEST_CASE("txsim: the way to the glossary, and to a name by some of its words") {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"glossary"}, {"glossery"}, {"terms"}, {"describe", "glossary"}}) {
    const Ran ran = run_program(arguments);
    INFO(ran.error);
    CHECK(ran.status == 2);
    CHECK(contains(ran.error, "txsim describe TERM explains a term"));
    CHECK(contains(ran.error, "docs/glossary.md"));
  }
  CHECK(contains(run_program({"saga"}).error, "txsim describe saga explains it"));
  CHECK(contains(run_program({"describe", "two", "phase"}).output, "two-phase-commit\n"));
  CHECK(contains(run_program({"describe", "three phase"}).output, "three-phase-commit\n"));
  const Ran both = run_program({"describe", "phase commit"});
  CHECK(both.status == 2);
  CHECK(contains(both.error, "'three-phase-commit' or 'two-phase-commit'?"));
}

TEST_CASE("txsim run: a wide answer moves the last column of every transaction") {
  const Folder folder;
  const Ran ran = run_program({"run", folder / "good.ini", "--set", "workload.orders=2", "--set",
                               "network.delay=61.185ms", "--set", "workload.timeout=10s"});
  std::set<std::size_t> places;
  std::istringstream lines(ran.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  T") && contains(line, "told ")) {
      places.insert(line.find("submitted "));
    }
  }
  INFO(ran.output);
  CHECK(places.size() == 1);
}

TEST_CASE("txsim run: colour follows the conventions") {
  const Folder folder;
  const std::string good = folder / "good.ini";
  const auto colored = [&](const std::vector<std::string>& more,
                           const std::vector<std::string>& environment) {
    std::vector<std::string> arguments = {"run", good};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return contains(run_program(arguments, environment).output, "\x1b");
  };
  CHECK_FALSE(colored({}, {}));
  CHECK(colored({"--color=always"}, {}));
  CHECK(colored({"--color", "always"}, {"NO_COLOR=1"}));
  CHECK(colored({}, {"CLICOLOR_FORCE=1"}));
  CHECK_FALSE(colored({}, {"CLICOLOR_FORCE=0"}));
  CHECK_FALSE(colored({}, {"CLICOLOR_FORCE=1", "NO_COLOR=1"}));
  CHECK_FALSE(colored({"--color=never"}, {"CLICOLOR_FORCE=1"}));
}

TEST_CASE("txsim: a scenario without a file is searched in the library") {
  const Folder folder;
  const fs::path library = folder / "share/txsim/scenarios/kind";
  fs::create_directories(library);
  fs::copy(folder.path(), library);
  const std::vector<std::string> shares = {"XDG_DATA_DIRS=relative:/nowhere:" + (folder / "share")};
  const auto run = [&](const std::string& path) { return run_program({"run", path}, shares); };

  for (const char* path : {"kind/good.ini", "scenarios/kind/good.ini"}) {
    const Ran ran = run(path);
    CHECK(ran.status == 0);
    CHECK(contains(ran.output, library / "good.ini, two-phase-commit"));
  }
  CHECK(contains(run("kind").output, "3 scenarios"));
  CHECK(contains(run_program({"list"}, shares).output, "3 scenarios"));
  CHECK(contains(run_program({"list", "kind"}, shares).output, "It commits"));
  CHECK(contains(run_program({"describe", "kind/good.ini"}, shares).output, "It commits"));
  for (const char* path :
       {"", "./kind/good.ini", "/kind/good.ini", "../kind/good.ini", "kind/no.ini"}) {
    CHECK(run(path).status == 2);
  }
  CHECK(run_program({"run", "kind/good.ini"}).status == 2);
}

TEST_CASE("txsim: help, version and descriptions") {
  const std::string version = R"(txsim \d+\.\d+\.\d+(\+g[0-9a-f]+(-dirty)?)?\n)";
  CHECK_THAT(run_program({"--version"}).output, Catch::Matches(version));
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"--help"},
                                             {"run", "--help"},
                                             {"list", "--help"},
                                             {"describe", "--help"},
                                             {"keys", "--help"},
                                             {"keys"},
                                             {"keys", "workload"},
                                             {"describe"},
                                             {"describe", "two-phase-commit"},
                                             {"describe", "atomicity"},
                                             {"describe", "partition"},
                                             {"describe", "Prepare"},
                                             {"describe", "PREPARED"},
                                             {"describe", "voted"},
                                             {"describe", "vacuous"},
                                             {"describe", "deciding"},
                                             {"describe", "coordinator"},
                                             {"describe", "scenario.seed"}}) {
    const Ran ran = run_program(arguments);
    INFO(arguments.front() << " " << arguments.back() << "\n" << ran.output << ran.error);
    CHECK(ran.status == 0);
    CHECK(ran.error == "");
    CHECK_FALSE(ran.output.empty());
  }
}

TEST_CASE("txsim list: each scenario with its title and the violations that it expects") {
  const Folder folder;
  folder.remove("broken.ini");
  const Ran ran = run_program({"list", folder.path()});
  CHECK(ran.status == 0);
  CHECK(contains(ran.output, "good.ini"));
  CHECK(contains(ran.output, "It commits"));
  CHECK_FALSE(contains(ran.output, "part.ini"));
}

TEST_CASE("txsim run: a file that is not a scenario is an error, never a crash") {
  const Folder folder;
  folder.write("empty.ini", "");
  folder.write("binary.ini", std::string("\x00\xff\xfe\x01[[[=\n\x1b]", 11));
  folder.write("self.ini", "[scenario]\ntitle = a\ninclude = self.ini\n");
  folder.write("huge.ini", std::string(17U << 20, '#'));
  for (const char* name : {"empty.ini", "binary.ini", "self.ini", "huge.ini"}) {
    const Ran ran = run_program({"run", folder / name});
    INFO(name << ": " << ran.error.substr(0, 500));
    CHECK(ran.status == 2);
    CHECK(contains(ran.error, name));
  }
  CHECK(run_program({"run", "/dev/zero"}).status == 2);
  CHECK(run_program({"run", "/dev/null"}).status == 2);
}

TEST_CASE("txsim run: a folder without scenarios is reported") {
  const Folder folder;
  fs::create_directory(folder / "empty");
  const Ran ran = run_program({"run", folder / "empty"});
  CHECK(ran.status == 2);
  CHECK(contains(ran.error, "there is no scenario in this folder"));
}

TEST_CASE("txsim run: a million orders finish, and each is counted") {
  const std::string orders = TXSIM_SANITIZED ? "20000" : "1000000";
  const Folder folder;
  const Ran ran = run_program({"run", folder / "good.ini", "--set", "workload.orders=" + orders,
                               "--set", "scenario.horizon=1000h"});
  CHECK(ran.error == "");
  CHECK(ran.status == 1);  // stock suffices for 50
  CHECK(contains(ran.output, "20 committed, "));
  CHECK(contains(ran.output, "all transactions are committed, but: 20 of " + orders));
}
