// Long searches at a terminal and in CI: time, signals, progress, test reports, and searches that
// are saved and resumed.
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <thread>

#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;
using Json = nlohmann::json;

using Words = std::vector<std::string>;

Words search_of(const Folder& folder, const Words& more) {
  Words words = {"explore", folder / "good.ini"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Ran run_search(const Folder& folder, const Words& more) {
  return run_program(search_of(folder, more));
}

// More states than any test waits for.
Words endless_search(const Folder& folder, const Words& more) {
  Words words = search_of(folder, {"--set", "workload.orders=100"});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// What an exploration is compared by: all but the time it took.
Json without_time(const std::string& output) {
  Json json = Json::parse(output);
  json.erase("elapsed_ms");
  return json;
}

std::string xml_attribute(const Folder& folder, const char* name) {
  pugi::xml_document junit;
  REQUIRE(junit.load_file((folder / "junit.xml").c_str()));
  return junit.child("testsuites").attribute(name).value();
}

// Ends the program by a signal once it handles that. It has begun then: the tests handle signals,
// too, and it does so until it is another program.
void end_by(int signal, int process) {
  const std::string folder = "/proc/" + std::to_string(process);
  for (int i = 0; i < 3000; ++i) {
    std::error_code error;
    const bool is_begun = fs::equivalent(folder + "/exe", TXSIM_PROGRAM, error);  // before the rest
    std::ifstream status(folder + "/status");
    std::string word;
    while (status >> word && word != "SigCgt:") continue;
    std::uint64_t caught = 0;
    status >> std::hex >> caught;
    if (is_begun && ((caught >> (signal - 1)) & 1) != 0) {
      CHECK(kill(process, signal) == 0);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL("the program handles no signal");
}

// The program at a terminal, which shows standard output and standard error.
std::string at_terminal(const Words& words) {
  const std::string quoted = R"~("$(printf '%q ' "$0" "$@")")~";
  return run_limited("script -qec " + quoted + " /dev/null; exit 0", words).output;
}

}  // namespace

TEST_CASE("txsim explore: --time stops a search, which then proves nothing") {
  const Folder folder;
  const Ran ran =
      run_program(endless_search(folder, {"--time", "50ms", "--junit", folder / "junit.xml"}));
  CHECK(ran.status == 1);
  CHECK(contains(ran.output, "not exhausted: --time 50ms stopped the search"));
  CHECK(contains(ran.output, "--save FILE writes a search that is stopped to a file"));
  CHECK(xml_attribute(folder, "errors") == "1");
  CHECK(contains(folder.read("junit.xml"), "not exhausted: --time 50ms stopped the search after"));
  const Ran json = run_program(endless_search(folder, {"--time", "50ms", "--json"}));
  CHECK(Json::parse(json.output)["end"] == "time reached");
  CHECK(run_search(folder, {"--time", "soon"}).status == 2);
}

TEST_CASE("txsim explore: a signal ends it with what it has, and it fails") {
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const Folder folder;
    const Ran ran = run_meanwhile(endless_search(folder, {"--save", folder / "saved", "--json"}),
                                  [&](int process) { end_by(signal, process); });
    CHECK(ran.status == 1);
    const Json json = Json::parse(ran.output);
    CHECK(json["end"] == "interrupted");
    CHECK(json["violated"].is_null());
    CHECK(contains(json["resume"].get<std::string>(), " --resume " + folder / "saved"));
    CHECK(fs::exists(folder / "saved"));
    CHECK_FALSE(fs::exists(folder / "saved.tmp"));
  }
}

TEST_CASE("txsim explore: too many orders are told before the search begins") {
  const Folder folder;
  const Ran ran = run_program(endless_search(folder, {"--time", "1ms"}));
  CHECK(contains(ran.error, "100 orders at the same time"));
  CHECK(contains(ran.error, "try --set workload.orders=1"));
  CHECK(run_search(folder, {}).error.empty());
  CHECK(run_program(endless_search(folder, {"--depth", "2"})).error.empty());
}

TEST_CASE("txsim explore: progress is shown at a terminal, and nowhere else unless asked for") {
  const Folder folder;
  const Words words = endless_search(folder, {"--time", "1s"});
  const std::string shown = at_terminal(words);
  CHECK(contains(shown, " states, "));
  CHECK(contains(shown, " waiting"));
  CHECK(contains(shown, "\r\x1b[K"));
  const Ran ran = run_program(words);
  CHECK_FALSE(contains(ran.error, " waiting"));
  CHECK_FALSE(contains(ran.output, " waiting"));
}

TEST_CASE("txsim explore: a saved search goes on to the same result as one that never stopped") {
  const Folder folder;
  const std::string saved = folder / "saved";
  const Words options = {"--set", "workload.orders=2", "--json"};
  const auto with = [&](const Words& more) {
    Words words = options;
    words.insert(words.end(), more.begin(), more.end());
    return run_search(folder, words);
  };
  Json whole = without_time(with({"--jobs", "1"}).output);
  CHECK(whole["end"] == "exhausted");
  CHECK(whole["states"] > 4'000);
  const Json first = Json::parse(with({"--depth", "9", "--save", saved}).output);
  CHECK(first["end"] == "depth reached");
  CHECK(contains(first["resume"].get<std::string>(), " --depth 18 "));
  const Ran second = with({"--memory", "150KiB", "--save", saved, "--resume", saved});
  CHECK(second.status == 1);
  CHECK(Json::parse(second.output)["end"] == "memory full");
  CHECK(Json::parse(second.output)["states"] > first["states"]);
  for (const char* jobs : {"1", "2"}) {
    const Ran last = with({"--resume", saved, "--jobs", jobs});
    CHECK(last.status == 0);
    CHECK(without_time(last.output) == whole);
  }
}

TEST_CASE("txsim explore --resume: a search that does not belong here is an error with a way out") {
  const Folder folder;
  const std::string saved = folder / "saved";
  CHECK(run_search(folder, {"--crashes", "1", "--depth", "9", "--save", saved}).status == 1);
  const auto told = [&](const Words& more, const std::string& what) {
    Words words = {"--resume", saved};
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = run_search(folder, words);
    CAPTURE(ran.error);
    CHECK(ran.status == 2);
    CHECK(contains(ran.error, saved + ": "));
    CHECK(contains(ran.error, what));
  };
  const std::string again = "it goes on with\n  txsim explore " + folder / "good.ini --crashes 1";
  told({}, "belongs to a search with other --crashes");
  told({}, again);
  told({"--crashes", "1", "--reduce", "all"}, "other --reduce");
  told({"--crashes", "1", "--invariant", "atomicity"}, "other --invariant");
  told({"--crashes", "1", "--set", "scenario.seed=7"}, "another seed");
  told({"--crashes", "1", "--set", "two-phase-commit.resend=off"}, "another scenario");
  const std::string whole = folder.read("saved");
  const auto damaged = [&](const std::string& text, const std::string& what) {
    folder.write("saved", text);
    told({"--crashes", "1"}, what);
    told({"--crashes", "1"}, "without --resume the search begins anew");
  };
  damaged(whole.substr(0, whole.size() / 2), "is damaged: it ends after ");
  damaged(whole.substr(0, 40), "is damaged: it ends in its second line");
  damaged(whole + "x", "is damaged: it has 1 bytes too many");
  damaged("[scenario]\n", "is no search that txsim explore --save has written");
  for (const std::size_t from_end : {1U, 9U, 500U}) {
    std::string other = whole;
    other[other.size() - from_end] = static_cast<char>(other[other.size() - from_end] ^ 1);
    damaged(other, "is damaged: its ");
  }
  std::string older = whole;
  older.replace(older.find("\"saved_by\":\"") + 12, 1, "9");
  damaged(older, "saved by txsim 9");
  folder.remove("saved");
  told({"--crashes", "1"}, "No such file");
}

TEST_CASE("txsim explore --save: if the disk is full, an earlier file is unchanged") {
  const Folder folder;
  const std::string saved = folder / "saved";
  const auto search_to = [&](const char* depth, const Words& more) {
    Words words =
        search_of(folder, {"--set", "workload.orders=2", "--depth", depth, "--save", saved});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  CHECK(run_program(search_to("9", {})).status == 1);
  const std::string before = folder.read("saved");
  const Ran full = run_limited("trap '' XFSZ; ulimit -f 32", search_to("25", {"--resume", saved}));
  CHECK(full.status == 2);
  CHECK(contains(full.error, saved + ": File too large; it is unchanged"));
  CHECK(contains(full.output, "not exhausted: --depth 25 stopped the search"));
  CHECK_FALSE(contains(full.output, "to go on: "));
  CHECK(folder.read("saved") == before);
  CHECK_FALSE(fs::exists(folder / "saved.tmp"));
  CHECK(run_search(folder, {"--save", "-"}).status == 2);
  CHECK(run_search(folder, {"--save", folder / "good.ini"}).status == 2);
}

TEST_CASE("txsim explore --junit: a case passes if the search comes out as expected") {
  const Folder folder;
  CHECK(run_search(folder, {"--junit", folder / "junit.xml"}).status == 0);
  CHECK(xml_attribute(folder, "tests") == "1");
  CHECK(xml_attribute(folder, "failures") == "0");
  CHECK(run_search(folder, {"--crashes", "1", "--set", "two-phase-commit.force_decision=off",
                            "--junit", folder / "junit.xml"})
            .status == 1);
  CHECK(xml_attribute(folder, "failures") == "1");
  const std::string text = folder.read("junit.xml");
  CHECK(contains(text, " is violated after "));
  CHECK(contains(text, "again: txsim explore " + folder / "good.ini --crashes 1"));
  const Ran both = run_search(folder, {"--junit", "-", "--json"});
  CHECK(both.status == 2);
  CHECK(contains(run_search(folder, {"--junit", "-"}).output, "<testsuites"));
}

TEST_CASE("txsim matrix: --time and signals end it with the searches done, and it fails") {
  const Folder folder;
  const Words words = {"matrix",   folder / "good.ini", "--junit", folder / "junit.xml",
                       "--states", "2000000000",        "--set",   "workload.orders=100"};
  Words timed = words;
  timed.insert(timed.end(), {"--time", "100ms"});
  const Ran ran = run_program(timed);
  CHECK(ran.status == 1);
  CHECK(contains(ran.error, "incomplete: --time 100ms ended it after 0 of "));
  CHECK(contains(ran.error, "good.ini: this search is too large to be exhausted"));
  CHECK(contains(ran.output, "of these searches were not finished"));
  CHECK(contains(ran.output, "without two-phase-commit.resend in what was searched"));
  CHECK(xml_attribute(folder, "failures") == "0");
  CHECK(xml_attribute(folder, "errors") != "0");
  const Ran ended = run_meanwhile(words, [&](int process) { end_by(SIGTERM, process); });
  CHECK(ended.status == 1);
  CHECK(contains(ended.error, "incomplete: a signal ended it after 0 of "));
}

TEST_CASE("txsim matrix --junit: a case for each row, and --json says whether it is complete") {
  const Folder folder;
  const Words words = {"matrix",   folder / "good.ini",       "--faults", "none,loss",
                       "--switch", "two-phase-commit.resend", "--junit",  folder / "junit.xml"};
  const Ran ran = run_program(words);
  CHECK(ran.status == 0);
  CHECK(xml_attribute(folder, "tests") == "2");
  CHECK(xml_attribute(folder, "failures") == "0");
  Words unneeded = words;
  unneeded[5] = "two-phase-commit.votes_as_set";
  CHECK(run_program(unneeded).status == 1);
  CHECK(xml_attribute(folder, "failures") == "1");
  CHECK(contains(folder.read("junit.xml"),
                 "nothing is violated without two-phase-commit.votes_as_set"));
  const Ran json = run_program({"matrix", folder / "good.ini", "--faults", "none", "--json"});
  CHECK(Json::parse(json.output)["complete"] == true);
  CHECK(contains(at_terminal({"matrix", folder / "good.ini"}), "; now two-phase-commit "));
}

TEST_CASE("txsim explore --clock: the violating run replays, shrinks and runs to its violation") {
  const Folder folder;
  const std::string found = folder / "found.txt";
  const Ran explored = run_program(
      {"explore", TXSIM_SOURCE_DIR "/tests/runs/two_services.ini", "--clock", "--set",
       "scenario.protocol=two-phase-commit", "--set", "two-phase-commit.heuristic_after=10s",
       "--set", "faults.fault=crash order when order has forced commit, 1st, for 20s", "--out",
       found});
  CHECK(explored.status == 1);
  CHECK(contains(explored.output, "every order that some timing allows"));
  CHECK(run_program({"replay", found}).status == 0);
  const std::string least = folder / "least.ini";
  CHECK(run_program({"shrink", found, "--out", least}).status == 0);
  CHECK(run_program({"run", least}).status == 0);  // it expects the violation
}

TEST_CASE("txsim explore --clock: what it cannot follow is an error with a way out") {
  const Folder folder;
  const auto told = [&](const Words& more) {
    Words words = search_of(folder, {"--clock"});
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = run_program(words);
    CHECK(ran.status == 2);
    return ran.error;
  };
  CHECK(contains(told({"--timeouts", "1"}), "leave out --timeouts or --clock"));
  CHECK(contains(told({"--reduce", "all"}), "leave out --reduce or --clock"));
  CHECK(contains(told({"--save", folder / "save"}), "cannot be saved"));
  CHECK(contains(told({"--set", "network.order=fifo"}), "explore it without --clock"));
  CHECK(contains(told({"--set", "faults.fault=crash order at event 7"}), "at event 7"));
  const Ran retained =
      run_program({"explore", TXSIM_SOURCE_DIR "/tests/runs/two_services.ini", "--clock", "--set",
                   "scenario.protocol=saga-choreography", "--set", "broker.retention=10s"});
  CHECK(retained.status == 2);
  CHECK(contains(retained.error, "broker reads its clock"));
}
