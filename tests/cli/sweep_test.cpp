// txsim sweep and txsim merge from a user's view.
#include <sqlite3.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

#include "tests/cli/folder.h"
#include "tests/cli/program.h"
#include "tests/contains.h"

namespace {

using namespace txsim;

// A sweep of 130 runs over two combinations of the good scenario. Some of them lose messages.
std::vector<std::string> sweep_of(const Folder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> words = {"sweep",  folder / "good.ini",  "--seeds", "3..67",
                                    "--vary", "network.loss=5%,20%"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string results(const Folder& folder, const std::string& name) {
  return folder.read(name + "/results.jsonl");
}

// The state that a sweep killed after `bytes` leaves.
void kill_after(const Folder& folder, const std::string& name, std::size_t bytes) {
  const std::string text = results(folder, name);
  folder.write(name + "/results.jsonl.part", text.substr(0, bytes));
  folder.remove(name + "/results.jsonl");
}

}  // namespace

TEST_CASE("txsim sweep: the same bytes for any number of jobs") {
  const Folder folder;
  const Ran one = run_program(sweep_of(folder, {"--jobs", "1", "--out", folder / "one"}));
  const Ran two = run_program(sweep_of(folder, {"--jobs", "2", "--out", folder / "two"}));
  const Ran many = run_program(sweep_of(folder, {"--jobs", "9", "--out", folder / "many"}));
  CHECK(one.status == 0);
  CHECK(results(folder, "one") == results(folder, "two"));
  CHECK(results(folder, "one") == results(folder, "many"));
  CHECK(one.output == two.output);
  CHECK(folder.read("one/summary.json") == folder.read("many/summary.json"));
  std::istringstream lines(results(folder, "one"));
  std::string line;
  REQUIRE(std::getline(lines, line));
  CHECK(nlohmann::json::parse(line)["format"] == "txsim-sweep");
  std::size_t rows = 0;
  while (std::getline(lines, line)) CHECK(nlohmann::json::parse(line)["cell"] == rows++ % 2);
  CHECK(rows == 130);
}

TEST_CASE("txsim sweep: interrupted anywhere and resumed, it gives the same bytes") {
  const Folder folder;
  run_program(sweep_of(folder, {"--out", folder / "whole"}));
  const std::string whole = results(folder, "whole");
  for (const std::size_t bytes : {std::size_t{0}, whole.find('\n') + 1, whole.size() / 3,
                                  whole.size() / 2 + 17, whole.size() - 1, whole.size()}) {
    INFO(bytes);
    run_program(sweep_of(folder, {"--out", folder / "cut", "--resume"}));
    kill_after(folder, "cut", bytes);
    CHECK(run_program(sweep_of(folder, {"--out", folder / "cut"})).status == 2);  // no file is lost
    const Ran again = run_program(sweep_of(folder, {"--out", folder / "cut", "--resume"}));
    CHECK(again.status == 0);
    CHECK(results(folder, "cut") == whole);
    CHECK(folder.read("cut/summary.json") == folder.read("whole/summary.json"));
  }
}

TEST_CASE(
    "txsim merge: shards in any order, any number of times, give the bytes of a single sweep") {
  const Folder folder;
  run_program(sweep_of(folder, {"--out", folder / "whole"}));
  for (const std::string shard : {"0", "1", "2", "3", "4", "5", "6"}) {
    const Ran ran =
        run_program(sweep_of(folder, {"--shard", shard + "/7", "--out", folder / "shards"}));
    CHECK(ran.status == 0);
  }
  CHECK(run_program({"merge", folder / "shards", "--out", folder / "merged"}).status == 0);
  CHECK(results(folder, "merged") == results(folder, "whole"));
  const std::string shards = folder / "shards/shard-";
  const Ran part = run_program({"merge", shards + "5-of-7.jsonl", shards + "1-of-7.jsonl",
                                shards + "5-of-7.jsonl", "--out", folder / "part"});
  CHECK(part.status == 1);
  CHECK(contains(part.error, "of 130 runs are present"));
  const Ran again = run_program(
      {"merge", folder / "shards", folder / "part", folder / "merged", "--out", folder / "all"});
  CHECK(again.status == 0);
  CHECK(results(folder, "all") == results(folder, "whole"));
  CHECK(folder.read("all/summary.json") == folder.read("whole/summary.json"));
  CHECK(folder.read("all/report.html") == folder.read("whole/report.html"));
}

TEST_CASE("txsim sweep: a page, and pages of the first violated runs beside it") {
  const Folder folder;
  const std::vector<std::string> broken = {"sweep",   folder / "good.ini",
                                           "--seeds", "1..100",
                                           "--set",   "scenario.protocol=uncoordinated",
                                           "--set",   "network.loss=20%",
                                           "--out",   folder / "swept"};
  CHECK(run_program(broken).status == 1);
  const std::string page = folder.read("swept/report.html");
  std::size_t pages = 0;
  for (std::size_t at = page.find("href=\"runs/"); at != std::string::npos;
       at = page.find("href=\"runs/", at + 1)) {
    const std::string name = page.substr(at + 6, page.find('"', at + 6) - at - 6);
    CHECK(contains(folder.read("swept/" + name), "class=\"violation\""));
    ++pages;
  }
  CHECK(pages == 10);
  CHECK(fs::directory_iterator(folder / "swept/runs") != fs::directory_iterator());
  // A run of a scenario that has changed since cannot be shown.
  folder.write("good.ini", folder.read("good.ini") + "[network]\ndelay = 7ms\n");
  CHECK(run_program({"merge", folder / "swept", "--out", folder / "merged"}).status == 1);
  CHECK(!contains(folder.read("merged/report.html"), "href=\"runs/"));
  CHECK(contains(folder.read("merged/report.html"), "First violations"));
}

TEST_CASE(
    "txsim merge: a file that is cut off, damaged or of another sweep is an error with its line") {
  const Folder folder;
  run_program(sweep_of(folder, {"--out", folder / "a"}));
  const std::string whole = results(folder, "a");
  const auto merged = [&](const std::string& text) {
    folder.write("b.jsonl", text);
    const Ran ran =
        run_program({"merge", folder / "a", folder / "b.jsonl", "--out", folder / "merged"});
    CHECK(ran.status == 2);
    return ran.error;
  };
  CHECK(contains(merged(whole.substr(0, whole.size() - 5)), "b.jsonl:131: the last line is cut"));
  CHECK(contains(merged("nothing\n"), "b.jsonl:1: this is not the header"));
  CHECK(contains(merged(whole.substr(0, whole.find('\n') + 1) + "{}\n"), "b.jsonl:2: this is no"));
  std::string other = whole;
  other[other.find("\"digest\":\"") + 10] ^= 1;
  const std::string differs = merged(other);
  CHECK(contains(differs, "seed 3 has different results: digest "));
  CHECK(contains(differs, folder / "a/results.jsonl"));
  CHECK(contains(differs, folder / "b.jsonl"));
  folder.write("good.ini", folder.read("good.ini") + "[network]\ndelay = 7ms\n");
  run_program(sweep_of(folder, {"--out", folder / "c"}));
  CHECK(contains(merged(results(folder, "c")), "belong to different sweeps"));
  CHECK(run_program(sweep_of(folder, {"--out", folder / "a", "--resume"})).status == 2);
  CHECK(results(folder, "a") == whole);
}

TEST_CASE(
    "txsim sweep: violated runs are reported with the command that replays them, and can end it") {
  const Folder folder;
  const std::vector<std::string> broken = {
      "sweep", folder / "good.ini", "--seeds", "1..300", "--set", "scenario.protocol=uncoordinated",
      "--set", "network.loss=10%"};
  const Ran all = run_program(broken);
  CHECK(all.status == 1);
  const std::size_t at = all.output.find("txsim run ");
  REQUIRE(at != std::string::npos);
  const std::string line = all.output.substr(at, all.output.find('\n', at) - at);
  CHECK(contains(line, "--seed "));
  CHECK(contains(line, "--set network.loss=10%"));
  std::vector<std::string> words;
  std::istringstream text(line.substr(line.find(' ') + 1));
  for (std::string word; text >> word;) words.push_back(word);
  const Ran replayed = run_program(words);
  CHECK(replayed.status == 1);
  CHECK(contains(replayed.output, "violated"));

  std::vector<std::string> few = broken;
  few.insert(few.end(), {"--stop-at", "3", "--json", "--jobs", "2"});
  const auto json = nlohmann::json::parse(run_program(few).output);
  CHECK(json["all"]["violated"] == 3);
  CHECK(json["first_violations"].size() == 3);
  CHECK(std::to_string(json["all"]["runs"].get<int>()) == json["first_violations"][2]["seed"]);
}

TEST_CASE("txsim sweep: lines of the fault coverage have the usual width, for any missed phases") {
  const Folder folder;
  const Ran ran = run_program({"sweep", folder / "good.ini", "--seeds", "1..3", "--set",
                               "faults.crash_every=5ms", "--set", "faults.pause_every=5ms", "--set",
                               "faults.pause_for=1ms", "--set", "faults.quiet_after=200ms"});
  const std::size_t from = ran.output.find("Which fault hit which phase");
  REQUIRE(from != std::string::npos);
  const std::string fault_coverage = ran.output.substr(from, ran.output.find("\n\n", from) - from);
  CHECK(contains(fault_coverage, "  never: "));
  std::istringstream lines(fault_coverage);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 111);
}

TEST_CASE("txsim sweep: without any fault the fault coverage is one line") {
  const Folder folder;
  const Ran ran = run_program(
      {"sweep", folder / "good.ini", "--seeds", "1..3", "--set", "network.delay=1ms to 2ms"});
  INFO(ran.output << ran.error);
  CHECK(contains(ran.output, "of a transaction, how often\n  none: no crash or pause, "));
  CHECK_FALSE(contains(ran.output, "never: "));
}

TEST_CASE("txsim sweep: a wrong command line is a short error with a suggestion") {
  const Folder folder;
  const std::string good = folder / "good.ini";
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"--seeds", "7"}, "--seeds: '7' is not A..B"},
      {{"--seeds", "9..7"}, "--seeds: '9..7' has no seed: the last is before the first"},
      {{"--seeds", "0..18446744073709551615"}, "too many seeds: at most 18446744073709551615"},
      {{"--seeds", "1..x"}, "--seeds: 'x' is not"},
      {{"--jobs", "0"}, "--jobs: 0 is not"},
      {{"--shard", "4/4"}, "--shard: '4/4' is not i/n"},
      {{"--shard", "auto/0"}, "--shard: 'auto/0' is not i/n"},
      {{"--shard", "auto"}, "--shard auto: no launcher says which share this is"},
      {{"--vary", "network.loss"}, "--vary: 'network.loss' is not"},
      {{"--vary", "network.los=1%"}, "did you mean"},
      {{"--vary", "network.loss=1%,200%"}, "network.loss=200%"},
      {{"--time", "soon"}, "--time: "},
      {{"--stop-at", "0"}, "--stop-at: 0 is too few"},
      {{"--verify", "120%"}, "--verify: "},
      {{"--resume"}, "--out"},
      {{"--out", good}, "--out "}};
  for (const auto& [words, part] : wrong) {
    std::vector<std::string> all = {"sweep", good};
    all.insert(all.end(), words.begin(), words.end());
    const Ran ran = run_program(all);
    INFO(ran.error);
    CHECK(ran.status == 2);
    CHECK(contains(ran.error, part));
  }
  CHECK(contains(run_program({"sweep", good, "--seeds", "1..3"}).error, "nothing in these"));
}

TEST_CASE("txsim sweep: each launcher gives a process its shard") {
  using Environment = std::vector<std::string>;
  const auto array = [](const char* id, const char* count) {
    return Environment{std::string("SLURM_ARRAY_TASK_ID=") + id, "SLURM_ARRAY_TASK_MIN=10",
                       "SLURM_ARRAY_TASK_MAX=16", "SLURM_ARRAY_TASK_STEP=2",
                       std::string("SLURM_ARRAY_TASK_COUNT=") + count};
  };
  const auto both = [](Environment outer, const Environment& inner) {
    outer.insert(outer.end(), inner.begin(), inner.end());
    return outer;
  };
  const Environment mpi = {"OMPI_COMM_WORLD_RANK=2", "OMPI_COMM_WORLD_SIZE=3"};
  const Environment step = {"SLURM_STEP_ID=0", "SLURM_PROCID=4", "SLURM_STEP_NUM_TASKS=5"};
  struct Told {
    const char* text;
    Environment environment;
    std::string said;
  };
  const std::vector<Told> all = {
      {"auto", mpi, "shard 2/3 (Open MPI 2 of 3)"},
      {"auto", step, "shard 4/5 (Slurm step 4 of 5)"},
      {"auto", both(step, mpi), "shard 2/3 (Open MPI 2 of 3)"},
      {"auto", array("14", "4"), "shard 2/4 (Slurm array 2 of 4)"},
      {"auto", both(array("14", "4"), step), "shard 14/20 (Slurm array 2 of 4, Slurm step 4 of 5)"},
      {"auto", array("14", "3"), "not evenly spaced"},
      {"auto", array("13", "4"), "not evenly spaced"},
      {"auto", array("x", "4"), "SLURM_ARRAY_TASK_ID is 'x', which is not a number"},
      {"auto", {"SLURM_PROCID=0", "SLURM_NTASKS=4"}, "needs srun"},
      {"auto/8", {"JOB_COMPLETION_INDEX=7"}, "shard 7/8 (Kubernetes 7 of 8)"},
      {"auto/8", {"JOB_COMPLETION_INDEX=8"}, "Kubernetes says 8 of 8"},
      {"auto", {"JOB_COMPLETION_INDEX=7"}, "use --shard auto/N with the job's completions"},
      {"auto", {"CI_NODE_INDEX=1", "CI_NODE_TOTAL=2"}, "shard 0/2 (GitLab CI 0 of 2)"},
      {"auto", {"CI_NODE_INDEX=0", "CI_NODE_TOTAL=2"}, "CI_NODE_INDEX is 0, below 1"},
      {"auto", {"CI_NODE_INDEX=1"}, "CI_NODE_TOTAL is ''"},
      {"auto", {"CIRCLE_NODE_INDEX=1", "CIRCLE_NODE_TOTAL=2"}, "shard 1/2 (CircleCI 1 of 2)"},
      {"auto",
       {"BUILDKITE_PARALLEL_JOB=0", "BUILDKITE_PARALLEL_JOB_COUNT=2"},
       "shard 0/2 (Buildkite 0 of 2)"},
      {"auto/4", mpi, "--shard auto/4: there are 3 (Open MPI 2 of 3)"}};
  const Folder folder;
  for (const Told& told : all) {
    const Ran ran = run_program(
        {"sweep", folder / "good.ini", "--seeds", "1..3", "--shard", told.text}, told.environment);
    INFO(told.said);
    INFO(ran.error);
    CHECK(contains(ran.error, told.said));
    CHECK(ran.status == (told.said.starts_with("shard") ? 0 : 2));
  }
}

TEST_CASE("txsim sweep: a full disk is an error, and the sweep can be resumed") {
  const Folder folder;
  run_program(sweep_of(folder, {"--out", folder / "whole"}));
  const Ran ran = run_program(sweep_of(folder, {"--out", "/dev/full"}));
  CHECK(ran.status == 2);
  CHECK(contains(ran.error, "/dev/full"));
}

TEST_CASE("txsim sweep: the database has the rows, and answers the page's example queries") {
  const Folder folder;
  run_program(sweep_of(folder, {"--out", folder / "a"}));
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((folder / "a/results.sqlite").c_str(), &database) == SQLITE_OK);
  const auto ask = [&](const std::string& sql) {
    std::vector<std::string> cells;
    const auto keep = [](void* to, int count, char** texts, char**) {
      for (int i = 0; i < count; ++i) {
        static_cast<std::vector<std::string>*>(to)->emplace_back(texts[i] ? texts[i] : "");
      }
      return 0;
    };
    CHECK(sqlite3_exec(database, sql.c_str(), keep, &cells, nullptr) == SQLITE_OK);
    return cells;
  };
  CHECK(ask("SELECT schema_version, first_seed, seeds FROM sweep") ==
        std::vector<std::string>{"4", "3", "65"});
  CHECK(ask("SELECT count(*) FROM runs") == std::vector<std::string>{"130"});
  CHECK(ask("SELECT value FROM varied ORDER BY cell") == std::vector<std::string>{"5%", "20%"});
  const auto summary = nlohmann::json::parse(folder.read("a/summary.json"));
  CHECK(ask("SELECT sum(messages) FROM runs").front() == summary["all"]["messages"].dump());
  // The queries of docs/sweeps.md, between ```sql and ```.
  std::ifstream page(TXSIM_SOURCE_DIR "/docs/sweeps.md");
  std::string sql;
  int queries = 0;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line == "```" && inside) {
      CHECK_FALSE(ask(sql).empty());
      ++queries;
      sql.clear();
    }
    inside = line == "```sql" || (inside && line != "```");
    if (inside && line != "```sql") sql += line + "\n";
  }
  CHECK(queries == 3);
  sqlite3_close(database);
}
