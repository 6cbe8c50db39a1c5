// Runs of the program that end early: messages, exit status, and files left behind.
#include <fmt/format.h>
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <thread>

#include "sim/utf8.h"
#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;
using Json = nlohmann::json;

std::vector<std::string> sweep(const Folder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> words = {"sweep", folder / "good.ini", "--set",
                                    "network.delay=1ms to 3ms"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// More runs than any test waits for.
std::vector<std::string> endless(const Folder& folder, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words =
      sweep(folder, {"--seeds", "1..100000000", "--out", folder / "a"});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

void wait_for_rows(const Folder& folder) {
  for (int i = 0; i < 3000; ++i) {
    std::error_code error;
    if (fs::file_size(folder / "a/results.jsonl.part", error) > 5000 && !error) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL("no rows were written");
}

std::vector<std::string> temporary_files(const Folder& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    if (entry.path().extension() == ".tmp") files.push_back(entry.path().filename().string());
  }
  return files;
}

std::vector<std::string> asked(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  std::vector<std::string> cells;
  const auto keep = [](void* to, int, char** texts, char**) {
    static_cast<std::vector<std::string>*>(to)->emplace_back(texts[0]);
    return 0;
  };
  CHECK(sqlite3_exec(database, sql.c_str(), keep, &cells, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  return cells;
}

// The place, in hexadecimal, of the first byte that would disturb a terminal or is invalid in XML;
// empty if there is none. JSON keeps names unchanged, so that programs find the file. There only
// bytes that JSON forbids count.
std::string first_harmful(const std::string& text) {
  const bool is_json = text.starts_with('{');
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text, i);
    const unsigned char byte = byte_at(text, i);
    const bool is_control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F ||
                            (!is_json && byte == 0xC2 && byte_at(text, i + 1) < 0xA0);
    const bool is_none = !is_json && text.substr(i, length) == "\xef\xbf\xbf";
    if (length == 0 || is_control || is_none) {
      return fmt::format("0x{:02x} at {}: {}", byte, i, text.substr(i < 40 ? 0 : i - 40, 40));
    }
    i += length;
  }
  return "";
}

std::size_t rows(const Folder& folder, const std::string& file) {
  const std::string text = folder.read(file);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) - 1;
}

}  // namespace

TEST_CASE("txsim merge: if runs are missing, nothing is green") {
  const Folder folder;
  for (const char* shard : {"0/2", "1/2"}) {
    const Ran ran = run_program(
        sweep(folder, {"--seeds", "1..40", "--shard", shard, "--out", folder / "shards"}));
    CHECK(ran.status == 0);
    CHECK_FALSE(contains(ran.output + ran.error, "incomplete"));
  }
  fs::create_directory(folder / "some");
  fs::copy(folder / "shards/shard-0-of-2.jsonl", folder / "some");
  const Ran some = run_program(
      {"merge", folder / "some", "--out", folder / "merged", "--junit", folder / "junit.xml"});
  CHECK(some.status == 1);
  CHECK(contains(some.output, "incomplete: 20 of 40 runs are missing"));
  CHECK(contains(some.error, "incomplete: 20 of 40 runs are present"));
  CHECK(contains(folder.read("merged/report.html"), "Incomplete: 20 of 40 runs are missing"));
  const Json summary = Json::parse(folder.read("merged/summary.json"));
  CHECK(summary["complete"] == false);
  CHECK(summary["planned_runs"] == 40);
  pugi::xml_document junit;
  REQUIRE(junit.load_file((folder / "junit.xml").c_str()));
  CHECK(std::string(junit.child("testsuites").attribute("errors").value()) == "1");

  const Ran all = run_program({"merge", folder / "shards", "--out", folder / "merged"});
  CHECK(all.status == 0);
  CHECK_FALSE(contains(all.output + all.error, "ncomplete"));
  CHECK(Json::parse(folder.read("merged/summary.json"))["complete"] == true);
}

TEST_CASE("txsim sweep: a signal ends it with the runs done so far, and it fails") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(signal);
    const Folder folder;
    const Ran ran =
        run_meanwhile(endless(folder, {"--junit", folder / "junit.xml"}), [&](int process) {
          wait_for_rows(folder);
          CHECK(kill(process, signal) == 0);
        });
    CHECK(ran.status == 1);
    CHECK(contains(ran.error, "incomplete: a signal ended it after "));
    CHECK(contains(ran.output, "incomplete: "));
    CHECK(contains(folder.read("junit.xml"), "<error message=\"incomplete"));
    const Json summary = Json::parse(folder.read("a/summary.json"));
    CHECK(summary["complete"] == false);
    CHECK(summary["all"]["runs"] == rows(folder, "a/results.jsonl"));
    CHECK(fs::exists(folder / "a/results.sqlite"));
    CHECK(temporary_files(folder).empty());
  }
}

TEST_CASE("txsim sweep: --time ends it incomplete, as requested") {
  const Folder folder;
  const Ran ran = run_program(endless(folder, {"--time", "1ms"}));
  CHECK(ran.status == 0);
  CHECK(contains(ran.error, "incomplete: --time ended it after "));
  CHECK(contains(ran.output, "incomplete: "));
}

TEST_CASE("txsim sweep: the next sweep overwrites the files of a killed one") {
  const Folder folder;
  const Ran killed = run_meanwhile(endless(folder), [&](int process) {
    wait_for_rows(folder);
    const Ran second = run_program(endless(folder, {"--resume"}));
    CHECK(second.status == 2);
    CHECK(contains(second.error, "results.sqlite: another txsim is writing it"));
    CHECK(kill(process, SIGKILL) == 0);
  });
  CHECK(killed.status == 128 + SIGKILL);
  CHECK(temporary_files(folder) == std::vector<std::string>{"results.sqlite.tmp"});
  CHECK(run_program(endless(folder, {"--resume", "--time", "1ms"})).status == 0);
  CHECK(temporary_files(folder).empty());
}

TEST_CASE("txsim sweep: if the disk is full, the results hold the rows that were reported") {
  const Folder folder;
  const std::vector<std::string> words =
      sweep(folder, {"--seeds", "1..100", "--jobs", "1", "--out", folder / "a"});
  const Ran full = run_limited("trap '' XFSZ; ulimit -f 256", words);
  CHECK(full.status == 2);
  CHECK(contains(full.error, "results.sqlite: "));
  CHECK(contains(full.error, "the database is not written; 100 rows are in " + folder / "a"));
  CHECK(rows(folder, "a/results.jsonl") == 100);
  CHECK_FALSE(fs::exists(folder / "a/results.sqlite"));
  CHECK(temporary_files(folder).empty());
  std::vector<std::string> again = words;
  again.emplace_back("--resume");
  CHECK(run_program(again).status == 0);
  CHECK(fs::exists(folder / "a/results.sqlite"));
}

TEST_CASE("txsim: out of memory is reported, and is not a usage error") {
  if (TXSIM_SANITIZED) return;  // sanitizers reserve terabytes of addresses
  const Folder folder;
  const Ran ran = run_limited(
      "ulimit -v 200000", {"run", folder / "good.ini", "--set", "workload.orders=50000", "--set",
                           "workload.arrivals=every 1us", "--trace", "/dev/null"});
  CHECK(ran.status == 3);
  CHECK(contains(ran.error, "txsim: out of memory: try fewer orders"));
}

TEST_CASE("txsim: seeds keep all their digits, for every reader") {
  const Folder folder;
  const std::string most = "18446744073709551615";
  const Json run =
      Json::parse(run_program({"run", folder / "good.ini", "--seed", most, "--json"}).output);
  CHECK(run["seed"] == most);
  const Ran trace = run_program({"run", folder / "good.ini", "--seed", most, "--trace", "-"});
  CHECK(contains(trace.output, "\"seed\":\"" + most + "\""));
  const std::string seeds = "18446744073709551613..18446744073709551614";
  const Ran ran = run_program(sweep(folder, {"--seeds", seeds, "--out", folder / "a", "--json"}));
  CHECK(Json::parse(ran.output)["first_seed"] == "18446744073709551613");
  CHECK(contains(folder.read("a/results.jsonl"), "\"seed\":\"18446744073709551614\""));
  CHECK(asked(folder / "a/results.sqlite", "SELECT typeof(seed) || seed FROM runs ORDER BY seed") ==
        std::vector<std::string>{"text18446744073709551613", "text18446744073709551614"});
  run_program(sweep(
      folder, {"--seeds", "9223372036854775806..9223372036854775808", "--out", folder / "b"}));
  CHECK(asked(folder / "b/results.sqlite", "SELECT typeof(seed) || seed FROM runs ORDER BY seed") ==
        std::vector<std::string>{"integer9223372036854775806", "integer9223372036854775807",
                                 "text9223372036854775808"});
}

TEST_CASE("txsim: a file's name appears on the terminal and in pages as harmless text") {
  const Folder folder;
  for (const std::string& bad :
       {std::string("\x1b[31mred.ini"), std::string("c1-\xc2\x9b-31m.ini"),
        std::string("bytes-\xff\x9b\xc3.ini"), std::string("no-character-\xef\xbf\xbf.ini")}) {
    CAPTURE(bad);
    const std::string file = folder / bad;
    folder.write(bad, folder.read("bad.ini"));
    const std::vector<std::vector<std::string>> commands = {
        {"run", file},
        {"run", file, "--quiet"},
        {"run", file, file},
        {"run", file, "--digest"},
        {"run", file, "--set", "scenario.titel=x"},
        {"run", file + "x"},
        {"run", file, "--svg", "-"},
        {"run", file, "--json"},
        {"run", file, "--junit", "-"},
        {"run", file, "--html", "-"},
        {"run", file, "--trace", "-"},
        {"run", file, "--mermaid", "-"},
        {"run", file, "--shiviz", "-"},
        {"run", file, "--chrome-trace", "-"},
        {"run", file, "--dot", "-"},
        {"sweep", file, file, "--seeds", "1..2", "--out", folder / "out-" + bad},
        {"sweep", file, "--seeds", "1..2", "--junit", "-"},
        {"compare", file, "--seeds", "1..2"},
        {"explore", file},
        {"explore", file, "--json"},
        {"shrink", file},
        {"describe", file},
        {"coverage", file},
        {"walk", file, "--crash", "order"},
        {"walk", file, "--crash", "order", "--json"},
        {"walk", file, "--crash", "order", "--html", "-"},
        {"list", folder.path()},
        {file},
        {"describe", bad},
        {"run", "--" + bad}};
    for (const std::vector<std::string>& words : commands) {
      const Ran ran = run_program(words);
      CAPTURE(words);
      CHECK(ran.status < 128);
      CHECK(first_harmful(ran.output) == "");
      CHECK(first_harmful(ran.error) == "");
    }
    pugi::xml_document junit;
    CHECK(junit.load_string(run_program({"run", file, "--junit", "-"}).output.c_str()));
    CHECK(Json::accept(run_program({"run", file, "--json"}).output));
    for (const auto& entry : fs::directory_iterator(folder / "out-" + bad)) {
      if (entry.path().extension() == ".sqlite" || entry.is_directory()) continue;
      CHECK(first_harmful(folder.read("out-" + bad + "/" + entry.path().filename().string())) ==
            "");
    }
    folder.remove(bad);
  }
}

TEST_CASE("txsim: the printed command finds a file of any name") {
  const Folder folder;
  const std::string name = "it's \x1b[31m\xff.ini";
  folder.write(name, folder.read("good.ini"));
  const Ran ran = run_program({"run", folder / name});
  const std::size_t at = ran.output.find("txsim run ");
  REQUIRE(at != std::string::npos);
  const std::string line = ran.output.substr(at + 6, ran.output.find('\n', at) - at - 6);
  CHECK(run_limited("\"$0\" " + line + " && exit 0; exit 9", {}).status == 0);
}

TEST_CASE("txsim replay: --timeline and --quiet work as in txsim run") {
  const Folder folder;
  const std::string found = folder / "found.txt";
  CHECK(run_program({"explore", folder / "good.ini", "--crashes", "1", "--set",
                     "two-phase-commit.force_decision=off", "--out", found})
            .status == 1);
  const std::string all = run_program({"replay", found}).output;
  CHECK(contains(all, "Timeline"));
  const Ran none = run_program({"replay", found, "--timeline", "none"});
  CHECK(none.status == 0);
  CHECK(contains(none.output, "Verdicts"));
  CHECK_FALSE(contains(none.output, "Timeline"));
  const Ran quiet = run_program({"replay", found, "--quiet"});
  CHECK(contains(quiet.output, "violated"));
  CHECK_FALSE(contains(quiet.output, "Timeline"));
  CHECK(run_program({"replay", found, "--timeline", "few"}).status == 2);
}

TEST_CASE("txsim explore --json: it contains the found run and its replay command") {
  const Folder folder;
  const std::vector<std::string> explore = {"explore",   folder / "good.ini",
                                            "--crashes", "1",
                                            "--set",     "two-phase-commit.force_decision=off",
                                            "--json"};
  const Json json = Json::parse(run_program(explore).output);
  CHECK(json["format"] == "txsim-explore");
  CHECK(json["version"] == 1);
  const Json& found = json["counterexample"];
  CHECK(found["length"] == found["choices"].size());
  CHECK(found["run"].is_null());
  folder.write("found.txt", found["schedule"]);
  CHECK(run_program({"replay", folder / "found.txt"}).status == 0);
  std::vector<std::string> written = explore;
  written.insert(written.end(), {"--out", folder / "out.txt"});
  const Json again = Json::parse(run_program(written).output);
  CHECK(again["counterexample"]["run"] == "txsim replay " + folder / "out.txt");
  CHECK(folder.read("out.txt") == found["schedule"]);
  CHECK(contains(json["again"].get<std::string>(), " --crashes 1 "));
  std::vector<std::string> for_good = explore;
  for_good[2] = "--crash-stops";
  const Json stopped = Json::parse(run_program(for_good).output);
  CHECK(contains(stopped["again"].get<std::string>(), " --crash-stops 1 "));
}
